"""`vobj conductor`: serve backports and remotable methods over HTTP and oslo.messaging."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vobj.cli.failure import NOT_STARTED, WRONG, Failure
from vobj.cli.lookup import load
from vobj.cli.screen import clean
from vobj.conductor.settings import DEFAULT, PREFIX, SETTINGS, Settings, read_settings
from vobj.errors import VobjError

if TYPE_CHECKING:
    import socket

    from vobj.conductor import Conductor

_NEEDED = ("starlette", "uvicorn", "prometheus_client")
_OWN = ("base", "max_bytes", "cache_bytes", "manifests")


def _with_flags(command: Callable[..., None]) -> Callable[..., None]:
    for one in reversed(SETTINGS):
        shown = "" if one.default is None else f"  [default: {one.default}]"
        command = click.option(one.flag, one.name, metavar=one.metavar, help=one.help + shown)(
            command
        )
    return command


@click.command(
    epilog="""\b
Examples:
  $ vobj conductor --import fleet.service:prepare --listen unix:/run/fleet/conductor.sock
  $ vobj conductor --config /etc/fleet/conductor.toml --check
\b
Exit status:
  0  it was stopped, and nothing was left undone
  1  it was stopped while methods were running, or a worker failed
  2  it could not start; with --check, it could not""",
)
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE",
    help="TOML with a table [conductor]; its keys are the names of these flags, with _ for -.",
)  # fmt: skip
@click.option("--check", is_flag=True, help="Say what it would do, and do not start.")
@_with_flags
def conductor(*, config: Path | None, check: bool, **flags: str | None) -> None:
    """Serve backports and remotable methods to peers of other versions.

    Peers send JSON or msgpack over HTTP: POST /v1/backport, /v1/action and /v1/class-action; or
    they call over oslo.messaging. GET /healthz, /readyz and /metrics tell how it is. SIGTERM and
    SIGINT stop it once requests in flight are answered; SIGHUP replaces the workers, where there
    are several. The log goes to stderr, one line per request.

    Every flag is also a variable of the environment, VOBJ_CONDUCTOR_LISTEN for --listen, and a key
    of the configuration file. A flag beats a variable, and that beats the file.
    """
    _check_installed()
    from vobj.conductor.checks import intentions

    try:
        settings = read_settings(flags, os.environ, config or _config_of_environment())
        plan = intentions(settings)
    except VobjError as error:
        raise Failure(error.message, status=NOT_STARTED) from None
    if check:
        _look_up(settings)
        _show(settings, plan)
        return
    status = _serve(settings)
    if status:
        # A thread that does not end would keep the interpreter from ending.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _config_of_environment() -> Path | None:
    named = os.environ.get(f"{PREFIX}CONFIG")
    return Path(named) if named else None


def _check_installed() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise Failure(
            f"vobj conductor needs {', '.join(missing)}: pip install 'pyvobj[http]'",
            status=NOT_STARTED,
        )


def _show(settings: Settings, plan: list[str]) -> None:
    for name, value in settings.values.items():
        source = settings.sources[name]
        if source != DEFAULT:
            click.echo(clean(f"{name} = {value}  (from {source})"))
    click.echo("It would:")
    for line in plan:
        click.echo(clean(f"  {line}"))


def _serve(settings: Settings) -> int:
    """Serve in this process, or look after workers that do; the exit status."""
    from vobj.conductor import sockets
    from vobj.conductor.checks import address_of

    _log(settings)
    with ExitStack() as stack:
        shown, bound = "its topic", None
        if settings["listen"] is not None:
            address = address_of(settings)
            bound = sockets.listen(address)
            stack.callback(sockets.remove, address)
            shown = clean(sockets.told(bound, address))

        def started() -> None:
            click.echo(f"vobj conductor listens at {shown}")

        if settings["workers"] == 1:
            return _serve_here(settings, bound, started)
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vobj-conductor-")))
        return _serve_with_workers(_shared(settings, place), bound, place, started)


def _serve_here(
    settings: Settings, bound: socket.socket | None, started: Callable[[], None]
) -> int:
    from vobj.conductor.process import run

    return 0 if run(settings, _conductor(settings), bound, started) else WRONG


def _serve_with_workers(
    settings: Settings, bound: socket.socket | None, place: Path, started: Callable[[], None]
) -> int:
    # prometheus_client reads this when it is imported, here and in the workers.
    numbers = place / "metrics"
    numbers.mkdir()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(numbers)
    from vobj.conductor.checks import grace_of
    from vobj.conductor.workers import Workers

    grace = grace_of(settings) + settings["drain_delay"]
    return Workers(_work, (settings, bound), settings["workers"], grace).run(started)


def _work(settings: Settings, bound: socket.socket | None, started: Callable[[], None]) -> int:
    """A worker; the exit status."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    _log(settings)
    try:
        return _serve_here(settings, bound, started)
    except Failure as error:
        error.show()
        return error.exit_code
    except VobjError as error:
        Failure.of(error).show()
        return WRONG


def _shared(settings: Settings, place: Path) -> Settings:
    """The settings of workers, which remember together."""
    if settings["remember"] is not None:
        return settings
    where = f"sqlite:{place / 'handed-out.sqlite'}"
    return replace(settings, values={**settings.values, "remember": where})


def _log(settings: Settings) -> None:
    from vobj.conductor.journal import JsonLines, TextLines

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings["log"] == "json" else TextLines())
    logging.basicConfig(level=settings["log_level"].upper(), handlers=[handler])


def _conductor(settings: Settings) -> Conductor:
    """What FUNCTION gives, or a conductor of the base."""
    from vobj.codec import Codec
    from vobj.conductor import Conductor
    from vobj.wires import Limits

    made = _prepared(settings["import"])
    if isinstance(made, Conductor):
        for name in _OWN:
            if settings.is_set(name):
                raise Failure(
                    f"{settings['import']} gives a Conductor: say {name} there, not in"
                    f" {settings.sources[name]}",
                    status=NOT_STARTED,
                )
        return made
    return Conductor(
        Codec().base if settings["base"] is None else _named(settings["base"]),
        limits=Limits(max_bytes=settings["max_bytes"]),
        cache_bytes=settings["cache_bytes"],
        manifests=settings["manifests"],
    )


def _look_up(settings: Settings) -> None:
    """Find what is to be served, without calling it."""
    _function(settings["import"])
    if settings["base"] is not None:
        _named(settings["base"])


def _prepared(imported: str) -> Any:
    """What FUNCTION returns; None without one."""
    function = _function(imported)
    if function is None:
        return None
    try:
        return function()
    except VobjError as error:
        raise Failure.of(error, f"{imported} failed") from None
    except Exception as error:  # noqa: BLE001 - a service may raise anything
        raise Failure(f"{imported} failed: {type(error).__name__}: {error}", status=WRONG) from None


def _function(imported: str) -> Callable[[], Any] | None:
    module, colon, name = imported.partition(":")
    found = load(module)
    if not colon:
        return None
    function = getattr(found, name, None)
    if not callable(function):
        raise Failure(f"{module} has no function {name!r}", status=NOT_STARTED)
    made: Callable[[], Any] = function
    return made


def _named(base: str) -> Any:
    module, _, name = base.partition(":")
    found = getattr(load(module), name, None) if name else None
    if not isinstance(found, type):
        raise Failure(f"Expected --base MODULE:CLASS, got {base!r}", status=NOT_STARTED)
    return found
