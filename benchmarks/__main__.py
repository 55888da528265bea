"""`python -m benchmarks`: one run of all benchmarks, and all that is written from it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pyperf import perf_counter

from benchmarks import page, tables
from benchmarks.plot import plot
from benchmarks.results import Results, facts, load, write
from benchmarks.run import FULL, QUICK, DisagreementError, Pace, measured

ROOT = Path(__file__).parents[1]
RESULTS, PAGE, PLOT = "benchmarks/results.json", "docs/benchmarks.md", "docs/benchmarks.svg"


def main(arguments: list[str] | None = None) -> int:
    """Measures vobj against its peers; writes results, page, plot and the passage in the README."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="one short repeat of each: shows only that it works"
    )
    parser.add_argument(
        "--again", action="store_true", help="write the pages anew from results.json; no run"
    )
    parser.add_argument(
        "--root", type=Path, default=ROOT, help="the folder that is written to (the project)"
    )
    chosen = parser.parse_args(arguments)
    root = chosen.root
    if not chosen.again:
        try:
            _measure(QUICK if chosen.quick else FULL, root / RESULTS)
        except DisagreementError as error:
            print(f"Nothing was timed, for not all results are equal:\n{error}", file=sys.stderr)
            return 1
    results = load(root / RESULTS)
    _publish(results, root)
    print(tables.goals(results))
    return 0


def _measure(pace: Pace, file: Path) -> None:
    """Runs all benchmarks, saying on stderr what is being done. Raises DisagreementError."""
    start = perf_counter()

    def say(what: str) -> None:
        print(f"{perf_counter() - start:5.0f} s  {what}", file=sys.stderr, flush=True)

    figures = measured(pace, say)
    file.parent.mkdir(parents=True, exist_ok=True)
    write(Results(tuple(figures), pace.name, facts()), file)
    say("done")


def _publish(results: Results, root: Path) -> None:
    rounds = (QUICK if results.pace == QUICK.name else FULL).rounds
    (root / PAGE).parent.mkdir(parents=True, exist_ok=True)
    (root / PAGE).write_text(page.page(results, rounds=rounds))
    (root / PLOT).write_text(plot(results))
    page.rewrite(root / "README.md", results)


if __name__ == "__main__":
    sys.exit(main())
