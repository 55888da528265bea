"""Which classes stand for which rules is read off the source, whatever way it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.raising import raised_by

RULES = {"a/one": "One.", "a/two": "Two.", "declare/three": "Three."}


@pytest.mark.parametrize(
    ("source", "rule", "names"),
    [
        pytest.param('raise Far("x", rule="a/one")', "a/one", ["Far"], id="keyword"),
        pytest.param('raise errors.Far("x", rule="a/one")', "a/one", ["Far"], id="module"),
        pytest.param(
            'raise Far(rule="a/one" if x else "a/two")', "a/two", ["Far"], id="conditional"
        ),
        pytest.param(
            'def f():\n    kind, text = "a/one", "x"\n    raise Far(text, rule=kind)',
            "a/one",
            ["Far"],
            id="variable",
        ),
        pytest.param(
            'class Far(Exception):\n    def __init__(self, *, rule="a/one"): ...',
            "a/one",
            ["Far"],
            id="default",
        ),
        pytest.param(
            'fail("declare/three", "x")', "declare/three", ["DeclarationError"], id="fail"
        ),
        pytest.param("raise Far(rule=error.rule)", "a/one", [], id="passed on"),
        pytest.param('text = "a/one"', "a/one", [], id="only mentioned"),
        pytest.param(
            'raise Near(rule="a/one")\nraise Far(rule="a/one")', "a/one", ["Far", "Near"], id="two"
        ),
    ],
)
def test_a_rule_is_found(tmp_path: Path, source: str, rule: str, names: list[str]) -> None:
    """A rule belongs to every class that is made with it, and to none that is not."""
    (tmp_path / "module.py").write_text(source)
    assert raised_by(tmp_path, RULES)[rule] == names
