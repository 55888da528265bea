"""The pages about errors: the hierarchy with what each class means, and the rules."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import vobj
import vobj.model.errors
from docs.raising import raised_by
from vobj import errors
from vobj.errors import RULES, VobjError

ERRORS = """\
# Errors

Every error of vobj is a `vobj.VobjError`. The class says whose fault it is: `DeclarationError` is
about a class body, `LocalError` about the running program, `RemoteError` about what a peer sent.
The path says where, the [rule](rules.md) says what. Match on class and rule, never on the text.

Two kinds of exceptions pass through as they are: the one that a `Refused(..., exception=...)`
names, and what a hand-written hook raises.

## What every error carries
"""

CAUGHT = """\
## What code written for oslo catches

Where oslo.versionedobjects raises an exception of its own, vobj raises one that is both: its own
class, and the one that callers of oslo catch there.

| raised as | is also |
|---|---|
"""

RULES_INTRO = """\
# Rules

Every error carries the id of the rule that was broken, in `error.rule` and in brackets at the end
of its text. An id never changes once it is released; texts may improve. A rule is written as what
holds when all is well. `vobj.RULES` is this table.
"""


def errors_page() -> str:
    """The text of errors.md."""
    broken = _rules_of()
    parts = [ERRORS, _attributes(), "## The hierarchy", "\n".join(_tree(VobjError, 0))]
    parts += [_section(cls, broken.get(cls, [])) for cls in _walk(VobjError)]
    rows = [
        f"| `{public.__name__}` | {', '.join(f'`{_named(one)}`' for one in foreign)} |"
        for public, foreign in _caught()
    ]
    parts.append(CAUGHT + "\n".join(dict.fromkeys(rows)))
    return "\n\n".join(part.strip("\n") for part in parts)


def _section(cls: type[VobjError], rules: list[str]) -> str:
    above = ", ".join(f"`{one.__name__}`" for one in cls.__bases__)
    text = f"### {cls.__name__}\n\nA subclass of {above}. {_meaning(cls)}"
    if rules:
        text += "\n\nRules: " + ", ".join(f"`{rule}`" for rule in rules) + "."
    return text


def _rules_of() -> dict[type[VobjError], list[str]]:
    """The rules that each public class is raised for."""
    found: dict[type[VobjError], list[str]] = {}
    for rule, classes in _raised().items():
        for cls in classes:
            found.setdefault(cls, []).append(rule)
    return found


def _raised() -> dict[str, list[type[VobjError]]]:
    known = {cls.__name__: cls for cls in _every(VobjError)}
    return {
        rule: sorted({public_class(known[one]) for one in names if one in known}, key=str)
        for rule, names in raised_by(Path(errors.__file__).parent, RULES).items()
    }


def _public(cls: type[VobjError]) -> bool:
    return cls.__module__ == errors.__name__


def _children(cls: type[VobjError]) -> list[type[VobjError]]:
    return [one for one in cls.__subclasses__() if _public(one)]


def _walk(cls: type[VobjError]) -> Iterator[type[VobjError]]:
    yield cls
    for one in _children(cls):
        yield from _walk(one)


def _tree(cls: type[VobjError], depth: int) -> Iterator[str]:
    yield f"{'  ' * depth}- {_link(cls)}"
    for one in _children(cls):
        yield from _tree(one, depth + 1)


def _link(cls: type[VobjError], page: str = "") -> str:
    return f"[{cls.__name__}]({page}#{cls.__name__.lower()})"


def _meaning(cls: type[VobjError]) -> str:
    return inspect.cleandoc(cls.__doc__ or "").partition("\n\nAttributes\n")[0]


def _attributes() -> str:
    listed = inspect.cleandoc(VobjError.__doc__ or "").partition("\n\nAttributes\n")[2]
    return re.sub(r"(?m)^\s+(\w+): ", r"- `.\1`: ", listed)


def _caught() -> Iterator[tuple[type[VobjError], list[type]]]:
    """The public class of each error that is also somebody else's, and those others."""
    for cls in vars(vobj.model.errors).values():
        if isinstance(cls, type) and issubclass(cls, VobjError) and not _public(cls):
            foreign = [one for one in cls.__bases__ if not issubclass(one, VobjError)]
            yield public_class(cls), foreign


def _named(cls: type) -> str:
    if cls.__module__ == "builtins":
        return cls.__name__
    return f"oslo_versionedobjects.exception.{cls.__name__}"


def public_class(cls: type[VobjError]) -> type[VobjError]:
    """The class that `vobj` exports, of one that may be a subclass made for callers of oslo."""
    return next(one for one in cls.__mro__ if _public(one))


def rules_page() -> str:
    """The text of rules.md."""
    raised = _raised()
    parts = [RULES_INTRO]
    for prefix, rules in groupby(sorted(RULES), key=lambda rule: rule.partition("/")[0]):
        rows = [f"| `{rule}` | {RULES[rule]} | {_classes(raised[rule])} |" for rule in rules]
        head = f"## {prefix}\n\n| rule | what holds | raised as |\n|---|---|---|\n"
        parts.append(head + "\n".join(rows))
    return "\n\n".join(part.strip("\n") for part in parts)


def _classes(classes: list[type[VobjError]]) -> str:
    return ", ".join(_link(cls, "errors.md") for cls in classes) or "none yet"


def _every(cls: type[VobjError]) -> Iterator[type[VobjError]]:
    yield cls
    for one in cls.__subclasses__():
        yield from _every(one)
