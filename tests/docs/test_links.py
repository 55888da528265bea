"""Every link from a page to another page of the project leads to a place that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]

_LINK = re.compile(r"\]\((?!https?:)(?P<page>[^)#\s]*)(?:#(?P<place>[^)\s]+))?\)")
_FENCE = re.compile(r"(?ms)^(`{3,}).*?^\1\s*$")


def places(text: str) -> set[str]:
    """The anchors of the headings of a page, as forges make them."""
    headings = re.findall(r"(?m)^#+ (.+)$", _FENCE.sub("", text))
    return {re.sub(r"[^\w\- ]", "", one).strip().lower().replace(" ", "-") for one in headings}


def broken(page: Path) -> list[str]:
    """The links of a page that lead nowhere."""
    found = []
    for link in _LINK.finditer(_FENCE.sub("", page.read_text())):
        target = page.parent / link["page"] if link["page"] else page
        if not target.exists() or (
            link["place"] and link["place"] not in places(target.read_text())
        ):
            found.append(link[0])
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """A relative link names a file that exists, and a heading in it if it says one."""
    assert broken(page) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    """Links in code are none; a missing page and a missing heading are both found."""
    page = tmp_path / "page.md"
    page.write_text(
        "# A `b` c\n[ok](#a-b-c) [web](https://example.org/x#y) [no](other.md) [nor](#a-b)\n"
        "```python\nx = y[0](nothing)\n```\n"
    )
    assert broken(page) == ["](other.md)", "](#a-b)"]
