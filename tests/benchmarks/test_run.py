"""One quick run of all benchmarks, and what is written from it."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pyperf
import pytest

from benchmarks import __main__ as program
from benchmarks import questions as ask
from benchmarks import tables
from benchmarks.contenders import ALL, LIVES, TRAITS
from benchmarks.goals import GOALS, MISSES
from benchmarks.imports import STATEMENTS
from benchmarks.page import BEGIN, END, put
from benchmarks.results import load
from benchmarks.run import QUICK, Worker

ROOT = Path(__file__).parents[2]
ENDS = ("missed", "**met**", "**aim met**", "not available")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a quick run, with all that it wrote."""
    root = tmp_path_factory.mktemp("benchmarks")
    (root / "README.md").write_text(f"# Before\n{BEGIN}\nearlier\n{END}\nafter\n")
    arguments = ["-W", "ignore", "-m", "benchmarks", "--quick", "--root", str(root)]
    ran = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "| 8 | size on the wire, packed |" in ran.stdout
    return root


def test_the_results_are_a_suite_of_pyperf(written: Path) -> None:
    """pyperf reads the file; every question has a figure of the reference on each of its data."""
    suite = pyperf.BenchmarkSuite.load(str(written / "benchmarks" / "results.json"))
    names = set(suite.get_benchmark_names())
    for data in QUICK.sets:
        assert {f"{data}: {question}: oslo, msgpack" for question in ask.asked_of(data)} <= names
    assert {f"import: {name}" for name in STATEMENTS} <= names
    assert all(min(one.get_values()) > 0 for one in suite.get_benchmarks())


def test_no_contender_vanishes(written: Path) -> None:
    """Each has a figure, or the reason why it has none, and its row in the table."""
    document = json.loads((written / "benchmarks" / "results.json").read_text())
    results = load(written / "benchmarks" / "results.json")
    page = (written / "docs" / "benchmarks.md").read_text()
    for name in ALL:
        measured = results.least(ask.SERVER, ask.ENCODE, name)
        reason = document["missing"].get(f"server: encode: {name}", "")
        assert (measured is None) == bool(reason)
        assert f"\n| {name} | {'not available' if reason else ''}" in page
    assert all(f"\n| {name} |" in page for name in TRAITS)


def test_the_tables_name_all_goals(written: Path) -> None:
    """Rows 1 to 8 of the design, each with its bounds and a verdict for each executor."""
    page = (written / "docs" / "benchmarks.md").read_text()
    assert {goal.row for goal in GOALS} == set(range(1, 9))
    for goal, (row, work, must, aim, *verdicts) in zip(GOALS, _goal_rows(page), strict=True):
        assert (row, work) == (str(goal.row), goal.work)
        assert must != aim
        assert len(verdicts) == 2
        assert all(one.split(": ")[-1] in ENDS for one in verdicts)


def _goal_rows(page: str) -> list[list[str]]:
    lines = page.split("| row | work |")[1].splitlines()[2:]
    found = [line.strip("| ").split(" | ") for line in lines]
    return found[: len(GOALS)]


def test_the_goals_are_those_of_the_design() -> None:
    """What must be met and what is aimed for stand in section 6 in the same words."""
    section = (ROOT / "docs" / "design.md").read_text().split("## 6.")[1].split("## 7.")[0]
    for part in ("| 100x oslo | 150x |", "| 30x oslo | 60x |", "| 100x oslo | 300x |"):
        assert part in section
    for part in ("5x / 3x / 2x oslo | 15x / 6x / 5x", "<= 600 B | <= 540 B", "<= 1.1x | <= 1.0x"):
        assert part in section
    assert "<= 1.2x msgspec map | <= 1.0x msgspec array" in section
    assert set(MISSES) <= {goal.work for goal in GOALS}


def test_the_plot_is_an_svg(written: Path) -> None:
    """It is well-formed, and has a bar or a note for every contender of every group."""
    tree = ET.parse(written / "docs" / "benchmarks.svg").getroot()
    space = "{http://www.w3.org/2000/svg}"
    assert tree.tag == f"{space}svg"
    said = [text.text or "" for text in tree.iter(f"{space}text")]
    for question in (*ask.WIRE, ask.CONSTRUCT, ask.SET):
        assert question in said
    bars = [one for one in tree.iter(f"{space}rect") if one.get("class") == "peer"]
    assert len(bars) > len(ask.WIRE)
    assert all(float(one.get("width", "0")) > 0 for one in bars)
    labels = [one for one in said if one.startswith("vobj: ")]
    figures = [one for one in said if "µs" in one or one == "not available"]
    assert len(figures) >= len(labels) + len(bars) - 1


def test_the_passage_stands_between_its_markers(written: Path) -> None:
    """What is around the markers stays; what was between them is replaced."""
    text = (written / "README.md").read_text()
    assert text.startswith(f"# Before\n{BEGIN}\nOne object of 32 fields")
    assert text.endswith(f"{END}\nafter\n")
    assert "earlier" not in text
    assert "| backport, bytes to bytes |" in text


def test_a_page_without_markers_is_an_error() -> None:
    """Nothing is written to a page that does not say where."""
    with pytest.raises(ValueError, match="the page has no <!-- benchmarks:begin -->"):
        put("# No markers\n", "figures\n")


def test_the_pages_can_be_written_again(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From the results alone comes the same page, plot and passage."""
    names = ("docs/benchmarks.md", "docs/benchmarks.svg", "README.md")
    before = [(written / name).read_text() for name in names]
    assert program.main(["--again", "--root", str(written)]) == 0
    assert [(written / name).read_text() for name in names] == before
    found = load(written / "benchmarks" / "results.json")
    assert tables.goals(found).strip() == capsys.readouterr().out.strip()


def test_work_that_raises_ends_the_run() -> None:
    """A worker hands on the traceback of what failed."""
    with Worker("peers") as worker, pytest.raises(RuntimeError, match="KeyError: 'no such data'"):
        worker.ask("loops", "no such data", "orjson", question=ask.ENCODE, seconds=0.001)


def test_an_executor_that_is_not_there_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where vobj refuses to be imported with a forced executor, the reason is what it says."""
    monkeypatch.setitem(LIVES, "none", {"VOBJ_EXECUTOR": "no such executor"})
    with Worker("none") as worker:
        answer = worker.ask("loops", ask.SERVER, "orjson", question=ask.ENCODE, seconds=0.001)
    assert "no such executor" in answer["missing"]
