"""Which HTTP status an error has: by its rule where that says more, else by its class."""

from __future__ import annotations

from collections.abc import Mapping

from vobj.errors import (
    ConversionError,
    LimitError,
    ManifestError,
    MergeError,
    MethodError,
    PayloadError,
    RefusedError,
    RemoteError,
    VobjError,
)

MALFORMED, UNKNOWN, CONFLICT, TOO_LARGE, REFUSED = 400, 404, 409, 413, 422
FAILED = 500
BUSY, SLOW_BODY, SLOW_ANSWER = 503, 408, 504

_BY_RULE: Mapping[str, int] = {
    "conductor/busy": BUSY,
    "conductor/method": UNKNOWN,
    "conductor/slow": SLOW_ANSWER,
    "manifest/child-unnamed": REFUSED,
    "manifest/limit": TOO_LARGE,
    "manifest/major": REFUSED,
    "merge/conflict": CONFLICT,
    "payload/class": UNKNOWN,
    "version/newer": REFUSED,
    "version/unsupported": REFUSED,
}


def status_of(error: Exception) -> int:
    """400 malformed, 404 unknown, 409 conflict, 413 too large, 422 refused, 500 failed, 503 or
    504."""
    match error:
        case VobjError() if error.rule in _BY_RULE:
            return _BY_RULE[error.rule]
        case LimitError():
            return TOO_LARGE
        case MergeError() | RefusedError() | ConversionError():
            return REFUSED
        case MethodError() if error.exception is not None:
            return REFUSED
        case PayloadError() | ManifestError() | RemoteError():
            return MALFORMED
        case _:
            return FAILED
