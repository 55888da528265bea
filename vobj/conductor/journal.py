"""One line of log per request: as text for people, as JSON for programs.

Theory
    What a request is about comes to light while it is worked on, so the record is filled in on the
    way by whoever learns something, and written once, at the end, with whatever is known then. All
    that a peer sent is cut and escaped: it is no way to forge a line.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from vobj.conductor.observed import NOBODY, Caller

LOG = logging.getLogger(__name__)

_SHOWN = 80
_FIELDS = "conductor_request"
TEXT_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


@dataclass
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

    def end(self) -> float:
        """Write the line; how many seconds the request took."""
        took = time.perf_counter() - self.started
        if LOG.isEnabledFor(logging.INFO):
            told = self._told(took)
            text = "".join(f" {name}={value}" for name, value in told.items() if value != "")
            LOG.info("%s%s", self.operation, text, extra={_FIELDS: told})
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


class JsonLines(logging.Formatter):
    """Each record as one JSON object: time (UTC), level, logger, message, and the facts of a
    request."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told = getattr(record, _FIELDS, None)
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if isinstance(told, dict):
            line |= {"message": "request", "operation": record.getMessage().split(" ")[0], **told}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


def plain(value: object) -> str:
    """Text on one line, cut, without blanks, fit for a log."""
    text = str(value)
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
    return cut if cut.isprintable() and " " not in cut else ascii(cut)
