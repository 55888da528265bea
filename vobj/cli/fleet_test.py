"""`vobj fleet-test`: two releases, a broker, two conductors, faults; and the count of all of it."""

from __future__ import annotations

import importlib.util
import json
import secrets
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vobj.cli.demo.environments import environments_of, make_all
from vobj.cli.demo.example import Example, SetupError
from vobj.cli.failure import NOT_STARTED, WRONG, Failure
from vobj.cli.screen import clean
from vobj.errors import UsageError

if TYPE_CHECKING:
    from vobj.fleettest.count import Count
    from vobj.fleettest.port_member import Pythons
    from vobj.fleettest.schedule import Settings

_NEEDED = ("oslo_messaging", "starlette", "uvicorn", "prometheus_client", "sqlalchemy")
_ALL, _NONE = "all", "none"
_OS_VIF = 4
_SHOWN = 20


@click.command(
    epilog="""\b
Examples:
  $ vobj fleet-test --nodes 6 --calls 300 --seed 7
  $ vobj fleet-test --nodes 50 --calls 20000 --seconds 900 --seed 7 --json result.json
\b
Exit status:
  0  nothing was lost, doubled or wrong, and every fault that was asked for came about
  1  something was
  2  it could not start""",
)
@click.option("--nodes", type=int, default=10, show_default=True, help="Nodes, each a process.")
@click.option("--os-vif", "os_vif", type=int, metavar="N",
              help="Nodes of os-vif 1.4.0 and 5.3.0 beside them; 0 for none."
                   f"  [default: {_OS_VIF}, where there are environments for them]")  # fmt: skip
@click.option("--calls", type=int, default=1_000, show_default=True, help="Calls to make.")
@click.option("--seconds", type=float, default=600.0, show_default=True,
              help="After these no call is begun.")  # fmt: skip
@click.option("--at-once", type=int, default=16, show_default=True, help="Calls at a time.")
@click.option("--seed", type=int, help="What decides on calls and faults.  [default: a new one]")
@click.option("--faults", default=_ALL, metavar="all|none|KIND,KIND...", show_default=True,
              help="What goes wrong; an unknown kind is answered with the list.")  # fmt: skip
@click.option("--keep", type=click.Path(path_type=Path), metavar="DIRECTORY",
              help="Leave the logs and the databases there; it must not exist yet.")  # fmt: skip
@click.option(
    "--json", "as_json", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE",
    help="Write the result there as one JSON document; - for stdout.",
)  # fmt: skip
def fleet_test(
    *, nodes: int, os_vif: int | None, calls: int, seconds: float, at_once: int, seed: int | None,
    faults: str, keep: Path | None, as_json: Path | None,
) -> None:  # fmt: skip
    """Roll a fleet of two releases forward and back under load, while things go wrong, and count.

    It starts a RabbitMQ of its own, conductors and nodes, all on this machine, and ends all of it.
    The nodes are of a service that is made up for the test, and of two real releases of os-vif, in
    the environments of `vobj demo`, which are made where they are not there. Every answered call
    has to have taken effect once, no edit may be lost, no object may be read as something else than
    it is, and every error has to name its cause.
    """
    _check_installed()
    from vobj.fleettest.schedule import Settings

    seed = secrets.randbelow(1_000_000) if seed is None else seed
    wanted = _OS_VIF if os_vif is None else os_vif
    settings = Settings(nodes, calls, seconds, seed, _faults(faults), at_once, wanted)
    if keep is not None and keep.exists():
        raise Failure(f"{keep} is there already", status=NOT_STARTED)
    _say(f"seed {seed}")
    made, left_out = _run(settings, keep, must_have_os_vif=os_vif is not None)
    document = made.document()
    if left_out:
        document["os_vif"] = {"nodes": 0, "left_out": left_out}
    if as_json is not None:
        with click.open_file(str(as_json), "w") as out:
            out.write(json.dumps(document, indent=2) + "\n")
    if as_json is None or str(as_json) != "-":
        _show(document, made)
    if not made.is_clean:
        raise SystemExit(WRONG)


def _check_installed() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise Failure(
            f"vobj fleet-test needs {', '.join(missing)}: pip install 'pyvobj[http,rpc,store]'",
            status=NOT_STARTED,
        )


