"""`python -m benchmarks`: runs all benchmarks and writes their results."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import codec_speed, report

HERE = Path(__file__).parent


def main(arguments: list[str] | None = None) -> None:
    """Prints the tables, and writes `results.json` and the page of the documentation."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="repeats of each piece of work")
    parser.add_argument("--seconds", type=float, default=0.05, help="length of one repeat")
    parser.add_argument("--folder", type=Path, default=HERE, help="where results.json goes")
    parser.add_argument(
        "--page", type=Path, default=HERE.parent / "docs" / "benchmarks.md", help="the page"
    )
    chosen = parser.parse_args(arguments)
    results = list(codec_speed.answers(rounds=chosen.rounds, seconds=chosen.seconds))
    report.write(results, rounds=chosen.rounds, folder=chosen.folder, page=chosen.page)
    print(report.tables(results))


if __name__ == "__main__":
    main()
