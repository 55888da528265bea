"""What a wire is, and the two boundaries where the exceptions of a text codec become ours.

Theory
    A wire turns a tree into a payload and back. A tree is what a versioned object's `to_primitive`
    gives: dicts with text keys, lists, tuples, text, numbers, booleans, None, and on msgpack the
    values that oslo.serialization has extension types for. The text rules (how a datetime is
    written, which floats are allowed) belong to a text codec that is handed in;
    `oslo_serialization.jsonutils` and `oslo_serialization.msgpackutils` are text codecs as they
    stand.

    What cannot be written is the local program's mistake, what cannot be read is the peer's. A text
    codec runs handlers for extension types on the peer's bytes, and those raise what they like:
    KeyError, OSError, exceptions of other libraries. This is the one place that turns all of them
    into a RemoteError.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from vobj.errors import Key, LimitError, PayloadError, Segment, UsageError
from vobj.wires.limits import DEFAULT_LIMITS, Limits, over_depth

Payload = bytes | dict[str, Any]
Text = TypeVar("Text", str, bytes)

_SHOWN = 200
_UNWRITABLE = (TypeError, ValueError, OverflowError, RecursionError)


class TextCodec(Protocol[Text]):
    """Writes trees as text (JSON) or bytes (msgpack), and reads them back."""

    def dumps(self, obj: Any, /) -> Text:
        """The text of a tree."""
        ...

    def loads(self, s: Text, /) -> Any:
        """The tree of a text."""
        ...


class Wire(Protocol):
    """One way of writing payloads. Wires hold no state: any thread may use one at any time."""

    @property
    def name(self) -> str:
        """`primitive`, `json`, `msgpack` or `packed`."""
        ...

    def encode(self, tree: dict[str, Any]) -> Payload:
        """The payload of a tree; the tree stays as it is.

        Raises UsageError (`usage/argument`) with the path of the value that the wire cannot hold.
        """
        ...

    def decode(self, data: object, limits: Limits = DEFAULT_LIMITS) -> object:
        """The tree of a payload.

        Raises PayloadError (`payload/malformed`) and LimitError (`payload/size`, `payload/depth`,
        `payload/count`), and nothing else whatever the bytes are.
        """
        ...


def write(wire: str, dumps: Callable[[Any], Text], tree: object) -> Text:
    """`dumps(tree)`; raises UsageError with the path of the value that `dumps` cannot write."""
    try:
        return dumps(tree)
    except _UNWRITABLE as error:
        path, culprit = _culprit(dumps, tree)
        raise UsageError(
            f"The {wire} wire cannot hold this {type(culprit).__name__}: {reason(error)}",
            rule="usage/argument",
            path=path,
        ) from error


def _culprit(dumps: Callable[[Any], Text], tree: object) -> tuple[tuple[Segment, ...], object]:
    """The innermost part of a tree that cannot be written, and its path.

    It stops at the default depth, for a tree that contains itself has no innermost part.
    """
    path: list[Segment] = []
    while len(path) < DEFAULT_LIMITS.max_depth:
        for segment, part in _parts(tree):
            try:
                dumps(part)
            except _UNWRITABLE:
                path.append(segment)
                tree = part
                break
        else:
            break
    return tuple(path), tree


def _parts(tree: object) -> list[tuple[Segment, object]]:
    if isinstance(tree, dict):
        return [(Key(key), value) for key, value in tree.items()]
    if isinstance(tree, list | tuple):
        return list(enumerate(tree))
    return []


def read(wire: str, loads: Callable[[Text], Any], text: Text, limits: Limits) -> object:
    """`loads(text)`; raises RemoteErrors only."""
    try:
        tree: object = loads(text)
    except RecursionError:
        raise over_depth(limits) from None
    except MemoryError:
        raise LimitError("The payload does not fit into memory", rule="payload/size") from None
    except Exception as error:  # handlers of extension types raise anything
        raise malformed(wire, reason(error)) from error
    return tree


def malformed(wire: str, why: str) -> PayloadError:
    """The error for bytes that are not of a wire."""
    return PayloadError(f"Expected {wire}, got what is not: {why}", rule="payload/malformed")


def reason(error: Exception) -> str:
    """The name and the text of an exception, on one line of a length that is fit for a log."""
    text = f"{type(error).__name__}: {error}".rstrip(": ")
    if not text.isprintable():
        text = ascii(text)[1:-1]
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
