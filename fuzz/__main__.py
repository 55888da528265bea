"""`python -m fuzz`: tries payloads on every target, and says how many and how fast."""

from __future__ import annotations

import argparse
import faulthandler
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from fuzz import drawn
from fuzz.oracle import Finding
from fuzz.places import REGRESSIONS
from fuzz.quiet import quiet
from fuzz.targets import TARGETS, Tally

_HUNG = 300.0
_TOLD_EVERY = 60.0


@dataclass(frozen=True)
class Result:
    """What the inputs of one target came to. failed: what is wrong with the last one."""

    tally: Tally
    seconds: float
    failed: str | None = None
    data: bytes = b""


def main() -> int:
    """Try them all; 1 when an input was found that no target may be given."""
    options = _options()
    quiet()
    if options.replay is not None:
        return _replay(options.target, options.replay)
    guided = options.driver == "atheris"
    if options.driver == "auto":
        guided = importlib.util.find_spec("atheris") is not None
        if not guided:
            print("atheris is not installed: inputs are drawn at random", flush=True)
    names = options.target or list(TARGETS)
    share = max(1, options.runs // len(names))
    total, seconds, failed = 0, 0.0, False
    for name in names:
        print(f"{name:15}", end=" ", flush=True)
        run = _guided if guided else _drawn
        result = run(name, share, options.seed)
        _told(name, result)
        total += result.tally.inputs
        seconds += result.seconds
        failed = failed or result.failed is not None
    rate = total / max(seconds, 1e-9)
    print(f"{'total':15} {total:>10,} inputs in {seconds:,.1f} s, {rate:,.0f} a second", flush=True)
    return int(failed)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--runs", type=int, default=60_000, help="inputs, over all targets")
    parser.add_argument("--seed", type=int, default=1, help="equal seeds draw equal inputs")
    parser.add_argument("--target", action="append", choices=list(TARGETS), help="only this one")
    parser.add_argument("--driver", choices=["auto", "atheris", "random"], default="auto")
    parser.add_argument("--replay", type=Path, help="try the one input in this file")
    return parser.parse_args()


def _replay(names: list[str] | None, path: Path) -> int:
    for name in names or TARGETS:
        TARGETS[name]()(path.read_bytes())
        print(f"{name}: passed")
    return 0


def _drawn(name: str, runs: int, seed: int) -> Result:
    """Inputs drawn at random. The one that runs is in a file, should it end the process."""
    target = TARGETS[name]()
    current = Path(tempfile.gettempdir()) / f"vobj-fuzz-{name}-{os.getpid()}"
    started = told = time.monotonic()
    held = current.open("wb", buffering=0)
    try:
        for data in drawn.inputs(target, seed):
            held.seek(0)
            held.truncate()
            held.write(data)
            if target.tally.inputs % 4096 == 0:
                faulthandler.dump_traceback_later(_HUNG, exit=True)
                told = _progress(target.tally, started, told)
            target(data)
            if target.tally.inputs >= runs:
                break
    except Finding as finding:
        return Result(target.tally, time.monotonic() - started, str(finding), data)
    finally:
        faulthandler.cancel_dump_traceback_later()
        held.close()
    current.unlink()
    return Result(target.tally, time.monotonic() - started)


def _progress(tally: Tally, started: float, told: float) -> float:
    now = time.monotonic()
    if now - told < _TOLD_EVERY:
        return told
    print(f"{tally.inputs:,} in {now - started:,.0f} s;", end=" ", flush=True)
    return now


def _guided(name: str, runs: int, seed: int) -> Result:
    """Inputs that atheris chooses, in a process of their own."""
    with tempfile.TemporaryDirectory(prefix="vobj-fuzz-") as place:
        folder = Path(place)
        started = time.monotonic()
        command = [sys.executable, "-m", "fuzz.guided", name, str(runs), str(seed), place]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - started
        told = folder / "tally.json"
        if not told.exists():
            crashes = sorted(folder.glob("crash-*"))
            data = crashes[0].read_bytes() if crashes else b""
            return Result(Tally(), seconds, f"the process ended: {done.stderr[-2000:]}", data)
        tally = json.loads(told.read_text())
        failed = tally.pop("finding")
        data = b"" if failed is None else (folder / "finding").read_bytes()
        return Result(Tally(**tally), seconds, failed, data)


def _told(name: str, result: Result) -> None:
    tally = result.tally
    rate = tally.inputs / max(result.seconds, 1e-9)
    done = f"{tally.accepted:,} accepted, {tally.native:,} native"
    print(f"{tally.inputs:>10,} inputs, {rate:,.0f} a second: {done}; refused:")
    rules = sorted(tally.refused.items(), key=lambda one: -one[1])
    print(" " * 16 + ", ".join(f"{rule} {count:,}" for rule, count in rules), flush=True)
    if result.failed is not None:
        kept = REGRESSIONS / name / f"{hashlib.sha256(result.data).hexdigest()[:16]}"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(result.data)
        print(f"FOUND: {result.failed}\nin {result.data!r}\nkept as {kept}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
