"""A process in which some of the contenders live: `python -m benchmarks.worker`.

Theory
    vobj chooses its executor when it is imported, so the two cannot be measured in one process.
    Each life gets a process of its own, that does one thing at a time on request and is idle
    otherwise; so contenders take turns across processes as they would inside one.

    A request is one line of JSON on stdin, `{"do": ..., "data": ..., "contender": ..., ...}`; the
    answer is one line on stdout. `{"missing": reason}` answers when a contender cannot take part,
    `{"undone": true}` when it does not do such work, `{"failed": traceback}` ends the process.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any, TextIO

from vobj.errors import VobjError


def main() -> None:
    """Answers requests until stdin ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    answer = _opened()
    for line in sys.stdin:
        try:
            found = answer(json.loads(line))
        except BaseException:
            _say(answers, {"failed": traceback.format_exc()})
            raise
        _say(answers, found)


def _say(answers: TextIO, found: dict[str, Any]) -> None:
    answers.write(json.dumps(found) + "\n")
    answers.flush()


def _opened() -> Callable[[Any], dict[str, Any]]:
    """Who answers. Where the forced executor does not exist, nobody in this process takes part."""
    try:
        from benchmarks.desk import Desk
    except (ImportError, VobjError) as error:
        reason = str(error)
        return lambda _: {"missing": reason}
    return Desk().answer


if __name__ == "__main__":
    main()
