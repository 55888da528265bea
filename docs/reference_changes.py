"""The page about the changes: what each says, does and loses, and an example that runs.

Theory
    `docs/reference/examples/renamed.py` is the example of `Renamed`, `converted_group.py` a second
    one of `Converted`. Each is a program of its own. It is run here with its output kept; the
    classes it declares tell which steps its change compiles to.
"""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import io
import re
import textwrap
import types
import typing
from collections.abc import Iterator
from pathlib import Path

import vobj
from vobj.changes import ClassFact, FieldChange
from vobj.cli.steps import describe
from vobj.history import History, Losses, losses, state_at
from vobj.model import history_of
from vobj.plan import ConvertGroup, Refuse, Snapshot, compile_plan
from vobj.version import Version

EXAMPLES = Path(__file__).parent / "reference" / "examples"

INTRO = """\
# Changes

A change is frozen data that says what happened to a field, and when. `since=V` always means: V is
the first version with the new form. The changes of a field stand at the field, oldest first:

<!-- not run: the form of a declaration; the examples below run -->
```python
memory_mb: int = vobj.field(Renamed("ram", since="1.2"), Refused({0}, since="1.4"))
changes = {"memory_mb": [Renamed("ram", since="1.2")]}  # beside oslo's fields = {...}
history = [NoChange("1.3"), OldestSupported("1.1")]  # facts about the whole class
```

Values in changes are wire values: what stands in a payload. A datetime is its ISO text, a nested
object its envelope. `ABSENT` is a field that is not set at all, which is not the same as None.

Each change states its *loss* in both directions. *Lossless*: the way back gives the same value
again. *Lossy*: the other side cannot hold it all; put-back exists to keep it all the same. *May
fail*: some values are refused. The steps are those of the compiled plan, as `vobj plan` prints
them. Order of steps, down at V: restore what was removed, refuse, convert all values at once, hide
list elements, rename, drop what was added. Up is the mirror. [Why](../why.md#the-order-of-steps)
tells the reason.
"""


def changes_page() -> str:
    """The text of changes.md. Raises LookupError for a change without an example."""
    parts = [INTRO]
    about_fields = typing.get_args(FieldChange)
    for kind in (
        *about_fields,
        *(one for one in typing.get_args(ClassFact) if one not in about_fields),
    ):
        place = "in the `history` of the class" if kind not in about_fields else "at a field"
        if kind in about_fields and kind in typing.get_args(ClassFact):
            place = (
                "at a field; with `fields=`, for a group of fields, in the `history` of the class"
            )
        signature = f"```text\n{_signature(kind)}\n```"
        parts.append(f"## {kind.__name__}\n\n{signature}\n\nStands {place}.\n\n{_prose(kind)}")
        parts += [_example(path, kind) for path in _examples(kind)]
    return "\n\n".join(part.strip("\n") for part in parts)


def _examples(kind: type) -> list[Path]:
    stem = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
    found = [EXAMPLES / f"{stem}.py", *sorted(EXAMPLES.glob(f"{stem}_group.py"))]
    if not found[0].exists():
        raise LookupError(f"{kind.__name__} has no example: write {found[0]}")
    return found


def _signature(kind: type) -> str:
    parts = []
    for name, parameter in inspect.signature(kind).parameters.items():
        if parameter.default is parameter.empty:
            named = parameter.kind is parameter.KEYWORD_ONLY
            parts.append(f"{name}=..." if named else name)
        else:
            parts.append(f"{name}={parameter.default!r}")
    return f"{kind.__name__}({', '.join(parts)})"


def _prose(kind: type) -> str:
    """The docstring, with what it says of arguments as a list."""
    names = "|".join(field.name for field in dataclasses.fields(kind))
    start = rf"(?:^|(?<=\. )|(?<=\n))((?:{names})(?:=True)?(?:, (?:{names}))*): "
    out = []
    for paragraph in inspect.cleandoc(kind.__doc__ or "").split("\n\n"):
        head, *rest = re.split(start, paragraph)
        if head.strip():
            out.append(_filled(head))
        pairs = zip(rest[::2], rest[1::2], strict=True)
        items = [_filled(f"- `{name}`: {text}", "  ") for name, text in pairs]
        if items:
            out.append("\n".join(items))
    return "\n\n".join(out)


def _filled(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text.strip(),
        width=98,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _example(path: Path, kind: type) -> str:
    source = path.read_text()
    module = types.ModuleType(path.stem)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(source, path.name, "exec", dont_inherit=True), vars(module))
    rows = list(_effects(module, kind))
    head = ["| | to older versions | to newer versions |", "|---|---|---|"]
    table = "\n".join([*head, *rows]) if rows else "It adds no step to a plan."
    return f"{table}\n\n```python\n{source}```\n\n```output\n{printed.getvalue()}```"


def _effects(module: types.ModuleType, kind: type) -> Iterator[str]:
    """The steps and losses of each change of this kind in an example."""
    for history in _histories(module):
        for version in history.versions():
            for name, change in history.changes_at(version):
                if isinstance(change, kind) and version.xy > history.oldest.xy:
                    older = Version(version.major, version.minor - 1)
                    touched = _names(name, change)
                    down = _steps(history, version, older, touched)
                    up = _steps(history, older, version, touched)
                    lost = _losses(history, version, name, change)
                    yield f"| steps at {version} | {down} | {up} |"
                    yield f"| loss | {lost.down.value} | {lost.up.value} |"


def _histories(module: types.ModuleType) -> Iterator[History]:
    for one in vars(module).values():
        if isinstance(one, type) and issubclass(one, vobj.VersionedObject):
            yield history_of(one)


def _names(name: str | None, change: FieldChange | ClassFact) -> set[str]:
    """The names under which a change finds its fields; none for a fact about all of them."""
    group = getattr(change, "fields", ())
    return set(group) if name is None else {name, getattr(change, "old", name)}


def _steps(history: History, source: Version, target: Version, touched: set[str]) -> str:
    found = []
    for step in compile_plan(history, source, target).steps:
        if isinstance(step, Snapshot):
            continue
        fields = step.fields if isinstance(step, Refuse | ConvertGroup) else (step.field,)
        if not touched or touched & set(fields):
            found.append(describe(step))
    return "; ".join(found) or "none"


def _losses(
    history: History, version: Version, name: str | None, change: FieldChange | ClassFact
) -> Losses:
    declared = next((one for one in history.fields if one.name == name), None)
    if declared is None:
        return losses(change)
    return losses(change, state_at(declared, version).type, declared.was.get(version.short))
