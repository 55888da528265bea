"""What a call of the bench is, what becomes of it, and what an error says about its effect.

Theory
    A call is answered, refused or left open. Refused is one that was told, at every attempt, an
    error after which nothing has happened; open is one that was given up when that is not certain.
    An answered call took effect once; a refused one did not; an open one did once or not at all.

    Every error has a name: the rule of vobj, or the class of an error of the transport that is
    listed here. One with another name is nobody's, and fails the run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from vobj.errors import RULES, VobjError

OWN, EDIT, RUN, SHOW = "own", "edit", "run", "show"
"""The caller reads, edits and saves; another node edits and saves what it is sent; a class method
counts; another node says whether what it is sent is true."""

OK, REFUSED, OPEN = "ok", "refused", "open"

UNKNOWN_FIELD = "bench/unknown-field"
ENDED = "bench/caller-ended"
# Of oslo.messaging; the last is kombu's, which its driver lets through when a connection is lost.
_TRANSPORT = frozenset({
    "MessagingTimeout", "MessageDeliveryFailure", "MessageUndeliverable", "OperationalError",
})  # fmt: skip
_OF_BENCH = frozenset({UNKNOWN_FIELD, ENDED})
_AGAIN = frozenset({
    "conductor/away", "conductor/busy", "conductor/slow", "conductor/died", *_TRANSPORT,
})  # fmt: skip
_NOTHING_HAPPENED = ("conductor/away", "conductor/busy", "merge/", "refused/", UNKNOWN_FIELD)
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


def told(error: Exception) -> Told:
    """An error of vobj by its rule, one of another node by the rule in its text, else its class."""
    text = str(error)
    name = error.rule if isinstance(error, VobjError) else type(error).__name__
    if name == "RemoteError":
        found = _RULE.search(text)
        name = found[1] if found else str(getattr(error, "exc_type", name))
    return Told(name, text[:400], ran=_RAN in text)
