"""From `MODULE[:Class]` on a command line to versioned object classes.

Theory
    The module is imported, in this process, as its own code would import it. What is not found is
    answered with what is spelled like it. What the import itself raises is the module's mistake,
    and told as such.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import traceback
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING

from vobj.cli.failure import NOT_STARTED, WRONG, Failure, nearest
from vobj.errors import VobjError

if TYPE_CHECKING:
    from vobj.model.histories import VersionedClass


def load(name: str) -> ModuleType:
    """Import a module by its dotted name. Raises Failure."""
    if name.endswith(".py") or "/" in name or not all(map(str.isidentifier, name.split("."))):
        raise Failure(
            f"Expected the dotted name of a module, such as fleet.objects, got {name!r}",
            status=NOT_STARTED,
        )
    try:
        return importlib.import_module(name)
    except VobjError as error:
        raise Failure.of(error, f"Importing {name} failed") from None
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            raise _no_module(name) from None
        raise _broken(name, error) from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a module may raise anything
        raise _broken(name, error) from None


def _no_module(name: str) -> Failure:
    parent, _, last = name.rpartition(".")
    hint = ""
    if parent == "":
        hint = nearest(name, (found.name for found in pkgutil.iter_modules()))
    else:
        try:
            package = importlib.import_module(parent)
        except ImportError:
            return _no_module(parent)
        if hasattr(package, last):
            hint = f" A class of it is written {parent}:{last}."
        else:
            inside = pkgutil.iter_modules(getattr(package, "__path__", []))
            hint = nearest(last, (found.name for found in inside), f"{parent}.")
    return Failure(f"There is no module {name}.{hint}", status=NOT_STARTED)


def _broken(name: str, error: BaseException) -> Failure:
    frames = traceback.extract_tb(error.__traceback__)
    text = "".join(traceback.format_exception_only(error)).strip()
    where = f"\n  in    {frames[-1].filename}, line {frames[-1].lineno}" if frames else ""
    return Failure(f"Importing {name} failed: {text}{where}", status=WRONG)


def classes_of(target: str) -> list[VersionedClass]:
    """The classes that `MODULE` or `MODULE:Class` names, sorted by name. Raises Failure."""
    name, colon, wanted = target.partition(":")
    module = load(name)
    inside = sorted(_defined_in(module), key=lambda one: (one.obj_name(), one.VERSION))
    if colon:
        return [_named(module, wanted, inside)]
    if not inside:
        raise Failure(f"{name} declares no versioned objects", status=NOT_STARTED)
    return inside


def class_of(target: str) -> VersionedClass:
    """The class that `MODULE:Class` names. Raises Failure."""
    if ":" not in target:
        found = ", ".join(f"{target}:{one.__name__}" for one in classes_of(target))
        raise Failure(f"Expected MODULE:Class, got {target!r}. There are {found}.",
                      status=NOT_STARTED)  # fmt: skip
    return classes_of(target)[0]


def _named(module: ModuleType, wanted: str, inside: Iterable[VersionedClass]) -> VersionedClass:
    named = [one for one in inside if wanted in (one.__name__, one.obj_name())]
    held = [one for one in all_classes() if vars(module).get(wanted) is one]
    found = held or named
    if not found:
        known = [name for one in inside for name in (one.__name__, one.obj_name())]
        hint = nearest(wanted, known)
        if not hint:
            hint = f" It has {', '.join(sorted(set(known)))}." if known else " It has none."
        raise Failure(
            f"{module.__name__} has no versioned object {wanted!r}.{hint}", status=NOT_STARTED
        )
    return found[-1]


def _defined_in(module: ModuleType) -> Iterator[VersionedClass]:
    """The versioned objects that a module, or a module inside it, declares."""
    for one in all_classes():
        if f"{one.__module__}.".startswith(f"{module.__name__}."):
            yield one


def all_classes() -> list[VersionedClass]:
    """Every versioned object class of this process."""
    from vobj.codec import Codec

    found: list[VersionedClass] = []
    waiting = [Codec().base]
    while waiting:
        for one in waiting.pop().__subclasses__():
            if one not in found:
                found.append(one)
                waiting.append(one)
    return found
