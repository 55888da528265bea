"""Nova's own tests of its objects come out the same, accelerated or not; run by `make nova`.

Each of the two runs is a process of its own (`run_tests.py`), under unittest. Prints what came out,
and fails when any test came out differently. Some fail either way with the newest libraries.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

RUNNER = Path(__file__).parents[1] / "run_tests.py"


def run(how: str) -> Any:
    """The report of `run_tests.py`."""
    done = subprocess.run(
        [
            *(sys.executable, "-W", "ignore", str(RUNNER), how),
            *("nova.objects.base:NovaObject", "nova.tests.unit.objects"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return json.loads(done.stdout)


def main() -> int:
    """Compares, and says how much."""
    plain, fast = run("plain"), run("accelerated")
    lines = [f"{how}: {dict(Counter(one['outcomes'].values()))}" for how, one in
             (("plain", plain), ("accelerated", fast))]  # fmt: skip
    lines.append(f"{fast['classes']} classes, {fast['fields']} native fields")
    different = [
        name
        for name in sorted({*plain["outcomes"], *fast["outcomes"]})
        if plain["outcomes"].get(name) != fast["outcomes"].get(name)
    ]
    lines += [f"{name}: {fast['told'].get(name, 'did not run')}" for name in different]
    lines.append(f"{len(different)} different")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if different or not plain["outcomes"] else 0


if __name__ == "__main__":
    sys.exit(main())
