"""Where inputs are kept: one file each, named by what is in it."""

from __future__ import annotations

from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
"""By wire: inputs that reach what mutation alone finds late."""

REGRESSIONS = Path(__file__).parent / "regressions"
"""By target: inputs that once found something."""
