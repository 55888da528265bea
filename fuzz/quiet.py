"""Silence about what inputs are meant to bring about."""

from __future__ import annotations

import logging
import warnings


def quiet() -> None:
    """Turn off what oslo logs about unknown classes, and its warnings about odd values."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
