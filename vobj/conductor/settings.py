"""The settings of a conductor process: one list, read from flags, environment, a file, defaults.

Theory
    A setting has one row in `SETTINGS`, and everything else follows from it: the flag of the
    command, the variable `VOBJ_CONDUCTOR_...`, the key in the table `[conductor]` of a TOML file,
    its help and the check of its value. A flag beats the environment, that beats the file, that
    beats the default. Where a value came from is kept, so that a mistake can name the place to
    mend: an unknown key or variable is one, since a setting that is misspelled is not set.
"""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vobj.errors import UsageError

PREFIX = "VOBJ_CONDUCTOR_"
TABLE = "conductor"
DEFAULT, FLAG = "the default", "the command line"
_MOST_SECONDS = 86_400.0


class SettingError(UsageError):
    """A setting has a value that it cannot have; the message names both, and where it is from."""

    def __init__(self, message: str) -> None:
        super().__init__(message, rule="conductor/setting")


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("text")
    return value


def _number(least: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
            value = int(value)
        if type(value) is not int or value < least:
            raise ValueError(f"a whole number of at least {least}")
        return value

    return read


def _seconds(least: float) -> Callable[[object], float]:
    def read(value: object) -> float:
        try:
            made = float(value) if isinstance(value, str | int | float) else math.nan
        except ValueError:
            made = math.nan
        if isinstance(value, bool) or not least <= made <= _MOST_SECONDS:
            raise ValueError(f"seconds from {least:g} to {_MOST_SECONDS:g}")
        return made

    return read


def _choice(*allowed: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in allowed:
            raise ValueError(" or ".join(allowed))
        return str(value)

    return read


@dataclass(frozen=True)
class Setting:
    """One setting. metavar: what stands for its value in help; default: None when it is not set."""

    name: str
    read: Callable[[object], Any]
    metavar: str
    default: Any
    help: str

    @property
    def flag(self) -> str:
        """On the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """In the environment."""
        return PREFIX + self.name.upper()


_LEAST = 0.001
SETTINGS: tuple[Setting, ...] = (
    Setting("import", _text, "PACKAGE.MODULE[:FUNCTION]", None,
            "The module that declares the objects. FUNCTION of it is called once, before serving;"
            " it may give the Conductor to serve."),
    Setting("listen", _text, "unix:PATH|HOST:PORT", None,
            "Where to listen for HTTP. Port 0 takes a free one."),
    Setting("base", _text, "MODULE:CLASS", None,
            "The base class of the objects that peers get at; by default every versioned object."),
    Setting("workers", _number(1), "NUMBER", 1,
            "Processes that serve the same address and queue."),
    Setting("timeout", _seconds(_LEAST), "SECONDS", 60.0,
            "Until a request is answered, if only with an error; a caller may ask for less."),
    Setting("concurrency", _number(1), "NUMBER", 32,
            "How many requests a worker works on at once."),
    Setting("queue", _number(0), "NUMBER", 128,
            "How many requests may wait in a worker; what comes on top is refused."),
    Setting("max_bytes", _number(1), "NUMBER", 64 * 1024 * 1024,
            "The longest request that is read."),
    Setting("head_timeout", _seconds(_LEAST), "SECONDS", 10.0,
            "Within which the head of a request has to arrive."),
    Setting("read_timeout", _seconds(_LEAST), "SECONDS", 10.0,
            "Within which the body of a request has to arrive."),
    Setting("write_timeout", _seconds(_LEAST), "SECONDS", 30.0,
            "Within which a caller has to go on reading its answer."),
    Setting("connections", _number(1), "NUMBER", 1_024,
            "How many connections a worker keeps open; what comes on top gets 503."),
    Setting("grace", _seconds(_LEAST), "SECONDS", None,
            "That requests in flight have after SIGTERM; by default the timeout."),
    Setting("drain_delay", _seconds(0.0), "SECONDS", 0.0,
            "After SIGTERM, when /readyz says no already and connections are still taken."),
    Setting("cache_bytes", _number(0), "NUMBER", 32 * 1024 * 1024,
            "For results that are the same for everyone; 0 keeps none."),
    Setting("manifests", _number(1), "NUMBER", 1_024,
            "How many manifests are known by their fingerprint."),
    Setting("remember", _text, "process|sqlite:PATH|redis://...", None,
            "Where it is kept what older callers were sent; by default in the process, and with"
            " several workers in an SQLite file of their own."),
    Setting("remember_bytes", _number(1), "NUMBER", 64 * 1024 * 1024,
            "For what older callers were sent (not with Redis, which has a limit of its own)."),
    Setting("fleet", _text, "default|URL", None,
            "The database of a fleet: which backports are asked for is told there, and its page is"
            " served at /."),
    Setting("tls_cert", _text, "FILE", None, "The certificate chain to serve TLS with, as PEM."),
    Setting("tls_key", _text, "FILE", None, "Its private key, as PEM."),
    Setting("tls_client_ca", _text, "FILE", None,
            "Mutual TLS: certificates of whoever signs those that callers must show, as PEM."),
    Setting("token_file", _text, "FILE", None,
            "Tokens, one a line: every request but /healthz and /readyz has to show one."),
    Setting("rpc_url", _text, "URL", None,
            "Serve oslo.messaging as well, or alone: the URL of its transport."),
    Setting("rpc_topic", _text, "NAME", "vobj.conductor", "The topic to listen at."),
    Setting("rpc_exchange", _text, "NAME", "openstack", "The exchange of the topic."),
    Setting("rpc_config", _text, "FILE", None, "A configuration file of oslo.messaging."),
    Setting("log", _choice("text", "json"), "text|json", "text",
            "How the log is written to stderr: lines of text, or of JSON."),
    Setting("log_level", _choice("info", "warning", "error"), "info|warning|error", "info",
            "What is logged: with info a line for each request, which costs it some 30 us."),
)  # fmt: skip
BY_NAME: Mapping[str, Setting] = {one.name: one for one in SETTINGS}


@dataclass(frozen=True)
class Settings:
    """Every setting by name, and where each came from."""

    values: Mapping[str, Any]
    sources: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def is_set(self, name: str) -> bool:
        """Whether anybody has set it, be it to its default."""
        return self.sources.get(name, DEFAULT) != DEFAULT

    def wrong(self, name: str, why: str) -> SettingError:
        """The error for a setting whose value does not do."""
        return SettingError(f"{name} = {self[name]!r}: {why} (from {self.sources[name]})")


def read_settings(
    flags: Mapping[str, Any], environment: Mapping[str, str], file: Path | None = None
) -> Settings:
    """The settings out of all places, each read and checked for itself.

    flags: what was given on the command line, None for what was not. environment: variables, of
    which those with the prefix count. file: TOML. Raises SettingError (`conductor/setting`).
    """
    values: dict[str, Any] = {one.name: one.default for one in SETTINGS}
    sources = dict.fromkeys(values, DEFAULT)
    for source, name, value in _given(flags, environment, file):
        try:
            values[name] = BY_NAME[name].read(value)
        except ValueError as error:
            raise SettingError(f"{name}: expected {error}, got {value!r} (from {source})") from None
        sources[name] = source
    return Settings(values, sources)


def _given(
    flags: Mapping[str, Any], environment: Mapping[str, str], file: Path | None
) -> Iterable[tuple[str, str, Any]]:
    """What was set, the weakest place first."""
    if file is not None:
        for name, value in _in_file(file).items():
            yield f"the file {file}", _known(name, f"the file {file}"), value
    for variable, text in environment.items():
        if variable.startswith(PREFIX) and variable != PREFIX + "CONFIG":
            source = f"the variable {variable}"
            yield source, _known(variable.removeprefix(PREFIX).lower(), source), text
    for name, value in flags.items():
        if value is not None:
            yield f"{FLAG}, {BY_NAME[name].flag}", name, value


def _known(name: str, source: str) -> str:
    if name in BY_NAME:
        return name
    near = difflib.get_close_matches(name, BY_NAME, n=1)
    hint = f": did you mean {near[0]}?" if near else ""
    raise SettingError(f"{name} is no setting{hint} (from {source})")


def _in_file(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(f"config: cannot read {path}: {error}") from error
    table = found.get(TABLE)
    if not isinstance(table, dict):
        raise SettingError(f"config: {path} has no table [{TABLE}]")
    return table
