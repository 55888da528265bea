"""What a law needs of a codec: the verbs, and a look inside its payloads."""

from __future__ import annotations

from typing import Any, Protocol

from vobj.evolve import Catalog, Envelope, Node
from vobj.testkit.bare import BareCodec


class Exchange(Protocol):
    """The verbs of `vobj.Codec`; `vobj.testkit.bare.BareCodec` has them as well."""

    def backport(self, data: Any, to: Any) -> Any:
        """A payload in older versions."""
        ...

    def upgrade(self, data: Any) -> Any:
        """A payload in the newest versions."""
        ...

    def merge(
        self,
        current: Any,
        edited: Any,
        base: Any = None,
        *,
        on_conflict: str = "raise",
        absent: str = "keep",
        unrepresentable: str = "raise",
    ) -> Any:
        """The put-back of an older caller's edits."""
        ...


def catalog_of(codec: Exchange) -> Catalog:
    """The classes that a codec knows."""
    if isinstance(codec, BareCodec):
        return codec.catalog
    from vobj.codec import Codec
    from vobj.model import ClassCatalog

    assert isinstance(codec, Codec)
    return ClassCatalog(codec.base)


def tree_of(codec: Exchange, payload: Any) -> Node:
    """The envelope in a payload."""
    if isinstance(codec, BareCodec):
        return dict(payload)
    from vobj.codec import WIRES, Codec

    assert isinstance(codec, Codec)
    return Envelope.of(codec.base.OBJ_SERIAL_NAMESPACE).check(
        WIRES[codec.wire].decode(payload, codec.limits)
    )
