"""The benchmarks compare like with like, and what they write can be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import __main__ as program
from benchmarks.codec_speed import CONTENDERS, REFERENCE, Question, check, comparable, questions
from benchmarks.datasets import DATED, PLAIN, Family
from benchmarks.timing import best_times


@pytest.mark.parametrize("question", list(questions()), ids=lambda one: f"{one.name}, {one.wire}")
def test_all_contenders_give_the_same(question: Question) -> None:
    """Every contender's result equals that of oslo."""
    assert tuple(question.works) == CONTENDERS
    check(question)


def test_a_contender_that_gives_something_else_is_found() -> None:
    """Work that gives another result than the reference is not timed."""
    question = next(questions())
    other = PLAIN.build()
    other.name = "db-2"
    works = {REFERENCE: question.works[REFERENCE], "wrong": other.obj_to_primitive}
    with pytest.raises(AssertionError, match="wrong differs from oslo: encode, msgpack"):
        check(Question(question.name, question.wire, works))


@pytest.mark.parametrize("family", [PLAIN, DATED], ids=["plain", "dated"])
def test_the_object_is_what_the_page_says(family: Family) -> None:
    """32 fields, all set, three of them nested objects; equal data in both families."""
    server = family.build()
    assert len(server.fields) == 32
    assert all(server.obj_attr_is_set(name) for name in server.fields)
    assert sum(hasattr(getattr(server, name), "obj_name") for name in server.fields) == 3
    assert comparable(server, "json") == comparable(PLAIN.build(), "json")


def test_times_keep_their_order() -> None:
    """Work that does a thousand times as much takes longer."""
    works = {"little": lambda: sum(range(10)), "much": lambda: sum(range(10_000))}
    times = best_times(works, rounds=3, seconds=0.001)
    assert 0 < times["little"] < times["much"]


def test_the_program_writes_its_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One short run writes JSON with every answer and a page with every table."""
    page = tmp_path / "page.md"
    where = ["--folder", str(tmp_path), "--page", str(page)]
    program.main(["--rounds", "1", "--seconds", "0.0001", *where])
    document = json.loads((tmp_path / "results.json").read_text())
    asked = list(questions())
    assert len(document["answers"]) == len(asked) * len(CONTENDERS)
    assert {one["contender"] for one in document["answers"]} == set(CONTENDERS)
    assert all(one["microseconds"] > 0 for one in document["answers"])
    assert document["executor"] == "python"
    text = page.read_text()
    assert "The native executor does not exist" in text
    for question in asked:
        assert f"## The {question.wire} wire" in text
        assert f"| {question.name} |" in text
    assert capsys.readouterr().out.strip() in text
