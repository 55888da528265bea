"""Writes docs/reference from the code: `python -m docs.generate`; `--check` fails when stale.

Theory
    A reference that is written by hand is true once. Here the words are the docstrings, the effects
    are the steps of compiled plans, the losses are those that vobj computes, and what an example
    prints is what it printed when the page was written. The tests run the examples again.

    One function makes one page. Each takes nothing and returns the whole text, which is the same on
    every machine, so that `--check` can compare.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Callable
from pathlib import Path

from docs.reference_changes import changes_page
from docs.reference_commands import commands_page
from docs.reference_errors import errors_page, rules_page

REFERENCE = Path(__file__).parent / "reference"
MARK = "<!-- Written by docs/generate.py from the code: change the code, then run `make docs`. -->"

PAGES: dict[str, Callable[[], str]] = {
    "changes.md": changes_page,
    "errors.md": errors_page,
    "rules.md": rules_page,
    "commands.md": commands_page,
}


def main() -> int:
    """Write the pages, or compare them; the result is the exit status."""
    parser = argparse.ArgumentParser(prog="python -m docs.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when stale")
    check = parser.parse_args().check
    stale = 0
    for name, page in PAGES.items():
        path, text = REFERENCE / name, f"{MARK}\n\n{page().rstrip()}\n"
        was = path.read_text() if path.exists() else ""
        if was == text:
            continue
        stale += 1
        if check:
            lines = was.splitlines(), text.splitlines()
            sys.stderr.writelines(
                f"{one}\n" for one in difflib.unified_diff(*lines, name, lineterm="")
            )
        else:
            path.write_text(text)
            print(f"wrote docs/reference/{name}")
    if check and stale:
        print("docs/reference is stale: run `make docs` and commit what it writes", file=sys.stderr)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
