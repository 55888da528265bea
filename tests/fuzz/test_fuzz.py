"""A short run of the fuzzer, and that what it is made of notices what it is there to notice."""

from __future__ import annotations

import importlib.util
import random
import re
import subprocess
import sys
from pathlib import Path

import msgpack
import pytest

from fuzz.json_mutation import JsonMutator
from fuzz.msgpack_mutation import MsgpackMutator
from fuzz.oracle import Answer, Finding, asked, check_changed, check_decoded, form
from fuzz.spans import header, spans
from vobj import native
from vobj.errors import ConversionError, PayloadError

RUNS = 12_000
HUNG = 1_800.0
ROOT = Path(__file__).parent.parent.parent
TREE = {"name": "a", "data": {"list": [1, 2.5, None, True], "bytes": b"\0\1", "text": "é" * 40}}


def run(*arguments: str) -> str:
    """The output of a run in a process of its own, which registers classes of its own."""
    command = [sys.executable, "-W", "ignore", "-m", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=HUNG, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def total(output: str) -> int:
    """How many inputs a run says it tried."""
    found = re.search(r"^total +([\d,]+) inputs", output, re.MULTILINE)
    assert found is not None, output
    return int(found[1].replace(",", ""))


@pytest.mark.skipif(native.reason is not None, reason=f"the native executor: {native.reason}")
def test_both_executors_agree_on_payloads_that_are_drawn() -> None:
    """Damaged payloads for each target; on each wire some are done natively."""
    output = run("fuzz", "--driver", "random", "--runs", str(RUNS), "--seed", "20170222")
    assert total(output) >= RUNS - 6
    told = re.findall(r"^([a-z-]+).* ([\d,]+) native; refused", output, re.MULTILINE)
    done = {name: int(count.replace(",", "")) for name, count in told}
    wires = ("msgpack-decode", "msgpack-change", "packed-decode", "packed-change")
    assert all(done[name] > 0 for name in wires), done


@pytest.mark.skipif(native.reason is not None, reason=f"the native executor: {native.reason}")
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
def test_atheris_finds_nothing_in_a_short_run() -> None:
    """The same targets, with inputs that are chosen by the code they reach."""
    targets = ("--target", "msgpack-decode", "--target", "packed-change")
    output = run("fuzz", "--driver", "atheris", "--runs", "1000", "--seed", "1", *targets)
    assert total(output) >= 1000


def test_objects_that_differ_anywhere_are_a_finding() -> None:
    """A value of another type, and an error on one side only."""
    check_decoded(Answer([1, {"a"}], None), Answer([1, {"a"}], None))
    with pytest.raises(Finding, match="native gave"):
        check_decoded(Answer([1], None), Answer([True], None))
    with pytest.raises(Finding, match="python gave"):
        check_decoded(Answer(float("nan"), None), Answer(0.0, None))
    with pytest.raises(Finding, match="python raised"):
        check_decoded(Answer(1, None), Answer(None, PayloadError("no", rule="payload/value")))
    assert form([float("nan"), {2, 1}]) == form([float("nan"), {1, 2}])


def test_errors_that_differ_are_a_finding() -> None:
    """Type, rule and path have to be the same, and the type one that is documented."""
    here = PayloadError("no", rule="payload/value", path=("a",))
    there = PayloadError("no", rule="payload/value", path=("b",))
    check_decoded(Answer(None, here), Answer(None, here))
    with pytest.raises(Finding, match="native raised"):
        check_decoded(Answer(None, here), Answer(None, there))
    with pytest.raises(Finding, match="no RemoteError"):
        check_decoded(*[asked(lambda: int("x"))] * 2)
    failed = Answer(None, ConversionError("no", rule="convert/failed"))
    check_changed(failed, failed, msgpack.unpackb)
    with pytest.raises(Finding, match="no error that is documented"):
        check_changed(*[asked(lambda: int("x"))] * 2, msgpack.unpackb)


def test_payloads_that_differ_are_a_finding_unless_only_order_does() -> None:
    """Foreign classes write sets in any order."""
    one, other = msgpack.packb({"a": [1, 2]}), msgpack.packb({"a": [2, 1]})
    check_changed(Answer(one, None), Answer(other, None), msgpack.unpackb)
    more = msgpack.packb({"a": [2, 1, 1]})
    with pytest.raises(Finding, match="native gave"):
        check_changed(Answer(one, None), Answer(more, None), msgpack.unpackb)


def test_spans_cover_every_value_of_a_payload() -> None:
    """Each value that msgpack reads is found, with where it is and what it is in."""
    data = msgpack.packb(TREE)
    found = spans(data)
    read = [msgpack.unpackb(data[one.start : one.end]) for one in found]
    assert read[0] == TREE
    assert [one for one, span in zip(read, found, strict=True) if span.is_key] == [
        "name", "data", "list", "bytes", "text"
    ]  # fmt: skip
    assert [1, 2.5, None, True] in read
    assert spans(data[:-10])[0].kind == "map"


@pytest.mark.parametrize("count", [0, 15, 16, 31, 32, 255, 256, 65535, 65536])
def test_headers_are_those_of_msgpack(count: int) -> None:
    """The shortest one, unless told otherwise."""
    assert msgpack.packb("x" * count).startswith(header("text", count))
    assert msgpack.packb([0] * count).startswith(header("array", count))
    assert msgpack.packb(b"x" * count).startswith(header("binary", count))
    assert msgpack.packb(dict.fromkeys(range(count))).startswith(header("map", count))
    assert len(header("text", count, width=4)) == 5


def test_mutations_repeat_and_some_stay_well_formed() -> None:
    """Equal dice give equal inputs; both readable and unreadable ones come out."""
    data = msgpack.packb(TREE)
    mutate = MsgpackMutator([data])
    made = [mutate(data, random.Random(seed)) for seed in range(400)]
    assert made == [mutate(data, random.Random(seed)) for seed in range(400)]
    readable = 0
    for one in set(made) - {data}:
        try:
            msgpack.unpackb(one, strict_map_key=False)
        except Exception:  # noqa: BLE001 - its errors are of many kinds
            continue
        readable += 1
    assert 50 < readable < len(set(made)) - 50


def test_mutations_of_json_change_tokens() -> None:
    """Most are other bytes, and not many are cut short."""
    data = b'{"a": [1, 2.5, null, true], "b": {"c": "text"}}'
    mutate = JsonMutator([data])
    made = {mutate(data, random.Random(seed)) for seed in range(200)}
    assert len(made) > 100
    assert sum(one.startswith(b"{") for one in made) > 100
