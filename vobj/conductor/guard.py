"""Bearer tokens: who may ask, where a file says so.

Theory
    A file has one token a line, so that a new one can be handed out before an old one ends. What
    is sent is compared with every token as digests, in constant time, so that neither the length
    nor the first letters of a token can be measured.
"""

from __future__ import annotations

import hashlib
import hmac
import stat
from collections.abc import Iterable
from pathlib import Path

from vobj.errors import UsageError

_SHORTEST = 16
_BEARER = b"bearer "


class Tokens:
    """The tokens that are let in."""

    def __init__(self, tokens: Iterable[str]) -> None:
        """Raises UsageError (`usage/argument`) for none, or one of less than 16 characters."""
        given = list(tokens)
        if not given or any(len(one) < _SHORTEST for one in given):
            raise UsageError(
                f"Expected tokens of at least {_SHORTEST} characters", rule="usage/argument"
            )
        self._digests = [_digest(one.encode()) for one in given]

    @classmethod
    def read(cls, path: Path) -> Tokens:
        """From a file: a token a line; blank lines and lines that start with # are left out.

        Raises UsageError (`usage/argument`), also when the file may be read by everyone.
        """
        try:
            if path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
                raise UsageError(
                    f"{path} may be read or written by everyone: chmod o-rw {path}",
                    rule="usage/argument",
                )
            lines = [line.strip() for line in path.read_text().splitlines()]
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"Cannot read {path}: {error}", rule="usage/argument") from error
        return cls(line for line in lines if line and not line.startswith("#"))

    def admit(self, authorization: bytes) -> bool:
        """Whether the value of an `Authorization` header has one of the tokens."""
        if authorization[: len(_BEARER)].lower() != _BEARER:
            return False
        sent = _digest(authorization[len(_BEARER) :].strip())
        found = False
        for one in self._digests:
            found |= hmac.compare_digest(sent, one)
        return found


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
