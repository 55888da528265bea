"""Every code block of README.md and docs/ runs, and what runs them notices what is wrong."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEED_A_BROKER = {"docs/howto-celery.md"}  # test_pages_with_services.py runs them
PAGES = [
    page
    for page in (
        "README.md",
        *(str(one.relative_to(ROOT)) for one in sorted(ROOT.glob("docs/**/*.md"))),
    )
    if page not in NEED_A_BROKER
]
PAGE_SECONDS = 120

RunPage = Callable[[str], "subprocess.CompletedProcess[str]"]


def run_page(page: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "tests/docs/run_page.py", page],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PAGE_SECONDS,
        check=False,
    )


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_a_page_runs(
    page: str, record_property: Callable[[str, object], None]
) -> None:
    """What a page shows is what happens; blocks marked 'not run' are listed after the run."""
    done = run_page(page)
    if done.returncode:
        pytest.fail(done.stderr, pytrace=False)
    for line in done.stdout.splitlines():
        if ": not run: " in line:
            record_property("note", line)


@pytest.fixture
def run_text(tmp_path: Path) -> RunPage:
    """Runs a page that consists of the given Markdown."""

    def run(markdown: str) -> subprocess.CompletedProcess[str]:
        page = tmp_path / "page.md"
        page.write_text(markdown)
        return run_page(str(page))

    return run


@pytest.mark.parametrize(
    ("markdown", "line", "message"),
    [
        pytest.param(
            "text\n```python\nx = 1\nassert x == 2\n```\n", 3, "assert x == 2", id="assert"
        ),
        pytest.param("```python\nraise SystemExit(0)\n```\n", 2, "SystemExit", id="exit"),
        pytest.param("```python\nx = (\n```\n", 2, "SyntaxError", id="syntax"),
        pytest.param("```python\nx = 1\n", 1, "never closed", id="unclosed"),
        pytest.param("```pycon\n>>> 1\n2\n```\n", 2, "'pycon' is not run", id="pycon"),
        pytest.param("```sh\nls\n```\n", 2, "Expected `$ vobj ...`, got 'ls'", id="shell"),
        pytest.param(
            "```console\n$ vobj --help\n$ ls\n```\n", 3, "got '$ ls'", id="second command"
        ),
        pytest.param(
            "```console\n$ vobj --help; exit 3\n```\n", 2, "ended with status 3", id="status"
        ),
        pytest.param("```console\n$ vobj ; echo a\nb\n```\n", 2, "It printed:", id="output"),
        pytest.param(
            "```python\nprint(1)\n```\n```output\n2\n```\n", 5, "It printed:\n    1", id="printed"
        ),
        pytest.param("```output\n1\n```\n", 2, "stands after the `python`", id="output of none"),
        pytest.param("<!-- not run: x -->\n\n```python\n```\n", 1, "right before", id="mark away"),
        pytest.param("<!-- not run: x -->", 1, "right before", id="mark last"),
        pytest.param("<!-- not run -->\n```python\n```\n", 1, "not run: reason", id="no reason"),
    ],
)
def test_a_wrong_page_fails_at_its_line(
    run_text: RunPage, markdown: str, line: int, message: str
) -> None:
    """A page that shows something untrue, or would silently not run, fails and names the line."""
    done = run_text(markdown)
    assert done.returncode == 1
    assert f"page.md:{line}: " in done.stderr
    assert message in done.stderr


def test_a_traceback_quotes_the_page(run_text: RunPage) -> None:
    """A failing block is reported with the page's own line numbers and text."""
    done = run_text("# Title\n\n```python\ndef f():\n    return 1 / 0\n\nf()\n```\n")
    assert 'page.md", line 5, in f\n    return 1 / 0' in done.stderr


def test_blocks_share_a_session(run_text: RunPage) -> None:
    """Blocks see the names and files of the blocks before them; data blocks are left alone."""
    done = run_text(
        "```python\nx = 20\n```\n```json\n{not json\n```\n"
        "1. In a list:\n\n   ```python answer.py\n   y = 22\n   ```\n"
        "```python\nimport answer\n\nassert x + y == x + answer.y == 42\n```\n"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("page.md: 3 blocks ran\n")


def test_a_marked_block_is_listed(run_text: RunPage) -> None:
    """A block marked 'not run' is not run, and is printed with its place and reason."""
    done = run_text("<!-- not run: takes a day -->\n```sh\nmake world\n```\n")
    assert done.returncode == 0
    assert "page.md: 0 blocks ran\n" in done.stdout
    assert "page.md:3: not run: takes a day\n" in done.stdout


def test_an_output_block_is_what_was_printed(run_text: RunPage) -> None:
    """A page shows what its blocks print; a line `...` stands for any lines there as well."""
    printing = "```python\nfor i in range(4):\n    print(i)\n```\nIt prints:\n"
    done = run_text(printing + "```output\n0\n...\n3\n```\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("page.md: 1 blocks ran\n")


def test_shown_output_may_leave_lines_out(run_text: RunPage) -> None:
    """A line `...` stands for any lines; space at the ends of lines does not matter."""
    shown = "```console\n$ vobj > all 2>&1; echo a; echo 'b '; echo c\na\n...\nc\n```\n"
    assert run_text(shown).returncode == 0
    assert run_text(shown.replace("\nc\n", "\nd\n")).returncode == 1
