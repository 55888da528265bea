"""Wires: payloads to trees and back, within limits.

Theory
    A wire knows bytes and trees. It knows nothing of versions and classes: what the trees mean is
    for evolve and model. The text codecs are handed in, so that nothing here imports oslo:
    `standard_wires(json=jsonutils, msgpack=msgpackutils)`. So are the schemas of classes, which
    only the packed wire needs.

    Whatever a peer sends, decoding gives a tree or a RemoteError, in time and memory that are
    linear in what `Limits` allows.
"""

from collections.abc import Mapping
from types import MappingProxyType

from vobj.wires.json import JsonWire
from vobj.wires.limits import DEFAULT_LIMITS, Limits
from vobj.wires.msgpack import MAX_EXTENSIONS_NESTED, MsgpackWire
from vobj.wires.packed import PackedWire
from vobj.wires.packed_schemas import SchemaResolver, Schemas, known_schemas
from vobj.wires.packed_values import PackedForm, packed_form
from vobj.wires.primitive import PrimitiveWire
from vobj.wires.sniff import open_payload, pick, sniff
from vobj.wires.wire import Payload, TextCodec, Wire

__all__ = [
    "DEFAULT_LIMITS",
    "MAX_EXTENSIONS_NESTED",
    "JsonWire",
    "Limits",
    "MsgpackWire",
    "PackedForm",
    "PackedWire",
    "Payload",
    "PrimitiveWire",
    "SchemaResolver",
    "Schemas",
    "TextCodec",
    "Wire",
    "known_schemas",
    "open_payload",
    "packed_form",
    "pick",
    "sniff",
    "standard_wires",
]


def standard_wires(
    *, json: TextCodec[str], msgpack: TextCodec[bytes], schemas: Schemas | None = None
) -> Mapping[str, Wire]:
    """The wires by name, over what is handed in; `packed` is among them if schemas are."""
    wires: list[Wire] = [PrimitiveWire(), JsonWire(json), MsgpackWire(msgpack)]
    if schemas is not None:
        wires.append(PackedWire(schemas))
    return MappingProxyType({wire.name: wire for wire in wires})
