"""A packed payload where only plain data can stand: inside JSON, or inside a msgpack structure.

Theory
    It is a dict of exactly one key, `{"vobj.packed": payload}`: the payload as standard base64 with
    padding where the body is text, as bytes where the body can hold bytes. Readers take either. The
    key is reserved: a sender refuses a dict of its caller that has this form, so what is read in
    this form was packed, or was made by a peer that means harm.
"""

from __future__ import annotations

import base64
from typing import Any

from vobj.errors import PayloadError, UsageError
from vobj.wires import DEFAULT_LIMITS, Limits
from vobj.wires.limits import over_size

KEY = "vobj.packed"

_MAGIC = b"\xc1"


def as_text(data: bytes) -> dict[str, Any]:
    """What stands for a packed payload in JSON."""
    return {KEY: base64.b64encode(data).decode("ascii")}


def as_binary(data: bytes) -> dict[str, Any]:
    """What stands for a packed payload in msgpack."""
    return {KEY: data}


def is_packed(value: object) -> bool:
    """True for a dict that has the form, whatever its payload is."""
    return isinstance(value, dict) and len(value) == 1 and KEY in value


def from_text(value: object, limits: Limits = DEFAULT_LIMITS) -> bytes | None:
    """The packed payload that `value` stands for; None when it is not of the form.

    Raises PayloadError (`payload/malformed`) for the form with anything in it but a packed payload
    as bytes or base64, and LimitError (`payload/size`).
    """
    if not (isinstance(value, dict) and is_packed(value)):
        return None
    held = value[KEY]
    data = held if isinstance(held, bytes) else _decoded(held, limits)
    if not data.startswith(_MAGIC):
        raise _malformed("what is there starts as no packed payload does")
    return data


def _decoded(held: object, limits: Limits) -> bytes:
    if not isinstance(held, str):
        raise _malformed(f"got {type(held).__name__}")
    if len(held) // 4 * 3 > limits.max_bytes + 2:  # the padding stands for up to two bytes
        raise over_size(limits)
    try:
        return base64.b64decode(held, validate=True)
    except ValueError as error:
        raise _malformed(str(error)) from None


def refuse_form(value: object) -> None:
    """Raises UsageError (`usage/argument`) for plain data that a reader would take for packed."""
    if is_packed(value):
        raise UsageError(
            f"A dict with the one key {KEY!r} is how a packed object travels; send other data"
            " under another key",
            rule="usage/argument",
        )


def _malformed(why: str) -> PayloadError:
    return PayloadError(f"Expected base64 or bytes under {KEY!r}: {why}", rule="payload/malformed")
