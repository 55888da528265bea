"""`vobj history`: every version of a class, newest first, and what each change costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from vobj.changes import ChildVersions, ClassFact, FieldChange, OldestSupported
from vobj.cli.failure import NOT_STARTED, Failure
from vobj.cli.lookup import classes_of
from vobj.cli.screen import add_row, console, print_json, table
from vobj.history import History, WireType, losses, state_at
from vobj.history.text import describe_change

if TYPE_CHECKING:
    from vobj.model.histories import VersionedClass
    from vobj.version import Version


@click.command(
    epilog="""\b
Example:
  $ vobj history fleet.objects:Server""",
)
@click.argument("target", metavar="MODULE[:CLASS]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def history(*, target: str, as_json: bool) -> None:
    """Print the versions of versioned objects, newest first.

    MODULE is imported. CLASS is a class in it, by its name or its registry name; without it, every
    class that the module declares is shown. Each change tells what a backport (to older versions)
    and an upgrade (to newer ones) lose by it.
    """
    found, undeclared = _histories(classes_of(target))
    if not found:
        raise Failure(
            f"{' and '.join(undeclared)} of {target} declare no history: subclass "
            "vobj.VersionedObject, or declare changes and register with vobj.register",
            status=NOT_STARTED,
        )
    documents = [document(one) for one in found]
    if as_json:
        print_json({"histories": documents, "without_history": undeclared})
        return
    for number, one in enumerate(documents):
        if number:
            click.echo()
        _print(one)
    if undeclared:
        click.echo(f"\nWithout a declared history: {', '.join(undeclared)}")


def _histories(classes: list[VersionedClass]) -> tuple[list[History], list[str]]:
    from vobj.model import history_of, is_own

    own = [one for one in classes if is_own(one)]
    return [history_of(one) for one in own], [one.obj_name() for one in classes if one not in own]


def document(told: History) -> dict[str, Any]:
    """A history as plain data, newest version first."""
    facts = [fact for fact in told.facts if isinstance(fact, OldestSupported)]
    return {
        "object": told.object_name,
        "version": str(told.version),
        "oldest": told.oldest.short,
        "key": told.key,
        "facts": [describe_change(fact) for fact in facts],
        "versions": [_version(told, one) for one in reversed(list(told.versions()))],
    }


def _version(told: History, version: Version) -> dict[str, Any]:
    schema = told.schema(version)
    oldest = version.xy == told.oldest.xy
    return {
        "version": version.short,
        "fingerprint": schema.fingerprint,
        "fields": {name: str(kind) for name, kind in schema.fields.items()},
        "changes": [
            _change(told, version, *one) for one in ([] if oldest else _dated(told, version))
        ],
    }


def _dated(told: History, version: Version) -> list[tuple[str | None, FieldChange | ClassFact]]:
    """What is dated at a version, by table as well."""
    tables: list[tuple[str | None, FieldChange | ClassFact]] = [
        (declared.name, one)
        for declared in told.fields
        for one in declared.changes
        if isinstance(one, ChildVersions) and version.short in one.table
    ]
    return told.changes_at(version) + tables


def _change(
    told: History, version: Version, name: str | None, change: FieldChange | ClassFact
) -> dict[str, str | None]:
    lost = losses(change, *_types(told, version, name))
    return {
        "field": name,
        "change": type(change).__name__,
        "text": describe_change(change, version.short),
        "backport": lost.down.value,
        "upgrade": lost.up.value,
    }


def _types(
    told: History, version: Version, name: str | None
) -> tuple[WireType | None, WireType | None]:
    """The types of a field since a version and before it, where the loss depends on them."""
    for declared in told.fields:
        if declared.name == name:
            return state_at(declared, version).type, declared.was.get(version.short)
    return None, None


def _print(told: dict[str, Any]) -> None:
    key = f", key {told['key']}" if told["key"] else ""
    title = f"{told['object']} {told['version']}: versions {told['oldest']} and later{key}"
    made = table(["version", "field", "change", "backport", "upgrade"], title=title)
    for one in told["versions"]:
        *before, last = one["changes"] or [None]
        for place, change in enumerate([*before, last]):
            shown = one["version"] if place == 0 else ""
            if change is None:
                cells = [shown, "", f"fields: {', '.join(one['fields'])}"]
                add_row(made, [*cells, "", ""], line=True)
                continue
            add_row(
                made,
                [shown, change["field"] or "(class)", change["text"],
                 change["backport"], change["upgrade"]],
                line=change is last,
            )  # fmt: skip
    screen = console()
    screen.print(made)
    for fact in told["facts"]:
        click.echo(fact)
