"""`vobj conductor`: serve backports and remotable methods over HTTP."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from vobj.cli.failure import NOT_STARTED, WRONG, Failure
from vobj.cli.lookup import load
from vobj.cli.screen import clean
from vobj.errors import VobjError

if TYPE_CHECKING:
    from vobj.conductor import Conductor

_NEEDED = ("starlette", "uvicorn")
_MOST_SECONDS = 86_400.0
_READ_SECONDS = 10.0


@click.command(
    epilog="""\b
Example:
  $ vobj conductor --import fleet.service:prepare --listen unix:/run/fleet/conductor.sock""",
)
@click.option(
    "--import", "imported", metavar="PACKAGE.MODULE[:FUNCTION]", required=True,
    help="The module that declares the objects. FUNCTION of it is called once, before serving;"
    " it may give the Conductor to serve.",
)  # fmt: skip
@click.option(
    "--listen", metavar="unix:PATH|HOST:PORT", required=True,
    help="Where to listen. Port 0 takes a free one.",
)  # fmt: skip
@click.option(
    "--base", metavar="MODULE:CLASS",
    help="The base class of the objects that peers get at; by default every versioned object.",
)  # fmt: skip
@click.option(
    "--timeout", type=click.FloatRange(0.001, _MOST_SECONDS), default=60.0, show_default=True,
    help="Seconds until a request is answered, if only with an error.",
)  # fmt: skip
@click.option(
    "--max-bytes", type=click.IntRange(1), metavar="NUMBER",
    help="The longest request that is read.  [default: 67108864]",
)  # fmt: skip
@click.option(
    "--concurrency", type=click.IntRange(1), default=32, show_default=True,
    help="How many requests are worked on at once.",
)  # fmt: skip
def conductor(
    *,
    imported: str,
    listen: str,
    base: str | None,
    timeout: float,
    max_bytes: int | None,
    concurrency: int,
) -> None:
    """Serve backports and remotable methods to peers of other versions.

    Peers send plain JSON over HTTP: POST /v1/backport, /v1/action and /v1/class-action. GET /health
    and /ready tell how it is. SIGTERM and SIGINT stop it once requests in flight are answered. The
    log goes to stderr, one line per request.
    """
    _check_installed()
    from vobj.conductor import serve
    from vobj.conductor.address import Address
    from vobj.conductor.http import conductor_app

    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    address = Address.parse(listen)
    app = conductor_app(
        _conductor(imported, base, max_bytes),
        timeout=timeout,
        read_timeout=min(timeout, _READ_SECONDS),
        concurrency=concurrency,
    )
    bound = serve.listen(address)
    shown = clean(serve.told(bound, address))
    try:
        done = serve.serve(
            app, bound, grace=timeout,
            started=lambda: click.echo(f"vobj conductor listens at {shown}"),
        )  # fmt: skip
    finally:
        serve.remove(address)
    if not done:
        # A thread that does not end would keep the interpreter from ending.
        sys.stderr.flush()
        os._exit(WRONG)


def _check_installed() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise Failure(
            f"vobj conductor needs {', '.join(missing)}: pip install 'pyvobj[http]'",
            status=NOT_STARTED,
        )


def _conductor(imported: str, base: str | None, max_bytes: int | None) -> Conductor:
    """What FUNCTION gives, or a conductor of the base."""
    from vobj.codec import Codec
    from vobj.conductor import Conductor
    from vobj.wires import Limits

    made = _prepared(imported)
    if isinstance(made, Conductor):
        if base is not None or max_bytes is not None:
            raise Failure(
                f"{imported} gives a Conductor: say --base and --max-bytes there",
                status=NOT_STARTED,
            )
        return made
    limits = Limits() if max_bytes is None else Limits(max_bytes=max_bytes)
    return Conductor(Codec().base if base is None else _named(base), limits=limits)


def _prepared(imported: str) -> Any:
    """What FUNCTION returns; None without one."""
    module, colon, name = imported.partition(":")
    found = load(module)
    if not colon:
        return None
    function = getattr(found, name, None)
    if not callable(function):
        raise Failure(f"{module} has no function {name!r}", status=NOT_STARTED)
    try:
        return function()
    except VobjError as error:
        raise Failure.of(error, f"{imported} failed") from None
    except Exception as error:  # noqa: BLE001 - a service may raise anything
        raise Failure(f"{imported} failed: {type(error).__name__}: {error}", status=WRONG) from None


def _named(base: str) -> Any:
    module, _, name = base.partition(":")
    found = getattr(load(module), name, None) if name else None
    if not isinstance(found, type):
        raise Failure(f"Expected --base MODULE:CLASS, got {base!r}", status=NOT_STARTED)
    return found
