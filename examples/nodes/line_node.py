"""A node on a pipe: serves the operations of one program, one JSON document per line.

    python line_node.py PROGRAM.py

PROGRAM.py holds `OPERATIONS`, a mapping from the name of an operation to a function that takes the
request and returns the result, both plain JSON. A request is `{"id": 1, "op": "receive", ...}`. The
reply repeats the id: `{"id": 1, "ok": true, "result": {...}}`, or, when the operation raised,
`{"id": 1, "ok": false, "error": {"class": ..., "text": ...}}`. A failed operation does not end the
node; `quit` and the end of the input do, with exit status 0.

Only replies are written to stdout. What the program or a library of its prints goes to stderr. Only
the standard library is used here, so that any release of any service can be put on a pipe.
"""

import importlib.util
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

Operation = Callable[[Mapping[str, Any]], dict[str, Any]]


def serve(operations: Mapping[str, Operation], requests: Iterable[str], replies: TextIO) -> None:
    """Answer each line of `requests` on `replies`, until `quit` or the end of the input."""
    for line in requests:
        reply, last = answer(operations, line)
        replies.write(json.dumps(reply) + "\n")
        replies.flush()
        if last:
            return


def answer(operations: Mapping[str, Operation], line: str) -> tuple[dict[str, Any], bool]:
    """The reply to one line, and whether it is the last one."""
    number = None
    try:
        request = json.loads(line)
        if not isinstance(request, dict):
            raise TypeError(f"A request is a JSON object, got {type(request).__name__}")
        number = request.get("id")
        if request.get("op") == "quit":
            return {"id": number, "ok": True, "result": {}}, True
        if request.get("op") not in operations:
            raise LookupError(f"Unknown operation {request.get('op')!r}; there are: "
                              + ", ".join([*operations, "quit"]))  # fmt: skip
        result = operations[request["op"]](request)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is the caller's to know
        return {"id": number, "ok": False, "error": told(error)}, False
    return {"id": number, "ok": True, "result": result}, False


def told(error: Exception) -> dict[str, Any]:
    """What a peer is told of an error: its class and text, and the facts that it carries."""
    facts = {name: str(value) for name, value in getattr(error, "kwargs", {}).items()}
    report = {"class": type(error).__name__, "text": str(error), "facts": facts}
    rule = getattr(error, "rule", None)
    return report if rule is None else {**report, "rule": rule}


def load(program: Path) -> Mapping[str, Operation]:
    """The operations of a program, which finds modules beside it as a script would."""
    sys.path.insert(0, str(program.parent))
    spec = importlib.util.spec_from_file_location("program", program)
    if spec is None or spec.loader is None:
        raise ImportError(f"{program} is not a Python program")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    operations: Mapping[str, Operation] = module.OPERATIONS
    return operations


def main() -> None:
    """Serve the program named on the command line."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: line_node.py PROGRAM.py")
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    serve(load(Path(sys.argv[1]).resolve()), sys.stdin, replies)


if __name__ == "__main__":
    main()
