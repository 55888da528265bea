"""`vobj fleet`: who is there, what the pin is, what holds it back, and what may be dropped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from vobj.cli.failure import NOT_STARTED, WRONG, Failure
from vobj.cli.lookup import classes_of, load
from vobj.cli.plan import VERSION
from vobj.cli.screen import add_row, clean, console, print_json, table
from vobj.errors import UsageError, VobjError

if TYPE_CHECKING:
    from vobj.fleet import Fleet
    from vobj.version import Version

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_MOST_ROWS = 50
_RELEASES = "vobj-releases.json"

Command = Callable[..., Any]


class Duration(click.ParamType[float]):
    """A time span on the command line: `90s`, `30m`, `12h`, `14d`."""

    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Seconds; anything else is a usage error."""
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"(\d{1,6})([smhd])|0", value)
        if found is None:
            self.fail(f"Expected a time span such as 90s, 30m, 12h or 14d, got {value!r}",
                      param, ctx)  # fmt: skip
        return 0.0 if value == "0" else float(found[1]) * _UNITS[found[2]]


def _on_record(command: Command) -> Command:
    """The options that say which record is read, and how the answer is printed."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print one JSON document."),
        click.option(
            "--import", "imported", metavar="MODULE",
            help="The module that declares the objects: its ChildVersions count for the pin.",
        ),
        click.option(
            "--releases", metavar="FILE", default=_RELEASES, show_default=True,
            help="The file with named releases.",
        ),
        click.option(
            "--pin", metavar="auto|RELEASE|file:PATH", default="auto", show_default=True,
            help="What the pin of the fleet follows.",
        ),
        click.option(
            "--url", metavar="URL",
            help="The database of the fleet.  [default: $VOBJ_FLEET_URL, else a file of this"
            " user]",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


@click.group(
    invoke_without_command=True,
    epilog="""\b
Examples:
  $ vobj fleet --url sqlite:///fleet.sqlite
  $ vobj fleet can-drop Server 1.2 --within 30d
  $ vobj fleet release 2026.2 fleet.objects""",
)
@_on_record
@click.pass_context
def fleet(
    ctx: click.Context, /, *, as_json: bool, imported: str | None, **where: str | None
) -> None:
    """Show the services of a fleet, their versions, the pin, and what holds it back.

    Exit status 1 when there is no pin, or not the one that there should be.
    """
    if ctx.invoked_subcommand is not None:
        # What is said before the name of a command holds for it as well.
        given = {
            name: value
            for name, value in {"as_json": as_json, "imported": imported, **where}.items()
            if ctx.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT
        }
        ctx.default_map = dict.fromkeys(fleet.commands, given)
        return
    with _record(imported, **where) as record:
        told = record.status()
        place = record.place
    if as_json:
        print_json(told)
    else:
        _print(told, place)
    if told["pin"]["error"] is not None:
        ctx.exit(WRONG)


@fleet.command(
    name="can-drop",
    epilog="""\b
Exit status:
  0  nobody needs it
  1  somebody does, and the reasons are printed
  2  the question cannot be answered: the record is away, or has never heard of the object
\b
Example:
  $ vobj fleet can-drop Server 1.2 --within 30d""",
)
@click.argument("object_name", metavar="OBJECT")
@click.argument("version", type=VERSION)
@click.option(
    "--within", type=Duration(), default="14d", show_default=True, metavar="TIME",
    help="How long ago backports, and services that went silent, still count.",
)  # fmt: skip
@_on_record
@click.pass_context
def can_drop(
    ctx: click.Context,
    /,
    *,
    object_name: str,
    version: Version,
    within: float,
    as_json: bool,
    imported: str | None,
    **where: str | None,
) -> None:
    """Say whether a version of an object may be dropped.

    VERSION of OBJECT, and every version before it, may be dropped when no live service reads
    nothing newer, none went silent that did, no conductor made such a payload within the time, and
    the pin is above it.
    """
    with _record(imported, **where) as record:
        found = record.can_drop(object_name, str(version), within=within)
    if as_json:
        print_json(found.to_dict())
    else:
        answer = "may be dropped" if found.can_drop else "is still needed"
        click.echo(f"{found.object_name} {found.version} {answer}")
        for need in found.needs[:_MOST_ROWS]:
            click.echo(f"  {clean(need.text)}")
        if len(found.needs) > _MOST_ROWS:
            click.echo(f"  and {len(found.needs) - _MOST_ROWS} more reasons")
        if not found.covers:
            begins = found.recorded_since or "now"
            click.echo(f"note: the record begins at {begins}; what was before is not known")
    if not found.can_drop:
        ctx.exit(WRONG)


@fleet.command(
    epilog="""\b
Example:
  $ vobj fleet release 2026.2 fleet.objects""",
)
@click.argument("name")
@click.argument("target", metavar="MODULE[:CLASS]")
@click.option(
    "--releases", metavar="FILE", default=_RELEASES, show_default=True,
    help="The file to write; it is made if it is not there.",
)  # fmt: skip
@click.option("--replace", is_flag=True, help="The release may be there and say something else.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def release(*, name: str, target: str, releases: str, replace: bool, as_json: bool) -> None:
    """Write what the installed code speaks into the releases file.

    NAME is the release, of the classes in MODULE, or one CLASS of it, with all that stands inside
    them. Commit the file.
    """
    from vobj.fleet.releases import write_release
    from vobj.version import Manifest

    names = sorted({one.obj_name() for one in classes_of(target)})
    manifest = Manifest.of(*names)
    changed = write_release(releases, name, manifest, replace=replace)
    if as_json:
        told = {"release": name, "file": releases, "changed": changed}
        print_json({**told, "fingerprint": manifest.fingerprint, "manifest": manifest.to_dict()})
        return
    done = "written to" if changed else "is already in"
    click.echo(f"{clean(name)} {done} {clean(releases)}: {len(manifest)} objects")


@fleet.command(
    epilog="""\b
