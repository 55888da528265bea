"""One line of log per request: as text for people, as JSON for programs.

Theory
    What a request is about comes to light while it is worked on, so the record is filled in on the
    way by whoever learns something, and written once, at the end, with whatever is known then. All
    that a peer sent is cut and escaped: it is no way to forge a line.

    A line is a large part of a quick request, so nothing is made for it that is not written: the
    caller is not looked up on the stack, the text is put together only for a formatter that asks
    for it, and the formatters here write the second of the time once and not for every line.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from vobj.conductor.observed import NOBODY, Caller

LOG = logging.getLogger(__name__)

_SHOWN = 80
_FIELDS = "conductor_request"
TEXT_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


@dataclass(slots=True)
class Asked:
    """What is known of one request.

    operation: `backport`, `action` or `class-action`. transport: `http` or `rpc`. seconds: until an
    answer is due. about: object, method, from, to and count, as far as they are known; text from
    a peer goes in through `mention`. status: as HTTP has it, also over RPC. rule: that was broken.
    """

    operation: str
    transport: str
    peer: str = "-"
    caller: Caller = NOBODY
    seconds: float = 0.0
    started: float = field(default_factory=time.perf_counter)
    about: dict[str, str] = field(default_factory=dict)
    status: int = 0
    rule: str = "-"

    @property
    def left(self) -> float:
        """Seconds until the answer is due; below 0 when it is overdue."""
        return self.started + self.seconds - time.perf_counter()

    def mention(self, **about: object) -> None:
        """Note texts of a peer; what is no text is left out."""
        for name, value in about.items():
            if isinstance(value, str):
                self.about[name.rstrip("_")] = plain(value)

    def move(self, object_name: str, source: str, target: str) -> None:
        """Note which object leaves in which version; the name and the versions are known here."""
        self.about |= {"object": object_name, "from": source, "to": target}

    def end(self) -> float:
        """Write the line; how many seconds the request took."""
        took = time.perf_counter() - self.started
        if LOG.isEnabledFor(logging.INFO):
            told = self._told(took)
            line = _Line(self.operation, told)
            LOG.handle(
                LOG.makeRecord(LOG.name, logging.INFO, __file__, 0, line, (), None,
                               extra={_FIELDS: told})
            )  # fmt: skip
        return took

    def _told(self, took: float) -> dict[str, Any]:
        return {
            "status": self.status,
            "rule": self.rule,
            "ms": round(took * 1000, 1),
            "transport": self.transport,
            "peer": self.peer,
            "service": self.caller.service,
            "host": self.caller.host,
            **self.about,
        }


class _Line:
    """The text of a request's line, made when somebody reads it."""

    __slots__ = ("_operation", "_told")

    def __init__(self, operation: str, told: dict[str, Any]) -> None:
        self._operation = operation
        self._told = told

    def __str__(self) -> str:
        known = [f"{name}={value}" for name, value in self._told.items() if value != ""]
        return " ".join([self._operation, *known])

    @property
    def facts(self) -> dict[str, Any]:
        """What JSON says instead of the text."""
        return {"message": "request", "operation": self._operation, **self._told}


class _Clock:
    """Times as text; the part down to the second is made once a second."""

    def __init__(self, second: Callable[[int], str]) -> None:
        self._second = second
        self._last = (-1, "")  # replaced whole, since threads share it

    def text(self, created: float) -> tuple[str, int]:
        """The second, and the milliseconds after it."""
        whole = int(created)
        known, text = self._last
        if known != whole:
            text = self._second(whole)
            self._last = (whole, text)
        return text, int((created - whole) * 1000)


class TextLines(logging.Formatter):
    """Each record as a line of text."""

    def __init__(self) -> None:
        super().__init__(TEXT_FORMAT)
        self._clock = _Clock(
            lambda second: time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))
        )

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802 - as logging has it
        """The time of a line."""
        second, after = self._clock.text(record.created)
        return f"{second},{after:03d}"


class JsonLines(logging.Formatter):
    """Each record as one JSON object: time (UTC), level, logger, message, and the facts of a
    request."""

    def __init__(self) -> None:
        super().__init__()
        self._clock = _Clock(lambda second: f"{datetime.fromtimestamp(second, UTC):%FT%T}")

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        second, after = self._clock.text(record.created)
        line: dict[str, Any] = {
            "time": f"{second}.{after:03d}+00:00",
            "level": record.levelname,
            "logger": record.name,
        }
        if isinstance(record.msg, _Line):
            line |= record.msg.facts
        else:
            line["message"] = record.getMessage()
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def plain(value: object) -> str:
    """Text on one line, cut, without blanks, fit for a log."""
    text = str(value)
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
    return cut if cut.isprintable() and " " not in cut else ascii(cut)
