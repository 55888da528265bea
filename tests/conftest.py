"""How hypothesis runs here, and what a test run says about itself.

`VOBJ_LAWS` names the profile: `short` in the suite, `long` for `make laws`. `VOBJ_SEED` is the
seed of every generated case. The short profile has a fixed one, so that two runs of one commit try
the same cases; the long one draws a new one each time. Both are printed, and giving the printed
one back repeats the run.
"""

from __future__ import annotations

import os
import secrets

import pytest
from hypothesis import settings

SHORT_SEED = 20170222

settings.register_profile("short", max_examples=100, deadline=None, print_blob=True)
settings.register_profile("long", settings.get_profile("short"), max_examples=5_000)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Chooses the profile and the seed; worker processes inherit both through the environment."""
    profile = os.environ.setdefault("VOBJ_LAWS", "short")
    if profile not in ("short", "long"):
        raise pytest.UsageError(f"VOBJ_LAWS is 'short' or 'long', not {profile!r}")
    if config.option.hypothesis_seed is None:
        seed = SHORT_SEED if profile == "short" else secrets.randbelow(2**32)
        config.option.hypothesis_seed = os.environ.setdefault("VOBJ_SEED", str(seed))
    settings.load_profile(profile)


def pytest_report_header(config: pytest.Config) -> str:
    examples = settings.default.max_examples
    return (
        f"laws: {os.environ['VOBJ_LAWS']} profile, {examples} examples each, "
        f"VOBJ_SEED={config.option.hypothesis_seed}"
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what tests noted with `record_property("note", text)`, in whatever process."""
    reports = [report for group in terminalreporter.stats.values() for report in group]
    notes = {
        str(text)
        for report in reports
        if isinstance(report, pytest.TestReport)
        for name, text in report.user_properties
        if name == "note"
    }
    if notes:
        terminalreporter.section("notes")
        terminalreporter.write("\n".join(sorted(notes)) + "\n")