def _run(settings: Settings, keep: Path | None, *, must_have_os_vif: bool) -> tuple[Count, str]:
    """A run; and why there were no nodes of os-vif, if there were none."""
    from vobj.fleettest.bench import run

    before = {one: signal.signal(one, _interrupted) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        settings.check()
        pythons, left_out = _pythons(settings.os_vif, must=must_have_os_vif)
        if pythons is None:
            settings = replace(settings, os_vif=0)
        return run(settings, _say, keep=keep, pythons=pythons), left_out
    except UsageError as error:
        raise Failure(error.message, status=NOT_STARTED) from None
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _pythons(nodes: int, *, must: bool) -> tuple[Pythons | None, str]:
    """What runs the nodes of os-vif; or None, and why there are none.

    must: no nodes is no answer.
    """
    from vobj.fleettest.port_member import Pythons

    if nodes == 0:
        return None, "as asked"
    try:
        found = environments_of(Example.load(None, "os_vif"))
        if not all(one.ready for one in found.values()):
            _say("making the environments of os-vif in .venv-demo: once, in two minutes at most")
        make_all(list(found.values()), lambda _made, _seconds: None, fresh=False)
    except SetupError as error:
        if must:
            raise Failure(f"There can be no nodes of os-vif. {error}", status=NOT_STARTED) from None
        _say(f"without nodes of os-vif: {error}")
        return None, str(error)
    return Pythons(found["old"].python, found["new"].python), ""


def _interrupted(number: int, _frame: Any) -> None:
    _say(f"ended by {signal.Signals(number).name}: there is no result")
    raise KeyboardInterrupt


def _say(text: str) -> None:
    click.echo(clean(f"{time.strftime('%H:%M:%S')} {text}"), err=True)


def _faults(text: str) -> tuple[str, ...]:
    from vobj.fleettest.schedule import FAULTS

    if text in (_ALL, _NONE):
        return tuple(FAULTS) if text == _ALL else ()
    wanted = tuple(one.strip() for one in text.split(","))
    for one in wanted:
        if one not in FAULTS:
            known = "\n".join(f"  {name:18} {what}" for name, (_, what) in FAULTS.items())
            raise Failure(f"There is no fault {one!r}. There are:\n{known}", status=NOT_STARTED)
    return tuple(name for name in FAULTS if name in wanted)


def _of_os_vif(found: dict[str, Any]) -> str:
    if "left_out" in found:
        return f"no nodes: {found['left_out']}"
    return (
        f"{found['nodes']} nodes, {found['calls']} of the calls, {found['ok']} answered,"
        f" {found['effects']} effects, {found['rolls']} of the rolls;"
        f" {found['backports']} backports"
    )


def _show(document: dict[str, Any], made: Count) -> None:
    for line in _summary(document):
        click.echo(clean(line))
    for name, found in made.findings().items():
        click.echo(f"  {name.replace('_', ' '):18} {len(found)}")
        for one in found[:_SHOWN]:
            click.echo(clean(f"    {one}"))
    click.echo("ok" if made.is_clean else "NOT OK")


def _summary(document: dict[str, Any]) -> Iterator[str]:
    calls = document["calls"]
    yield (
        f"seed {document['seed']}: {document['nodes']} nodes, {calls['made']} calls in"
        f" {document['seconds']} s ({document['calls_per_second']} a second)"
    )
    for name, text in {
        "answered ok": f"{calls['ok']}, {calls['answered_at_a_later_attempt']} at a later attempt",
        "refused": f"{calls['refused']}",
        "open": f"{calls['open']}, {calls['open_and_done']} took effect",
        "effects": f"{document['effects']}, {document['would_have_doubled']} more recognised",
        "rolls": f"{document['rolls']}",
        "os-vif": _of_os_vif(document["os_vif"]),
        "faults": _counts(document["faults"]),
        "messages copied": f"{document['messages_copied']}",
        "errors": _counts(document["errors_at_attempts"]),
        "full queue": _counts(document["full_queue"]),
    }.items():
        yield f"  {name:18} {text}"


def _counts(found: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in found.items()) or "none"
