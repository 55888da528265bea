"""The native executor: the same plans as the Python one, on bytes and on an object's storage.

Theory
    It does the ordinary cases, and declines everything else as a whole before anything was changed:
    a class with code of its own where ours would skip it, a value of an unusual type, a payload in
    a form that no writer of ours gives, a refusal, whatever raises. What it declines the Python
    executor does from the start. So there is one implementation of errors, limits and rare cases,
    and what both accept has one value, held by differential tests.

    The extension modules are C, made by Cython where there is a compiler when vobj is installed.
    Without them everything works, on the Python executor. `VOBJ_EXECUTOR` in the environment says
    which one runs: `native`, `python`, or whichever there is.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from vobj.errors import UsageError

reason: str | None
"""Why the native executor does not run; None when it runs."""

# Each of them is left out by itself when it cannot be compiled, and all of them are needed.
_NAMES = {"program", *(one.stem for one in Path(__file__).parent.glob("*.pyx"))}
_MISSING = sorted(name for name in _NAMES if find_spec(f"{__name__}.{name}") is None)
reason = f"these modules are not compiled: {', '.join(_MISSING)}" if _MISSING else None

_WANTED = os.environ.get("VOBJ_EXECUTOR", "")
if _WANTED not in ("", "native", "python"):
    raise UsageError(f"VOBJ_EXECUTOR={_WANTED!r}: it is native or python", rule="usage/argument")
if _WANTED == "native" and reason is not None:
    raise UsageError(f"VOBJ_EXECUTOR=native, but {reason}", rule="usage/argument")
if _WANTED == "python":
    reason = "VOBJ_EXECUTOR=python"

active: bool = reason is None
"""Whether the native executor runs."""