Example:
  $ vobj fleet forget compute node-7""",
)
@click.argument("service")
@click.argument("host")
@_on_record
@click.pass_context
def forget(
    ctx: click.Context,
    /,
    *,
    service: str,
    host: str,
    as_json: bool,
    imported: str | None,
    **where: str | None,
) -> None:
    """Take out a service that went silent for good.

    SERVICE on HOST is not waited for any more. A service that is live stays: it would announce
    itself again. Exit status 1 when there is no silent one.
    """
    with _record(imported, **where) as record:
        number = record.forget(service, host)
    if as_json:
        print_json({"service": service, "host": host, "forgotten": number})
    else:
        click.echo(
            f"{clean(service)} on {clean(host)} is taken out"
            if number
            else f"There is no silent {clean(service)} on {clean(host)}"
        )
    if not number:
        ctx.exit(WRONG)


@contextmanager
def _record(
    imported: str | None, *, url: str | None, pin: str | None, releases: str | None
) -> Iterator[Fleet]:
    """The fleet of the options. What cannot be asked ends the command with exit status 2."""
    if imported is not None:
        load(imported)
    try:
        from vobj.fleet import Fleet

        with Fleet(url, pin=pin or "auto", releases=releases or _RELEASES) as made:
            yield made
    except UsageError as error:
        raise _unanswered(error) from None
    except VobjError as error:
        if error.rule in ("fleet/away", "fleet/damaged", "fleet/announcement"):
            raise _unanswered(error) from None
        raise


def _unanswered(error: VobjError) -> Failure:
    made = Failure.of(error)
    made.status = NOT_STARTED
    return made


def _print(told: dict[str, Any], place: str) -> None:
    live = sum(one["state"] == "live" for one in told["services"])
    silent = len(told["services"]) - live
    pin = told["pin"]
    click.echo(f"Fleet at {clean(place)}: {live} live services, {silent} silent")
    if pin["source"] is not None:
        click.echo(f"Pin: {clean(pin['source'])} {pin['fingerprint']}, wire {told['wire']}")
    _print_objects(told["objects"])
    _print_services(told["services"])
    _print_backports(told["backports"])
    for line in _warnings(told):
        click.echo(f"note: {clean(line)}")
    if pin["error"] is not None:
        kept = "the pin stays as it was: " if pin["source"] is not None else ""
        click.secho(f"error: {kept}{clean(pin['error']['message'])}", err=True)


def _warnings(told: dict[str, Any]) -> Iterator[str]:
    yield from told["pin"].get("problems", ())
    for one in told["conflicts"]:
        releases = " and ".join(name or "no release" for name in one["releases"])
        yield (
            f"{one['service']} on {one['host']} is announced with different manifests ({releases});"
            " all of them hold the pin"
        )
    for name, off in told["left_off"].items():
        if off:
            yield f"there are more {name} than are shown"


def _print_objects(objects: list[dict[str, Any]]) -> None:
    if not objects:
        return
    made = table(["object", "pin", "newest", "services by version", "held back by"])
    for one in objects[:_MOST_ROWS]:
        spread = ", ".join(f"{version}: {count}" for version, count in one["versions"].items())
        holders = "\n".join(_holder(who) for who in one["held_by"][:5])
        rest = one["held_by_count"] - 5
        if rest > 0:
            holders += f"\nand {rest} more"
        why = one["because"] or holders
        add_row(made, [one["object"], one["pin"] or "-", one["newest"] or "-", spread, why])
    console().print(made)
    _print_rest(objects)


def _holder(one: dict[str, str]) -> str:
    release = f" ({one['release']})" if one["release"] else ""
    return f"{one['service']} on {one['host']}{release}: {one['version']}"


def _print_services(services: list[dict[str, Any]]) -> None:
    if not services:
        return
    made = table(["service", "host", "release", "state", "since"])
    for one in services[:_MOST_ROWS]:
        state = one["state"] + (", conflict" if one["conflict"] else "")
        release = one["release"] or "-"
        add_row(made, [one["service"], one["host"], release, state, one["since"]])
    console().print(made)
    _print_rest(services)


def _print_backports(backports: list[dict[str, Any]]) -> None:
    if not backports:
        return
    made = table(["caller", "object", "from", "to", "number", "last"])
    for one in backports[:_MOST_ROWS]:
        caller = " on ".join(part for part in (one["service"], one["host"]) if part)
        add_row(made, [caller or "-", one["object"], one["from"], one["to"], str(one["count"]),
                       one["last"]])  # fmt: skip
    console().print(made)
    _print_rest(backports)


def _print_rest(rows: list[Any]) -> None:
    if len(rows) > _MOST_ROWS:
        click.echo(f"and {len(rows) - _MOST_ROWS} more; --json has them")
