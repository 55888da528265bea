"""`vobj inspect`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgpack
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.conftest import Vobj, VobjProcess
from tests.cli.harbour import HarbourShip, ship
from tests.wires.trees import WIRES
from vobj.cli.payload import measure, objects, plain, scalar
from vobj.cli.program import program
from vobj.cli.screen import clean, shortened
from vobj.codec import Codec
from vobj.model import history_of

HARBOUR = "tests.cli.harbour"
PICTURE = """\
HarbourShip 1.6  # changes imo, flag, tons, state, speed, cargo, crew
  imo: "9074729"
  flag: null
  tons: 44000
  state: "moored"
  speed: 123
  cargo: "grain"
  crew: list of 1
    [0] HarbourCrew 1.1  # changes badge, rank
      badge: "b7e9c2a4-61d8-4f35-a0c6-2d9f4e8b1c73"
      rank: "mate"
"""


def edited(**data: Any) -> bytes:
    """The ship on the wire, with some of its data replaced."""
    tree = Codec("primitive").encode(ship())
    tree["versioned_object.data"] |= data
    return json.dumps(tree).encode()


def stamped(**parts: str) -> bytes:
    """The ship on the wire, with other parts of its envelope."""
    tree = Codec("primitive").encode(ship())
    tree |= {f"versioned_object.{key}": one for key, one in parts.items()}
    return json.dumps(tree).encode()


@pytest.mark.parametrize("wire", ["json", "msgpack", "packed"])
def test_a_payload_is_shown_as_it_is(vobj: Vobj, wire: str) -> None:
    """Either wire gives the same picture, from a pipe, with no class at hand."""
    payload = Codec(wire).encode(ship())
    result = vobj("inspect", "-", stdin=payload)
    assert (result.exit_code, result.stderr) == (0, "")
    head, _, picture = result.stdout.partition("\n")
    assert head == f"{wire}, {len(payload)} bytes: 2 objects, 30 values, 5 deep"
    assert picture == PICTURE


def test_no_class_is_needed(vobj_process: VobjProcess, tmp_path: Path) -> None:
    """A payload in a file is shown by a process that has never heard of its classes."""
    (tmp_path / "ship.bin").write_bytes(Codec("msgpack").encode(ship()))
    done = vobj_process("inspect", "ship.bin", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(PICTURE)


def test_classes_are_compared(vobj: Vobj) -> None:
    """With --module every object is told from its class: newest version, too much, too little."""
    tree = json.loads(edited(anchor=1))
    del tree["versioned_object.data"]["flag"]
    result = vobj("inspect", "--module", HARBOUR, "-", stdin=json.dumps(tree).encode())
    assert result.exit_code == 0
    assert "HarbourShip 1.6  # newest here 1.6; changes" in result.stdout
    assert "; unset flag\n" in result.stdout
    assert "  anchor: 1  # not in this version\n" in result.stdout


def test_an_older_payload_is_compared_with_its_own_version(vobj: Vobj) -> None:
    """The schema is that of the version in the payload, under the names of that version."""
    old = Codec("json").encode(ship(), to={"HarbourShip": "1.1", "HarbourCrew": "1.0"})
    told = json.loads(vobj("inspect", "--module", HARBOUR, "--json", "-", stdin=old).stdout)
    assert [(one["object"], one["version"], one["here"]) for one in told["objects"]] == [
        ("HarbourShip", "1.1", "1.6"), ("HarbourCrew", "1.0", "1.1")
    ]  # fmt: skip
    assert all(one["extra"] == one["unset"] == [] for one in told["objects"])
    assert all(one["wrong"] == {} for one in told["objects"])


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (edited(tons="heavy"), "at $: tons is no Integer"),
        (edited(tons=True), "at $: tons is no Integer"),
        (edited(tons=None), "at $: tons is no Integer"),
        (edited(state="docked"), "at $: state is no Enum<moored|sailing>"),
        (edited(crew=[3]), "at $: crew is no List<Object<HarbourCrew>>"),
        (edited(crew={}), "at $: crew is no List<Object<HarbourCrew>>"),
        (stamped(name="Boat"), "at $: Boat is unknown here"),
        (stamped(version="1.7"), "at $: newer than 1.6, which is the newest here"),
        (stamped(version="2.0"), "at $: newer than 1.6, which is the newest here"),
        (stamped(version="new"), "at $: Expected a version such as '1.3', got 'new'"),
    ],
)
def test_what_does_not_fit_the_classes(vobj: Vobj, payload: bytes, message: str) -> None:
    """A class, a version or a value that is not known here ends with exit status 1."""
    result = vobj("inspect", "--module", HARBOUR, "-", stdin=payload)
    assert result.exit_code == 1
    assert message in result.stderr
    assert vobj("inspect", "-", stdin=payload).exit_code == 0


def test_a_class_of_oslo_is_compared_at_its_own_version_only(vobj: Vobj) -> None:
    """Of a class without a declared history only the newest schema is known."""

    def buoy(version: str) -> bytes:
        return json.dumps({
            "versioned_object.name": "HarbourBuoy", "versioned_object.namespace": "x",
            "versioned_object.version": version, "versioned_object.data": {"light": "on"},
        }).encode()  # fmt: skip

    assert vobj("inspect", "--module", HARBOUR, "-", stdin=buoy("1.2")).exit_code == 0
    assert vobj("inspect", "--module", HARBOUR, "-", stdin=buoy("1.3")).exit_code == 1


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"", "starts with nothing"),
        (b"\x00\x1b[2J", "starts with 00 1b"),
        (b"{", "rule  payload/malformed: "),
        (Codec("msgpack").encode(ship())[:-1], "rule  payload/malformed: "),
        (b'{"\x1b[2J": 1}', "Expected json, got what is not"),
        (b"[" * 100_000, "rule  payload/depth: "),
        (b"\xdd\xff\xff\xff\xff", "rule  payload/count: "),
        (b"[1, 2]", "The payload holds no versioned object"),
        (b'{"a.name": 1, "a.data": []}', "at $: Expected 'a.name' of type str, got int"),
        (stamped(namespace=""), ""),
    ],
)
def test_hostile_bytes_end_in_a_message(vobj: Vobj, payload: bytes, message: str) -> None:
    """Whatever the bytes are, the command ends with a message in printable characters."""
    result = vobj("inspect", "-", stdin=payload)
    assert result.exit_code == (1 if message else 0)
    assert message in result.stderr
    assert (result.stdout + result.stderr).replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        (["--max-bytes", "100"], "payload/size"),
        (["--max-depth", "2"], "payload/depth"),
        (["--max-values", "10"], "payload/count"),
    ],
)
def test_limits_can_be_set(vobj: Vobj, arguments: list[str], rule: str) -> None:
    """Each limit of reading is an option; over it nothing is shown."""
    result = vobj("inspect", *arguments, "-", stdin=Codec("msgpack").encode(ship()))
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"rule  {rule}: " in result.stderr


def test_an_endless_file_is_not_read_to_its_end(vobj: Vobj) -> None:
    """No more is read than the limit allows."""
    result = vobj("inspect", "--max-bytes", "1000", "/dev/zero")
    assert result.exit_code == 1
    assert "starts with 00" in result.stderr


@pytest.mark.parametrize("path", ["no-such-file", "/"])
def test_a_file_that_cannot_be_read(vobj: Vobj, path: str) -> None:
    """A file that is not there is a mistake of the command line: exit status 2."""
    assert vobj("inspect", path).exit_code == 2


def test_long_payloads_are_cut(vobj: Vobj) -> None:
    """Long values and very many lines are cut, unless --full asks for all."""
    payload = edited(imo="x" * 1000, cargo=list(range(3000)))
    short = vobj("inspect", "-", stdin=payload).stdout.splitlines()
    assert len(short) == 2002
    assert short[2].endswith('xxx" (1000 characters)')
    assert len(short[2]) < 120
    assert short[-1] == "... and 1011 more lines: --full prints them"
    full = vobj("inspect", "--full", "-", stdin=payload).stdout.splitlines()
    assert len(full) == 2001 + 1011
    assert full[2] == f'  imo: "{"x" * 1000}"'


hostile_text = st.text(st.characters(), max_size=20) | st.sampled_from(
    ["\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "a\nb\r", "\u202egnp.exe", "\ud800", "\u2028"]
)
hostile_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | hostile_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(hostile_text, inner, max_size=3),
    max_leaves=10,
)


@given(name=hostile_text, version=hostile_text, field=hostile_text, value=hostile_values)
def test_nothing_reaches_the_terminal_unescaped(
    name: str, version: str, field: str, value: Any
) -> None:
    """Names, versions, fields and values of a payload print as printable characters only."""
    tree = {
        "o.name": name, "o.namespace": name, "o.version": version,
        "o.data": {field: value}, "o.changes": [field],
    }  # fmt: skip
    payload = json.dumps(tree).encode()
    for arguments in (["inspect", "-"], ["inspect", "--module", HARBOUR, "-"]):
        result = CliRunner().invoke(program, arguments, input=payload)
        assert isinstance(result.exception, SystemExit | None), result.exception
        assert result.output.replace("\n", "").isprintable()


@given(st.text(st.characters()))
def test_clean_text_is_printable(text: str) -> None:
    """Cleaned text is printable, and printable text stays as it is."""
    assert clean(text).isprintable()
    assert clean(clean(text)) == clean(text)
    assert (clean(text) == text) == text.isprintable()


@given(st.text(), st.integers(5, 50))
def test_shortened_text_is_short(text: str, longest: int) -> None:
    """Text is cut in its middle, and only when it is too long."""
    made = shortened(text, longest)
    assert len(made) <= longest
    assert made == text if len(text) <= longest else made[:1] == text[:1] and "..." in made


def test_what_only_msgpack_has(vobj: Vobj) -> None:
    """Bytes and sets are shown, and have a place in the JSON document."""
    tree = {
        "o.name": "X", "o.namespace": "o", "o.version": "1.0",
        "o.data": {"raw": b"\x00" * 20, "some": {3, 1, 2}, "none": frozenset(), "far": 1e999},
    }  # fmt: skip
    payload = WIRES["msgpack"].encode(tree)
    assert isinstance(payload, bytes)
    shown = vobj("inspect", "-", stdin=payload).stdout
    assert "  raw: 20 bytes 00 00" in shown
    assert "  some: set of 3\n    [0] 1\n    [1] 2\n    [2] 3\n" in shown
    assert "  none: []\n" in shown
    told = json.loads(vobj("inspect", "--json", "-", stdin=payload).stdout)
    assert told["payload"]["o.data"]["some"] == [1, 2, 3]
    assert told["payload"]["o.data"]["far"] == "inf"


def test_small_parts() -> None:
    """Values without values inside, counted as the limits count them."""
    assert measure({"a": [1]}) == (3, 2)
    assert scalar((), 10) == "[]"
    assert scalar(1.5, 10) == "1.5"
    assert plain((1, b"x")) == [1, "b'x'"]
    assert [one.path for _, one in objects([{"a.name": "X", "a.data": 3}])] == ["$[0]"]


def test_a_packed_payload_of_a_schema_that_is_not_known(vobj: Vobj) -> None:
    """Its values are shown without names, and the failure says what they lack."""
    data = Codec("packed").encode(ship())
    fingerprint = bytes.fromhex(history_of(HarbourShip).schema("1.6").fingerprint)
    result = vobj("inspect", "-", stdin=data.replace(fingerprint, bytes(8)))
    assert result.exit_code == 1
    assert result.stdout.startswith(f"packed, {len(data)} bytes: 0 objects, ")
    assert '    [0] "HarbourShip"\n    [1] "1.6"\n    [2] 8 bytes 00 00' in result.stdout
    assert "The values have no names without --module of their classes" in result.stderr
    assert "packed/fingerprint" in result.stderr


def test_a_packed_payload_that_is_malformed(vobj: Vobj) -> None:
    """Nothing of it is shown."""
    result = vobj("inspect", "-", stdin=Codec("packed").encode(ship())[:-1])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "payload/malformed" in result.stderr


def test_a_packed_payload_of_another_project(vobj: Vobj) -> None:
    """Payloads of any project are shown; its prefix is not in the bytes."""
    schema = history_of(HarbourShip).schema("1.6")
    value = [["HarbourShip", "1.6", bytes.fromhex(schema.fingerprint), "other"], bytes(1), None]
    result = vobj("inspect", "-", stdin=b"\xc1\x01" + msgpack.packb(value))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[1:] == ["HarbourShip 1.6"]
