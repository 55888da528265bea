"""What the law tests draw: a newest payload, and what an older caller was sent of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import assume
from hypothesis import strategies as st

from vobj.evolve import Node
from vobj.history import state_at
from vobj.testkit import laws
from vobj.testkit.bare import ENVELOPE, BareCodec
from vobj.testkit.stories import Family, manifest
from vobj.testkit.strategies import families, key_of, payloads, versions
from vobj.version import Manifest, Version


class Exchange(NamedTuple):
    """A newest payload and what an older caller was sent of it."""

    family: Family
    codec: BareCodec
    newest: Node
    at: dict[str, int]
    older: Node

    @property
    def to(self) -> Manifest:
        """What the caller asked for."""
        return manifest(self.at)

    def both_names(self) -> list[tuple[str, str]]:
        """What the fields that both sides have are called on the older and the newer one."""
        story = self.family.top
        older, newest = Version(1, self.at[story.name]), story.history.version
        states = [(state_at(one, older), state_at(one, newest)) for one in story.declarations]
        return [(low.name, high.name) for low, high in states if low.exists and high.exists]

    def list_field(self, *, keyed: bool) -> tuple[str, str] | None:
        """The older and the newest name of a list of objects, all or not all of which have keys."""
        kinds = self.family.top.moments[self.at[self.family.top.name]].fields
        for low, high in self.both_names():
            elements = ENVELOPE.data(self.older).get(low)
            if kinds[low].shape() == ("List",) and kinds[low].child() is not None and elements:
                keys = [key_of(one, self.family) for one in elements]
                if keyed == (None not in keys):
                    return (low, high)
        return None

    def with_elements(self, field: str, elements: list[Node]) -> Node:
        """What the caller was sent, with other elements in one list."""
        data = {**ENVELOPE.data(self.older), field: elements}
        return {**self.older, ENVELOPE.key("data"): data}


@st.composite
def exchanges(draw: Any, *, oldest: bool = False, **wishes: Any) -> Exchange:
    """Exchanges that no refusal prevents; `wishes` are those of `families`.

    oldest: the caller speaks the oldest versions there are.
    """
    family = draw(families(**wishes))
    full = wishes.get("keyed") is not None
    newest = draw(payloads(family, complete=full, max_size=2 if full else 3))
    floor = {one.name: one.history.oldest.minor for one in family.stories}
    at = floor if oldest else draw(versions(family))
    older = laws.backport_or_none(family.codec(), newest, manifest(at))
    assume(older is not None)
    return Exchange(family, family.codec(), newest, at, older)
