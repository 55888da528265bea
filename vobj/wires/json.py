"""The JSON wire: text as oslo.serialization's jsonutils gives and takes it.

Theory
    The parser is recursive, so the text is measured before it: brackets outside strings give the
    depth, commas and brackets the number of values. Most payloads need less. Counting *all*
    brackets and commas, also those inside strings, can only give too much, and costs next to
    nothing; the strings are cut out only when that sum is over a limit.

    As with jsonutils, `NaN`, `Infinity` and lone surrogates (`"\\ud800"`) are read, numbers of more
    digits than the interpreter converts are not, and of equal keys in one dict the last counts.
    Text is UTF-8 without a byte order mark.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from vobj.errors import PayloadError
from vobj.wires.limits import DEFAULT_LIMITS, Limits, over_count, over_depth, over_size
from vobj.wires.wire import TextCodec, malformed, read, reason, write

_BLANKS = b" \t\r\n"
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


class JsonWire:
    """Payloads are UTF-8 bytes; text is read as well."""

    name = "json"

    def __init__(self, text: TextCodec[str]) -> None:
        self._text = text

    def encode(self, tree: dict[str, Any]) -> bytes:
        """The bytes of a tree.

        Raises UsageError (`usage/argument`) with the path of the value that JSON cannot hold.
        """
        return write(self.name, self._text.dumps, tree).encode()

    def decode(self, data: object, limits: Limits = DEFAULT_LIMITS) -> object:
        """The tree of bytes or text.

        Raises PayloadError (`payload/malformed`) and LimitError (`payload/size`, `payload/depth`,
        `payload/count`).
        """
        raw = self._bytes(data, limits)
        _measure(raw, limits)
        try:
            text = data if isinstance(data, str) else raw.decode()
        except UnicodeDecodeError as error:
            raise malformed(self.name, reason(error)) from None
        return read(self.name, self._text.loads, text, limits)

    def _bytes(self, data: object, limits: Limits) -> bytes:
        if not isinstance(data, str | bytes | bytearray | memoryview):
            raise PayloadError(
                f"Expected JSON as bytes or text, got {type(data).__name__}",
                rule="payload/malformed",
            )
        size = data.nbytes if isinstance(data, memoryview) else len(data)
        if size > limits.max_bytes:
            raise over_size(limits)
        # A lone surrogate cannot be sent but may stand in text; here it only has to be measured.
        raw = data.encode(errors="surrogatepass") if isinstance(data, str) else bytes(data)
        if len(raw) > limits.max_bytes:
            raise over_size(limits)
        return raw


def _measure(raw: bytes, limits: Limits) -> None:
    """Raises LimitError when the text is nested too deeply or has too many values."""
    opened = raw.count(b"[") + raw.count(b"{")
    if opened <= limits.max_depth and opened + raw.count(b",") < limits.max_values:
        return
    # The parser stops at a backslash outside a string, so all that count are inside of one.
    quoted = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    if quoted.count(b'"') > 4 * limits.max_values:  # a value brings two strings: itself and its key
        raise over_count(limits)
    bare = b"0".join(quoted.split(b'"')[::2]).translate(None, _BLANKS)
    empty = bare.count(b"[]") + bare.count(b"{}")
    brackets = bare.translate(None, _NO_BRACKETS)
    opened = brackets.count(b"[") + brackets.count(b"{")
    if bare.count(b",") + opened - empty + 1 > limits.max_values:
        raise over_count(limits)
    if max(accumulate(map(_STEP.__getitem__, brackets)), default=0) > limits.max_depth:
        raise over_depth(limits)
