"""What a call of the bench is, what becomes of it, and what an error says about its effect.

Theory
    A call is answered, refused or left open. Refused is one that was told, at every attempt, an
    error after which nothing has happened; open is one that was given up when that is not certain.
    An answered call took effect once; a refused one did not; an open one did once or not at all.

    Every error has a name: the rule of vobj, or the class of an error of the transport that is
    listed here. One with another name is nobody's, and fails the run.
"""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass, field
from typing import Any

from vobj.errors import RULES, VobjError

OWN, EDIT, RUN, SHOW = "own", "edit", "run", "show"
"""The caller reads, edits and saves; another node edits and saves what it is sent; a class method
counts; another node says whether what it is sent is true."""

OK, REFUSED, OPEN = "ok", "refused", "open"

UNKNOWN_FIELD = "bench/unknown-field"
ENDED = "bench/caller-ended"
# Of oslo.messaging. Its driver lets through what kombu and the library below it raise when a broker
# is killed: OperationalError, and errors of the socket, which are one here.
_LOST = "ConnectionLost"
_TRANSPORT = frozenset({
    "MessagingTimeout", "MessageDeliveryFailure", "MessageUndeliverable", "OperationalError", _LOST,
})  # fmt: skip
_SOCKET = frozenset({
    "BrokenPipeError", "ConnectionAbortedError", "ConnectionRefusedError", "ConnectionResetError",
})  # fmt: skip
_CLOSED = "Server unexpectedly closed connection"
_OF_BENCH = frozenset({UNKNOWN_FIELD, ENDED})
_AGAIN = frozenset({
    "conductor/away", "conductor/busy", "conductor/slow", "conductor/died", *_TRANSPORT,
})  # fmt: skip
_NOTHING_HAPPENED = ("conductor/away", "conductor/busy", "merge/", "refused/", UNKNOWN_FIELD)
_PAUSES = (0.05, 0.2, 0.5, 1.0, 2.0, 3.0)
_CALL_SECONDS = 60.0
_RULE = re.compile(r"\[([a-z]+/[a-z-]+)\]")
_RAN = " ran, but "


@dataclass(frozen=True)
class Call:
    """One call.

    uuid: of the server. wanted: the edit, as `truth.edited` takes it. to: the node that is asked,
    where it is another one.
    """

    name: str
    kind: str
    uuid: str
    wanted: dict[str, Any]
    to: str | None = None

    @property
    def changes(self) -> bool:
        """Whether it has an effect."""
        return self.kind != SHOW


@dataclass
class Outcome:
    """What a caller was told. errors: the names of all attempts' errors. untrue: objects that were
    not as they were written."""

    call: str
    status: str
    errors: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    detail: str = ""


@dataclass(frozen=True)
class Told:
    """An error by its name.

    ran: it says that the method has run. harmless: what was asked for changes nothing.
    """

    name: str
    text: str
    ran: bool = False
    harmless: bool = False

    @property
    def is_named(self) -> bool:
        """Whether its cause is known."""
        return self.name in RULES or self.name in _TRANSPORT or self.name in _OF_BENCH

    @property
    def again(self) -> bool:
        """Whether asking again may help."""
        return self.name in _AGAIN

    @property
    def is_open(self) -> bool:
        """Whether what was asked for may have been done."""
        if self.harmless:
            return False
        return self.ran or not self.name.startswith(_NOTHING_HAPPENED)


class Attempts:
    """The attempts at one call: who gets no answer asks again, for up to a minute.

    number: of the next one. outcome: what has come of those that were made.
    """

    def __init__(self, call: str) -> None:
        self.number = 0
        self.outcome = Outcome(call, OPEN)
        self._until = time.monotonic() + _CALL_SECONDS
        self._is_open = False

    def ended(self, failed: Told | None) -> float | None:
        """Note how one ended: the seconds to wait before the next, or None when there is none."""
        outcome = self.outcome
        if failed is None:
            outcome.status = OK
            return None
        outcome.errors.append(failed.name if failed.is_named else f"unnamed: {failed.name}")
        outcome.detail = failed.text
        self._is_open = self._is_open or failed.is_open
        pause = _PAUSES[min(self.number, len(_PAUSES) - 1)] * random.uniform(0.5, 1.0)
        self.number += 1
        if failed.again and time.monotonic() + pause <= self._until:
            return pause
        outcome.status = OPEN if self._is_open else REFUSED
        return None


def told(error: Exception) -> Told:
    """An error of vobj by its rule, one of another node by the rule in its text, else its class."""
    rule = error.rule if isinstance(error, VobjError) else None
    return named(type(error).__name__, str(error), rule, getattr(error, "exc_type", None))


def named(kind: str, text: str, rule: str | None, remote: str | None) -> Told:
    """An error by its class, its text, its rule if it has one, and the class that it had where it
    was raised, if that is another process."""
    name = rule or kind
    if remote is None and (name in _SOCKET or (name == "OSError" and text == _CLOSED)):
        name = _LOST
    if name == "RemoteError":
        found = _RULE.search(text)
        name = found[1] if found else str(remote or name)
    return Told(name, text[:400], ran=_RAN in text)
