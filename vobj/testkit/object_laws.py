"""The laws that need real objects and bytes: encode for a peer, decode, encode again."""

from __future__ import annotations

from typing import Any

from oslo_versionedobjects import base

from vobj.codec import Codec
from vobj.errors import RefusedError
from vobj.testkit.exchange import catalog_of, tree_of
from vobj.testkit.laws import LawBroken, backport_or_none, unchanged
from vobj.testkit.meaning import meaning


def check_encode_for_peer(codec: Codec, obj: base.VersionedObject, to: Any) -> bool:
    """Law (g): backport(encode(x), to) == encode(x, to), byte for byte."""
    before = obj.obj_to_primitive()
    whole = codec.encode(obj)
    with unchanged(whole):
        stepwise = backport_or_none(codec, whole, to)
    try:
        direct = codec.encode(obj, to)
    except RefusedError as error:
        if stepwise is not None:
            raise LawBroken("g", f"encode refused what backport did not: {error}") from error
        return False
    finally:
        _expect_untouched(obj, before)
    if stepwise is None:
        raise LawBroken("g", f"backport refused what encode gave: {direct!r}")
    if direct != stepwise:
        raise LawBroken("g", f"encode gave {direct!r}, backport {stepwise!r}")
    return True


def check_encode_again(codec: Codec, obj: base.VersionedObject) -> bool:
    """Law (i): encode(decode(b)) == b for what this codec encoded at the current version."""
    before = obj.obj_to_primitive()
    data = codec.encode(obj)
    with unchanged(data):
        again = codec.encode(codec.decode(data))
    _expect_untouched(obj, before)
    if again != data:
        raise LawBroken("i", f"{data!r} was read and written as {again!r}")
    return True


def check_decode_upgrades(codec: Codec, older: Any) -> bool:
    """Decoding an older payload gives the object of its upgrade, and remembers the stamp."""
    with unchanged(older):
        obj = codec.decode(older)
        raised = codec.upgrade(older)
    catalog = catalog_of(codec)
    got = meaning(catalog, tree_of(codec, codec.encode(obj)))
    wanted = meaning(catalog, tree_of(codec, raised))
    if got != wanted:
        raise LawBroken("e", f"decode gave {got!r}, upgrade {wanted!r}")
    stamp = tree_of(codec, older)[f"{catalog.prefix}.version"]
    if obj.obj_received_version != stamp:
        raise LawBroken("e", f"{stamp} was received as {obj.obj_received_version}")
    return True


def _expect_untouched(obj: base.VersionedObject, before: Any) -> None:
    after = obj.obj_to_primitive()
    if _without_order(after) != _without_order(before):
        raise LawBroken("j", f"the object was {before!r} and became {after!r}")


def _without_order(value: Any) -> Any:
    """oslo writes sets and `changes` in any order."""
    if isinstance(value, dict):
        return {
            key: sorted(one) if key.endswith(".changes") else _without_order(one)
            for key, one in value.items()
        }
    if isinstance(value, tuple):
        return sorted(map(repr, value))
    return [_without_order(one) for one in value] if isinstance(value, list) else value
