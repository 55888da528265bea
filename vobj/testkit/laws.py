"""The laws of backport, upgrade and put-back, as functions that raise when one is broken.

Theory
    Each function takes a codec, payloads of that codec and what a peer asks for, and checks one law
    on them. It returns whether the law had anything to say: where a declaration refuses, there is
    no law. A payload given as the newest one is in the newest versions that its classes have. Every
    function holds law (j) as well: what was passed in is as it was, whatever happened.

    A project tries them on its own classes with its own objects:

        codec = vobj.Codec("json", base=MyObject)
        laws.check_backport_again(codec, codec.encode(server), {"Server": "1.1"})
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from vobj.errors import MergeConflict, MergeError, RefusedError, UnrepresentableEdit
from vobj.evolve import Envelope, Node
from vobj.testkit.exchange import Exchange, catalog_of, tree_of
from vobj.testkit.meaning import meaning
from vobj.testkit.presence import presence_faults
from vobj.testkit.survival import Spared, lost, spared_again, spared_down, spared_up


class LawBroken(AssertionError):
    """A law does not hold; `.law` is its letter."""

    def __init__(self, law: str, text: str) -> None:
        super().__init__(f"law ({law}): {text}")
        self.law = law


@contextmanager
def unchanged(*payloads: Any) -> Iterator[None]:
    """Law (j): the payloads are as they were when the block ends, also when it raises."""
    before = copy.deepcopy(payloads)
    try:
        yield
    finally:
        for one, was in zip(payloads, before, strict=True):
            if not _identical(one, was):
                raise LawBroken("j", f"{was!r} was passed in and became {one!r}")


def _identical(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(_identical(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_identical, one, other))
    return bool(one == other) or one != one


def _expect_equal(law: str, codec: Exchange, got: Any, wanted: Any, what: str) -> None:
    catalog = catalog_of(codec)
    one, other = meaning(catalog, tree_of(codec, got)), meaning(catalog, tree_of(codec, wanted))
    if not _identical_meaning(one, other):
        raise LawBroken(law, f"{what}: expected {other!r}, got {one!r}")


def _identical_meaning(one: Any, other: Any) -> bool:
    return bool(one == other)


def _equal(codec: Exchange, one: Any, other: Any) -> bool:
    catalog = catalog_of(codec)
    return _identical_meaning(
        meaning(catalog, tree_of(codec, one)), meaning(catalog, tree_of(codec, other))
    )


def backport_or_none(codec: Exchange, payload: Any, to: Any) -> Any:
    """The backport, or None where the declaration refuses it."""
    try:
        return codec.backport(payload, to)
    except RefusedError:
        return None


def check_backport_again(codec: Exchange, newest: Any, to: Any) -> bool:
    """Law (a): a backport that is upgraded and backported again is the same.

    Except for fields on whose way an up-lossy change is newer than a down-lossy one.
    """
    with unchanged(newest):
        older = backport_or_none(codec, newest, to)
        if older is None:
            return False
        with unchanged(older):
            raised = codec.upgrade(older)
        again = backport_or_none(codec, raised, to)
        if again is None:
            return False
        _expect_nothing_lost("a", codec, older, older, again, spared_again)
    return True


def check_visible_survives(codec: Exchange, newest: Any, to: Any) -> bool:
    """Law (b): what no change on the way down loses comes back with the upgrade."""
    with unchanged(newest):
        older = backport_or_none(codec, newest, to)
        if older is None:
            return False
        raised = codec.upgrade(older)
    _expect_nothing_lost("b", codec, newest, older, raised, spared_down)
    return True


def check_older_survives(codec: Exchange, older: Any, to: Any) -> bool:
    """Law (e): an older payload that is upgraded and sent back is the same, but for upward losses.

    to: what the older side speaks, which is the versions in the payload.
    """
    with unchanged(older):
        raised = codec.upgrade(older)
        with unchanged(raised):
            back = backport_or_none(codec, raised, to)
        if back is None:
            return False
    _expect_nothing_lost("e", codec, older, older, back, spared_up)
    return True


def _expect_nothing_lost(
    law: str, codec: Exchange, was: Any, older: Any, got: Any, spared: Spared
) -> None:
    mine, middle, theirs = (tree_of(codec, one) for one in (was, older, got))
    found = lost(catalog_of(codec), mine, middle, theirs, spared)
    if found:
        raise LawBroken(law, "; ".join(map(str, found)))


def check_untouched_put_back(codec: Exchange, base: Any, to: Any, current: Any = None) -> bool:
    """Law (c): putting back what was not edited changes nothing, also when somebody else did.

    current: the object as it is now; None says it is still `base`.
    """
    now = base if current is None else current
    with unchanged(base, now):
        older = backport_or_none(codec, base, to)
        if older is None:
            return False
        with unchanged(older):
            made = codec.merge(now, older, base)
            _expect_equal("c", codec, made, now, "the put-back of no edit")
            if current is None:
                _expect_equal("c", codec, codec.merge(now, older), now, "the same without a base")
    return True


def check_edit_shows(codec: Exchange, newest: Any, edited: Any, to: Any) -> bool:
    """Law (d): an edit that the newer version can hold is seen again by who made it.

    edited: what the older caller made of `backport(newest, to)`; a field it left out is cleared. An
    edit that cannot be held raises `merge/unrepresentable`, and can be discarded.
    """
    with unchanged(newest, edited):
        if backport_or_none(codec, newest, to) is None:
            return False
        representable = _is_representable(codec, edited, to)
        try:
            made = codec.merge(newest, edited, newest, absent="clear")
        except UnrepresentableEdit as error:
            if representable:
                raise LawBroken("d", f"a representable edit raised {error}") from error
            codec.merge(newest, edited, newest, absent="clear", unrepresentable="discard")
            return True
        except MergeError as error:
            raise LawBroken("d", f"one caller alone raised {error}") from error
        shown = backport_or_none(codec, made, to)
        if shown is None:
            raise LawBroken("d", "what the edit made of the object cannot be sent back")
        _expect_equal("d", codec, shown, edited, "what the caller sees after its own edit")
    return True


def _is_representable(codec: Exchange, edited: Any, to: Any) -> bool:
    back = backport_or_none(codec, codec.upgrade(edited), to)
    return back is not None and _equal(codec, back, edited)


def check_edit_twice(codec: Exchange, newest: Any, edited: Any, to: Any) -> bool:
    """Law (d): the same edit on both sides is no conflict."""
    with unchanged(newest, edited):
        if backport_or_none(codec, newest, to) is None:
            return False
        try:
            once = codec.merge(newest, edited, newest, absent="clear")
        except UnrepresentableEdit:
            return False
        with unchanged(once):
            try:
                again = codec.merge(once, edited, newest, absent="clear")
            except MergeConflict as error:
                raise LawBroken("d", f"an edit is in conflict with itself: {error}") from error
        _expect_equal("d", codec, again, once, "the same edit put back twice")
    return True


def check_policies_settle(codec: Exchange, base: Any, current: Any, edited: Any) -> bool:
    """Law (d): whatever two sides did, a put-back succeeds or says why, and a policy settles it."""
    settled = True
    with unchanged(base, current, edited):
        try:
            codec.merge(current, edited, base, absent="clear")
        except MergeConflict:
            settled = False
        except UnrepresentableEdit:
            pass
        for winner in ("current", "edited"):
            try:
                codec.merge(
                    current,
                    edited,
                    base,
                    absent="clear",
                    on_conflict=winner,
                    unrepresentable="discard",
                )
            except (MergeConflict, UnrepresentableEdit) as error:
                raise LawBroken("d", f"on_conflict={winner!r} still raised {error}") from error
            except MergeError:
                return False
    return settled


def check_disjoint_edits(codec: Exchange, base: Any, current: Any, edited: Any, to: Any) -> bool:
    """Law (d): edits of different fields by two callers both survive.

    current: `base` after somebody changed some fields; edited: `backport(base, to)` after the older
    caller changed others. Fields that one converter joins count as one.
    """
    with unchanged(base, current, edited):
        seen = backport_or_none(codec, base, to)
        try:
            made = codec.merge(current, edited, base, absent="clear")
        except UnrepresentableEdit:
            return False
        except MergeConflict as error:
            raise LawBroken("d", f"disjoint edits are in conflict: {error}") from error
        shown = backport_or_none(codec, made, to)
    before, now, after = (_fields(codec, one) for one in (base, current, made))
    for name in {**before, **now}:
        if now.get(name) != before.get(name) and after.get(name) != now.get(name):
            raise LawBroken("d", f"the newer {name} {now.get(name)!r} became {after.get(name)!r}")
    if seen is None or shown is None:
        return False
    sent, wrote, reads = (_fields(codec, one) for one in (seen, edited, shown))
    for name in {**sent, **wrote}:
        if wrote.get(name) != sent.get(name) and reads.get(name) != wrote.get(name):
            raise LawBroken("d", f"the older {name} {wrote.get(name)!r} is {reads.get(name)!r}")
    return True


def _fields(codec: Exchange, payload: Any) -> dict[str, Any]:
    """The fields of the top object, comparable."""
    return dict(meaning(catalog_of(codec), tree_of(codec, payload)).data)


def check_conflict(
    codec: Exchange, base: Any, current: Any, edited: Any, to: Any, field: str
) -> bool:
    """Law (d): different edits of one field conflict, and the winner of a policy wins whole.

    field: its older name; nothing else was edited on either side.
    """
    with unchanged(base, current, edited):
        try:
            codec.merge(base, edited, base, absent="clear")
        except UnrepresentableEdit:
            return False
        sent, shown = backport_or_none(codec, base, to), backport_or_none(codec, current, to)
        if sent is None or shown is None:
            return False
        views = [_fields(codec, one).get(field) for one in (sent, shown, edited)]
        if views[2] in views[:2] or views[0] == views[1]:
            return False
        try:
            made = codec.merge(current, edited, base, absent="clear")
        except MergeConflict:
            made = None
        if made is not None:
            raise LawBroken("d", f"different edits of {field} were merged into {made!r}")
        kept = codec.merge(current, edited, base, absent="clear", on_conflict="current")
        _expect_equal("d", codec, kept, current, "the current side wins")
        won = codec.merge(current, edited, base, absent="clear", on_conflict="edited")
        _expect_equal("d", codec, codec.backport(won, to), edited, "the edited side wins")
    return True


def check_presence(codec: Exchange, newest: Any, to: Any) -> bool:
    """What is set at the top after a backport and an upgrade follows from the changes alone.

    A removed field comes back with what it is restored to, an added one is gone and is backfilled
    only where it is absent, and any other field is set exactly if it was.
    """
    with unchanged(newest):
        older = backport_or_none(codec, newest, to)
        if older is None:
            return False
        raised = codec.upgrade(older)
    trees = [tree_of(codec, one) for one in (newest, older, raised)]
    for text in presence_faults(catalog_of(codec), *trees):
        raise LawBroken("presence", text)
    return True


def check_hops(codec: Exchange, newest: Any, hops: Sequence[Any]) -> bool:
    """Law (h): one hop equals hop by hop. hops: what is asked for, from newer to older."""
    with unchanged(newest):
        direct = backport_or_none(codec, newest, hops[-1])
        stepwise = newest
        for hop in hops:
            stepwise = backport_or_none(codec, stepwise, hop)
            if stepwise is None:
                return False
        if direct is None:
            return False
    _expect_equal("h", codec, direct, stepwise, "one hop and several")
    return True


def check_elements_keep_hidden_data(
    codec: Exchange, newest: Any, rearranged: Any, field: tuple[str, str], to: Any
) -> bool:
    """Law (f): deleting, inserting and moving elements leaves hidden data on its own element.

    rearranged: `backport(newest, to)` with other elements in one list, none of them edited. field:
    the name of that list in the older and in the newest version.
    """
    older_name, newer_name = field
    with unchanged(newest, rearranged):
        older = backport_or_none(codec, newest, to)
        if older is None:
            return False
        try:
            made = codec.merge(newest, rearranged, newest)
        except UnrepresentableEdit:
            return False
        except MergeError as error:
            raise LawBroken("f", f"elements that only moved raised {error}") from error
    envelope = Envelope.of(catalog_of(codec).prefix)
    before, seen, after, edited = (
        envelope.data(tree_of(codec, payload)).get(name) or []
        for payload, name in (
            (newest, newer_name), (older, older_name), (made, newer_name), (rearranged, older_name),
        )
    )  # fmt: skip
    _expect_own_data(codec, before, seen, after, edited)
    return True


def _expect_own_data(
    codec: Exchange, before: list[Node], seen: list[Node], after: list[Node], edited: list[Node]
) -> None:
    """Every kept element is in the result as it was; so is every hidden one.

    Of elements that the caller sees as equal, nobody can tell which one it kept.
    """
    catalog = catalog_of(codec)
    whole = [meaning(catalog, one) for one in before]
    shown = [meaning(catalog, one) for one in seen]
    result = [meaning(catalog, one) for one in after]
    visible = [one for one in whole if _is_shown(one, shown)] if len(seen) < len(before) else whole
    kept = [meaning(catalog, one) for one in edited]
    for was, one in zip(visible, shown, strict=True):
        if shown.count(one) == 1 and one in kept and was not in result:
            raise LawBroken("f", f"{was!r} lost what {one!r} does not show; got {result!r}")
    for was in whole:
        if was not in visible and was not in result:
            raise LawBroken("f", f"the hidden element {was!r} is gone from {result!r}")


def _is_shown(one: Any, shown: list[Any]) -> bool:
    return any(one.name == other.name for other in shown)
