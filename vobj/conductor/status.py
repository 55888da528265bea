"""Which HTTP status an error has, and what became of a request by its status.

Errors have a status by their rule where that says more, else by their class.
"""

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

OK = 200
MALFORMED, NO_TOKEN, UNKNOWN, CONFLICT, UNNAMED, TOO_LARGE, REFUSED = (
    400,
    401,
    404,
    409,
    412,
    413,
    422,
)
GONE = 499  # nobody reads it: for the log, as other servers write it
FAILED = 500
BUSY, SLOW_BODY, SLOW_ANSWER = 503, 408, 504

_BY_RULE: Mapping[str, int] = {
    "conductor/busy": BUSY,
    "conductor/method": UNKNOWN,
    "conductor/slow": SLOW_ANSWER,
    "conductor/token": NO_TOKEN,
    "manifest/child-unnamed": REFUSED,
    "manifest/limit": TOO_LARGE,
    "manifest/major": REFUSED,
    "manifest/unknown-fingerprint": UNNAMED,
    "merge/conflict": CONFLICT,
    "payload/class": UNKNOWN,
    "version/newer": REFUSED,
    "version/unsupported": REFUSED,
}


def status_of(error: Exception) -> int:
    """400 malformed, 401 no token, 404 unknown, 409 conflict, 412 a fingerprint without a manifest,
    413 too large, 422 refused, 500 failed, 503 busy, 504 late."""
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


_OUTCOMES = {OK: "ok", GONE: "gone", FAILED: "failed", BUSY: "busy", SLOW_ANSWER: "late"}


def outcome_of(status: int) -> str:
    """`ok`, `refused`, `failed`, `busy`, `late` or `gone`."""
    return _OUTCOMES.get(status, "refused")
