"""`vobj inspect`: shows a payload of any wire, also one that means harm."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import IO, Any

import click

from vobj.cli.failure import Failure
from vobj.cli.lookup import all_classes, load
from vobj.cli.payload import Line, ObjectSeen, compare, lines, measure, objects, plain
from vobj.cli.screen import print_json
from vobj.errors import NewerVersionError, RemoteError, VobjError
from vobj.history import WireType
from vobj.version import Version
from vobj.wires import DEFAULT_LIMITS, Limits, PackedWire, open_payload, sniff

_LONGEST_VALUE = 72
_MOST_LINES = 2000

# What a packed payload is not read for, though it is one: its schemas are not known here.
_NO_NAMES = frozenset(
    {"packed/fingerprint", "payload/class", "version/malformed", "version/newer",
     "version/unsupported"}
)  # fmt: skip


@click.command(
    epilog="""\b
Examples:
  $ vobj inspect payload.json
  $ vobj inspect --module fleet.objects - < payload.bin""",
)
@click.argument("file", type=click.File("rb"))
@click.option(
    "--module",
    "modules",
    multiple=True,
    metavar="MODULE",
    help="Import MODULE, and compare with the classes that it declares. Repeatable.",
)
@click.option("--full", is_flag=True, help="Cut neither long values nor long payloads.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--max-bytes", type=click.IntRange(1), default=DEFAULT_LIMITS.max_bytes,
              show_default=True, help="The longest payload that is read.")  # fmt: skip
@click.option("--max-depth", type=click.IntRange(1, 200), default=DEFAULT_LIMITS.max_depth,
              show_default=True, help="The deepest nesting that is read.")  # fmt: skip
@click.option("--max-values", type=click.IntRange(1), default=DEFAULT_LIMITS.max_values,
              show_default=True, help="The largest number of values that is read.")  # fmt: skip
def inspect(
    *,
    file: IO[bytes],
    modules: tuple[str, ...],
    full: bool,
    as_json: bool,
    max_bytes: int,
    max_depth: int,
    max_values: int,
) -> None:
    """Print the payload in FILE, JSON, msgpack or packed; `-` reads standard input.

    No class is needed to show a payload, except that a packed one has no names of fields: those
    are of the classes that --module imports, and without them the bare values are shown. With
    --module every object is compared with its class: whether it is known here, and what its data
    lacks or has too much for its version. The exit status is 1 when the payload is malformed, over
    a limit, or does not fit the classes that it is compared with.
    """
    limits = Limits(max_bytes=max_bytes, max_depth=max_depth, max_values=max_values)
    raw = file.read(max_bytes + 1)
    for name in modules:
        load(name)
    wire, tree, unnamed = _open(raw, limits)
    seen = dict(objects(tree))
    if modules:
        _judge(seen)
    if as_json:
        count, depth = measure(tree)
        print_json({"wire": wire, "bytes": len(raw), "values": count, "depth": depth,
                    "objects": [one.to_dict() for one in seen.values()],
                    "payload": plain(tree)})  # fmt: skip
    else:
        _print(wire, raw, tree, seen, full=full)
    if unnamed is not None:
        raise Failure.of(unnamed, "The values have no names without --module of their classes")
    _fail(seen)


def _open(raw: bytes, limits: Limits) -> tuple[str, object, RemoteError | None]:
    """The wire, the tree, and why there are no names in it, if it is packed and has none."""
    from vobj.codec import WIRES, Codec
    from vobj.model import ClassCatalog, ClassSchemas

    packed = PackedWire(ClassSchemas(ClassCatalog(Codec().base), any_project=True))
    try:
        return *open_payload(raw, {**WIRES, packed.name: packed}, limits), None
    except RemoteError as error:
        if error.rule not in _NO_NAMES or sniff(raw) != packed.name:
            raise
        return packed.name, packed.outline(raw, limits), error


def _judge(seen: Mapping[int, ObjectSeen]) -> None:
    """Say of every object what this process knows of it."""
    from vobj.codec import Codec
    from vobj.model import ClassCatalog

    catalog = ClassCatalog(Codec().base)
    known = {one.obj_name() for one in all_classes()}

    def types_at(name: str, version: str) -> Mapping[str, WireType]:
        entry = catalog.entry(name, version)
        if entry.history is None:
            return entry.types
        return entry.history.schema(Version.parse(version)).fields

    for one in seen.values():
        if one.problem is not None:
            continue
        newest = catalog.parent(one.name) if one.name in known else None
        one.known, one.here = newest is not None, None if newest is None else str(newest.version)
        if newest is None:
            continue
        try:
            same = Version.parse(one.version).xy == newest.version.xy
            if newest.history is not None or same:
                compare(one, types_at)
        except NewerVersionError:
            one.problem = f"newer than {newest.version}, which is the newest here"
        except VobjError as error:
            one.problem = error.message


def _print(
    wire: str, raw: bytes, tree: object, seen: Mapping[int, ObjectSeen], *, full: bool
) -> None:
    count, depth = measure(tree)
    click.echo(f"{wire}, {len(raw)} bytes: {len(seen)} objects, {count} values, {depth} deep")
    picture = lines(tree, seen, len(raw) if full else _LONGEST_VALUE)
    for line in picture if full else itertools.islice(picture, _MOST_LINES):
        _print_line(line)
    rest = sum(1 for _ in picture)
    if rest:
        click.echo(f"... and {rest} more lines: --full prints them")


def _print_line(line: Line) -> None:
    text: Any = click.style(line.text, bold=True) if line.is_object else line.text
    remark = click.style(f"  # {line.remark}", fg="yellow") if line.remark else ""
    click.echo(f"{'  ' * line.depth}{text}{remark}")


def _fail(seen: Mapping[int, ObjectSeen]) -> None:
    if not seen:
        raise Failure("The payload holds no versioned object")
    wrong = [one for one in seen.values() if not one.fits]
    if wrong:
        first = wrong[0]
        why = first.problem or (
            f"{first.name} is unknown here" if first.known is False
            else ", ".join(f"{name} is no {kind}" for name, kind in first.wrong.items())
        )  # fmt: skip
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise Failure(f"at {first.path}: {why}{more}")
