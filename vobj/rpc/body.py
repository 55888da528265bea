"""Structures with versioned objects at any depth, as bytes: what tasks, caches and logs carry.

Theory
    A body is msgpack, or JSON, of plain data, as oslo.serialization writes it, in which an object
    is its envelope or a packed payload (`vobj.rpc.text`). So what was written without vobj is read
    as what it is, and any msgpack or JSON reader can look inside.

    A reader takes all of them whatever it writes itself. A body that starts as a container tells
    which of the two it is; any other is of the reader's own wire.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Collection
from typing import Any

from oslo_versionedobjects import base as oslo

from vobj.codec import WIRES, Target
from vobj.errors import PayloadError, UsageError
from vobj.rpc.carrier import PACKED, Carrier, Pin, WireName
from vobj.rpc.structure import CONTAINERS, received, with_parts
from vobj.rpc.text import as_binary, from_text, is_packed, refuse_form
from vobj.wires import Limits, sniff

MSGPACK, JSON = "msgpack", "json"
BODIES: Collection[str] = (MSGPACK, JSON, PACKED)

_ENVELOPE = "primitive"


class Body:
    """Writes and reads bodies; any thread may use it at any time. The settings are a Carrier's."""

    def __init__(
        self,
        wire: WireName = MSGPACK,
        *,
        base: type[oslo.VersionedObject],
        to: Pin,
        indirection_api: oslo.VersionedObjectIndirectionAPI | None,
        limits: Limits,
        policy: str | None,
    ) -> None:
        """Raises UsageError (`wire/unknown`, `usage/argument`)."""
        self._carrier = Carrier(
            BODIES, base=base, to=to, wire=wire, indirection_api=indirection_api, limits=limits,
            policy=policy,
        )  # fmt: skip
        self._limits = limits

    def encode(self, value: Any, context: object = None) -> bytes:
        """The bytes of a value.

        Raises UsageError (`usage/argument`) for what the wire cannot hold and for dict keys that
        are no text, and what `Codec.encode` raises; all with the path.
        """
        wire, target = self._carrier.wire(), self._carrier.pinned()
        plain = self._plain(value, wire, target, context)
        made = WIRES[JSON if wire == JSON else MSGPACK].encode(plain)
        assert isinstance(made, bytes)
        return made

    def decode(self, data: object, context: object = None) -> Any:
        """The value in bytes, with every object in it in versions that this process reads.

        Raises RemoteErrors, and what the indirection client does; all with the path.
        """
        carrier, envelope = self._carrier, self._carrier.envelope

        def stands_for_object(one: Any) -> bool:
            return envelope.is_node(one) or is_packed(one)

        def read(one: dict[str, Any]) -> Any:
            packed = from_text(one, self._limits)
            return carrier.opened(one if packed is None else packed, context)

        tree = WIRES[self._wire_of(data)].decode(data, self._limits)
        return received(tree, stands_for_object, read, self._limits)

    def _wire_of(self, data: object) -> str:
        if isinstance(data, bytes | bytearray | memoryview | str) and len(data) > 1:
            try:
                found = sniff(data)
            except PayloadError:
                found = ""
            if found in (MSGPACK, JSON):
                return found
        return JSON if self._carrier.wire() == JSON else MSGPACK

    def _plain(self, value: Any, wire: str, target: Target | None, context: object) -> Any:
        if isinstance(value, self._carrier.base):
            if wire == PACKED:
                return as_binary(self._carrier.payload(value, PACKED, target, context))
            return self._carrier.payload(value, _ENVELOPE, target, context)
        if isinstance(value, oslo.VersionedObject):
            raise UsageError(
                f"{type(value).__name__} is no {self._carrier.base.__name__}: its base is another",
                rule="usage/argument",
            )
        if isinstance(value, CONTAINERS):
            return self._container(value, wire, target, context)
        if isinstance(value, datetime.datetime) and wire != JSON:
            return _named_zone(value)
        return value

    def _container(self, value: Any, wire: str, target: Target | None, context: object) -> Any:
        refuse_form(value)
        if isinstance(value, dict):
            for key in value:
                if not isinstance(key, str):
                    raise UsageError(
                        f"Expected dict keys of text, got {key!r:.60}", rule="usage/argument"
                    )
        made = with_parts(value, lambda part: self._plain(part, wire, target, context))
        if isinstance(value, set | frozenset) and wire != JSON:
            return _set_again(value, made)
        return made


def _set_again(value: set[Any] | frozenset[Any], parts: list[Any]) -> Any:
    """Parts as the set they were, unless objects among them have become dicts."""
    try:
        return type(value)(parts) if type(value) in (set, frozenset) else set(parts)
    except TypeError:
        return parts


def _named_zone(value: datetime.datetime) -> datetime.datetime:
    """The same instant in a time zone that msgpack can name: readers look zones up by name."""
    zone = value.tzinfo
    if zone is None or zone is datetime.UTC or isinstance(zone, zoneinfo.ZoneInfo):
        return value
    return value.astimezone(datetime.UTC)
