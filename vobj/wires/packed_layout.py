"""What the packed wire knows of a schema: which field has which number, and what may stand there.

Theory
    A payload has positions where other wires have names, so both sides need the same schema: the
    fields sorted by name, and for each a *place* that follows from its wire type. A place writes
    the value of a tree into its packed form and reads it back; the two methods of a place are
    inverse to each other, and reading refuses every form that writing does not give.

    Most places take any value as it is and are None, so that nothing is called for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from vobj.errors import Key, PayloadError, VobjError
from vobj.history import OBJECT, Schema, WireType
from vobj.wires.packed_values import SHORT_FORMS, PackedForm, packed_form
from vobj.wires.wire import malformed

_REMEMBERED = 1_024


class ObjectWriter(Protocol):
    """Writes what stands in an object position; `around` is the namespace of the object there."""

    def object(self, value: Any, around: str) -> Any: ...


class ObjectReader(Protocol):
    """Reads what stands in an object position."""

    def object(self, value: Any, around: str) -> Any: ...


class Place(Protocol):
    """One kind of position."""

    def write(self, value: Any, writer: ObjectWriter, around: str, /) -> Any:
        """The packed form of a value of a tree. Raises TypeError for what msgpack cannot hold."""
        ...

    def read(self, value: Any, reader: ObjectReader, around: str, /) -> Any:
        """The value of the packed form. Raises PayloadError (`payload/malformed`)."""
        ...


def natural(value: Any) -> Any:
    """The value as plain msgpack holds it. Raises TypeError for what it cannot hold."""
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"dict keys are text, not {type(key).__name__}")
        return {key: natural(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [natural(one) for one in value]
    if value is None or isinstance(value, _PLAIN):
        return value
    raise TypeError(f"it has no form for {type(value).__name__}")


_PLAIN = (str, int, float, bytes, bytearray, memoryview)


def wrong(why: str) -> PayloadError:
    """The error for bytes that are not of this wire."""
    return malformed("packed", why)


@dataclass(frozen=True, slots=True)
class _Short:
    """Text that has a short form; a value that is neither text nor None is wrapped."""

    kind: str
    form: PackedForm

    def write(self, value: Any, _writer: ObjectWriter, _around: str) -> Any:
        if value is None:
            return None
        if isinstance(value, str):
            short = SHORT_FORMS[self.form].shorten(value)
            return value if short is None else short
        return [natural(value)]

    def read(self, value: Any, _reader: ObjectReader, _around: str) -> Any:
        if value is None:
            return None
        if type(value) is int or type(value) is bytes:
            text = SHORT_FORMS[self.form].restore(value)
            if text is None:
                raise wrong(f"no short form of {self.kind}")
            return text
        if type(value) is str:
            if SHORT_FORMS[self.form].shorten(value) is not None:
                raise wrong(f"text of {self.kind} that has a short form")
            return value
        if type(value) is list and len(value) == 1 and not isinstance(value[0], str | None):
            return value[0]
        raise wrong(f"{type(value).__name__} where {self.kind} stands")


@dataclass(frozen=True, slots=True)
class _Sequence:
    """A list or a set."""

    element: Place

    def write(self, value: Any, writer: ObjectWriter, around: str) -> Any:
        if not isinstance(value, list | tuple):
            return natural(value)
        element = self.element
        return [element.write(one, writer, around) for one in value]

    def read(self, value: Any, reader: ObjectReader, around: str) -> Any:
        if type(value) is not list:
            return value
        element, made = self.element, []
        try:
            for one in value:
                made.append(element.read(one, reader, around))  # noqa: PERF401 - tells the index
        except VobjError as error:
            raise error.within(len(made)) from error.__cause__
        return made


@dataclass(frozen=True, slots=True)
class _Table:
    """A dict with text keys."""

    element: Place

    def write(self, value: Any, writer: ObjectWriter, around: str) -> Any:
        if not isinstance(value, dict):
            return natural(value)
        natural(dict.fromkeys(value))  # holds the keys to text
        element = self.element
        return {key: element.write(one, writer, around) for key, one in value.items()}

    def read(self, value: Any, reader: ObjectReader, around: str) -> Any:
        if type(value) is not dict:
            return value
        element, made = self.element, {}
        for key, one in value.items():
            try:
                made[key] = element.read(one, reader, around)
            except VobjError as error:
                raise error.within(Key(key)) from error.__cause__
        return made


@dataclass(frozen=True, slots=True)
class _ObjectPlace:
    """An object position."""

    def write(self, value: Any, writer: ObjectWriter, around: str) -> Any:
        return writer.object(value, around)

    def read(self, value: Any, reader: ObjectReader, around: str) -> Any:
        return reader.object(value, around)


def _place(kind: WireType) -> Place | None:
    """What stands where a value of a wire type does; None when it is the value as it is."""
    if kind.kind == OBJECT:
        return _ObjectPlace()
    if kind.kind in ("List", "Set", "Dict"):
        element = None if kind.element is None else _place(kind.element)
        if element is None:
            return None
        return _Table(element) if kind.kind == "Dict" else _Sequence(element)
    form = packed_form(kind.kind)
    return None if form is PackedForm.NATURAL else _Short(kind.kind, form)


class Layout:
    """The fields of a schema by number.

    names: the wire names, sorted; the number of a field is its index. numbers: the reverse.
    declared: `(name, number)` in the order of the schema. placed: `(number, name, place)` of the
    fields that are not written as they are. full: the bitmap of all fields. width: its bytes.
    """

    __slots__ = (
        "declared", "fingerprint", "full", "names", "numbers", "placed", "schema", "width",
    )  # fmt: skip

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.fingerprint = bytes.fromhex(schema.fingerprint)
        self.names = tuple(sorted(schema.fields))
        self.numbers = {name: number for number, name in enumerate(self.names)}
        self.declared = tuple((name, self.numbers[name]) for name in schema.fields)
        self.placed = tuple(
            (number, name, place)
            for number, name in enumerate(self.names)
            if (place := _place(schema.fields[name])) is not None
        )
        self.full = (1 << len(self.names)) - 1
        self.width = (len(self.names) + 7) // 8

    def bitmap(self, mask: int) -> bytes:
        """The bytes of a set of fields."""
        return mask.to_bytes(self.width, "little")

    def listed(self, mask: int) -> list[str]:
        """The names of a set of fields, in the order of the schema."""
        if mask == self.full:
            return [name for name, _ in self.declared]
        return [name for name, number in self.declared if mask >> number & 1]


_LAYOUTS: dict[int, Layout] = {}


def layout_of(schema: Schema) -> Layout:
    """The layout of a schema, remembered by identity: comparing schemas costs more than that."""
    found = _LAYOUTS.get(id(schema))
    if found is None or found.schema is not schema:
        if len(_LAYOUTS) >= _REMEMBERED:
            _LAYOUTS.clear()
        found = _LAYOUTS[id(schema)] = Layout(schema)
    return found
