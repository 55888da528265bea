"""One schema of settings: where each comes from, what beats what, and what is a mistake."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conductor.processes import ROOT, SECONDS, environment
from vobj.conductor.checks import intentions
from vobj.conductor.settings import DEFAULT, SETTINGS, SettingError, read_settings

BASICS = {"import": "fleet_now", "listen": "127.0.0.1:0"}


def in_file(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_the_order_of_places(tmp_path: Path) -> None:
    """A flag beats the environment, that beats the file, that beats the default."""
    file = in_file(tmp_path / "c.toml", "[conductor]\ntimeout = 1\nqueue = 1\nworkers = 3\n")
    variables = {"VOBJ_CONDUCTOR_TIMEOUT": "2", "VOBJ_CONDUCTOR_QUEUE": "2", "OTHER": "x"}
    found = read_settings({"timeout": "3", "queue": None}, variables, file)
    assert (found["timeout"], found["queue"], found["workers"]) == (3.0, 2, 3)
    assert found["concurrency"] == 32
    assert found.sources["timeout"] == "the command line, --timeout"
    assert found.sources["queue"] == "the variable VOBJ_CONDUCTOR_QUEUE"
    assert found.sources["workers"] == f"the file {file}"
    assert (found.sources["concurrency"], found.is_set("concurrency")) == (DEFAULT, False)


def test_defaults_are_values() -> None:
    """What a setting is without being set, it could be set to."""
    for one in SETTINGS:
        if one.default is not None:
            assert one.read(one.default) == one.default, one.name


@pytest.mark.parametrize(
    ("flags", "variables", "text", "told"),
    [
        ({"timeout": "soon"}, {}, "", "timeout: expected seconds .* 'soon' .*--timeout"),
        ({"timeout": "nan"}, {}, "", "timeout: expected seconds"),
        ({"workers": "0"}, {}, "", "workers: expected a whole number of at least 1"),
        ({"queue": "1.5"}, {}, "", "queue: expected a whole number"),
        ({"log": "xml"}, {}, "", "log: expected text or json, got 'xml'"),
        ({}, {"VOBJ_CONDUCTOR_QUEUE": "-1"}, "", "queue: .* VOBJ_CONDUCTOR_QUEUE"),
        ({}, {"VOBJ_CONDUCTOR_QUEU": "1"}, "", "queu is no setting: did you mean queue"),
        ({}, {}, "[conductor]\nqueue = true", "queue: .* True .*the file"),
        ({}, {}, "[conductor]\nimport = 5", "import: expected text, got 5"),
        ({}, {}, "[conductor]\nzzz = 5", "zzz is no setting .from the file"),
        ({}, {}, "[conduct]\nqueue = 1", "has no table .conductor."),
        ({}, {}, "queue = ", "config: cannot read"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(
    tmp_path: Path, flags: Mapping[str, Any], variables: dict[str, str], text: str, told: str
) -> None:
    """The message names the setting, what it got, and where to mend it."""
    file = in_file(tmp_path / "c.toml", text) if text else None
    with pytest.raises(SettingError, match=told) as raised:
        read_settings(flags, variables, file)
    assert raised.value.rule == "conductor/setting"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"import": None}, "import: name the module"),
        ({"listen": None}, "listen: say where"),
        ({"listen": "here"}, "listen = 'here': Expected unix:PATH or HOST:PORT.*--listen"),
        ({"rpc_url": "nowhere"}, "rpc_url .* not the URL of a transport"),
        ({"rpc_url": "rabbit://h/", "rpc_config": "/no/file"}, "rpc_config .* cannot be read"),
        ({"tls_cert": "/no/file"}, "tls_cert .* needs tls_key"),
        ({"tls_key": "/no/file"}, "tls_key .* needs tls_cert"),
        ({"tls_cert": "/no/file", "tls_key": "/no/file"}, "tls_cert .* cannot be used"),
        ({"tls_client_ca": "/no/file"}, "tls_client_ca .* needs tls_cert"),
        ({"token_file": "/no/file"}, "token_file .* Cannot read"),
        ({"remember": "somewhere"}, "remember .* Expected process, sqlite:PATH"),
        ({"remember": "sqlite:/no/place/x"}, "remember .* no such directory"),
        ({"remember": "sqlite:"}, "remember .* no such directory"),
    ],
)
def test_settings_that_do_not_fit(more: Mapping[str, Any], told: str) -> None:
    """What is right alone may be wrong beside the others, or on this machine."""
    flags = {name: value for name, value in {**BASICS, **more}.items() if value is not None}
    settings = read_settings(flags, {})
    with pytest.raises(SettingError, match=told):
        intentions(settings)


def test_what_it_would_do() -> None:
    """Each thing that the settings bring about is a line, without passwords."""
    flags = {**BASICS, "workers": "2", "rpc_url": "rabbit://me:secret@broker:5672/",
             "remember": "redis://:secret@cache/1", "drain_delay": "2"}  # fmt: skip
    told = "\n".join(intentions(read_settings(flags, {})))
    assert "import fleet_now, in 2 processes" in told
    assert "serve HTTP at 127.0.0.1:0" in told
    assert "serve oslo.messaging over rabbit at broker:5672, topic vobj.conductor" in told
    assert "redis://cache/1" in told
    assert "secret" not in told
    alone = intentions(read_settings({**BASICS, "workers": "2", "remember": "process"}, {}))
    assert any(line.startswith("note: each process remembers for itself") for line in alone)


def command(*options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vobj", "conductor", *options], env=environment(**variables),
        cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip


def test_check_says_what_would_be_done(tmp_path: Path) -> None:
    """The command tells each setting with its place, and starts nothing."""
    file = in_file(tmp_path / "c.toml", '[conductor]\nimport = "fleet_now:prepare"\n')
    done = command("--config", str(file), "--check", "--listen", "127.0.0.1:0",
                   VOBJ_CONDUCTOR_TIMEOUT="5", FLEET_DB="/no/such/place")  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert f"import = fleet_now:prepare  (from the file {file})" in done.stdout
    assert "timeout = 5.0  (from the variable VOBJ_CONDUCTOR_TIMEOUT)" in done.stdout
    assert "serve HTTP at 127.0.0.1:0" in done.stdout


@pytest.mark.parametrize(
    ("options", "variables", "told"),
    [
        (["--listen", "127.0.0.1:0"], {}, "import: name the module"),
        (["--import", "fleet_now", "--listen", "x"], {}, "the command line, --listen"),
        (["--import", "fleet_now:no", "--listen", "127.0.0.1:0"], {}, "has no function 'no'"),
        (["--import", "fleet_now"], {"VOBJ_CONDUCTOR_CONFIG": "/no/file"}, "cannot read /no/file"),
        (["--import", "fleet_now"], {"VOBJ_CONDUCTOR_QUEUE": "x"}, "VOBJ_CONDUCTOR_QUEUE"),
    ],
)
def test_check_finds_mistakes(options: list[str], variables: dict[str, str], told: str) -> None:
    """A mistake ends it with a status that is not 0, naming the setting and its place."""
    done = command(*options, "--check", **variables)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
