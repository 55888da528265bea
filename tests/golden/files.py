"""Where the golden payloads are, and how their trees are written for people."""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).parent


def tree_text(tree: object) -> str:
    """A tree as JSON; binary as `{"hex": ...}`."""
    return json.dumps(tree, indent=1, ensure_ascii=False, default=_hex) + "\n"


def _hex(value: object) -> dict[str, str]:
    assert isinstance(value, bytes)
    return {"hex": value.hex()}
