"""Hypothesis strategies: class trees, objects of them, and what peers ask for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from oslo_versionedobjects import base

from tests.differential.class_trees import CHILDREN, EFFECTS, HOOKS, ClassSpec, Effect
from tests.differential.compare import To
from tests.differential.field_types import LEAVES, values

TOP_MINOR = 3
Draw = Callable[[st.SearchStrategy[Any]], Any]

_MINOR = st.integers(0, TOP_MINOR)
_BELOW = st.integers(1, TOP_MINOR)
_LEAF = st.tuples(st.sampled_from(sorted(LEAVES)), st.booleans())


@dataclass(frozen=True)
class Values:
    """What one object is made of, before there are classes: fields by name, and its state.

    clean: nothing counts as changed in the object itself.
    """

    name: str
    data: Mapping[str, Any] = field(default_factory=dict)
    clean: bool = False

    def make(self, classes: Mapping[str, type[base.VersionedObject]]) -> base.VersionedObject:
        """The object."""
        obj = classes[self.name]()
        for name, value in self.data.items():
            setattr(obj, name, _made(value, classes))
        if self.clean:
            obj.obj_reset_changes()
        return obj


def _made(value: Any, classes: Mapping[str, type[base.VersionedObject]]) -> Any:
    match value:
        case Values():
            return value.make(classes)
        case list():
            return [_made(one, classes) for one in value]
        case dict():
            return {key: _made(one, classes) for key, one in value.items()}
        case _:
            return value


@st.composite
def trees(
    draw: Draw, *, hooks: bool = True, shapes: Collection[str] = tuple(CHILDREN)
) -> tuple[ClassSpec, ...]:
    """One to four classes; the last one is the top. Without hooks none says how it backports.

    shapes: how a class may hold others.
    """
    made: list[ClassSpec] = []
    for index in range(draw(st.integers(1, 4))):
        before = tuple(made)
        spec = draw(_specs(f"K{index}", before, tuple(shapes)))
        made.append(draw(_with_code(spec, before)) if hooks else spec)
    return tuple(made)


@st.composite
def _specs(
    draw: Draw, name: str, before: tuple[ClassSpec, ...], shapes: tuple[str, ...]
) -> ClassSpec:
    form = draw(st.sampled_from(("plain", "plain", "list", "subclass"))) if before else "plain"
    plain = [one.name for one in before if one.lists is None]
    parent = draw(st.sampled_from(plain)) if form == "subclass" else None
    lists = draw(st.sampled_from([one.name for one in before])) if form == "list" else None
    leaves = tuple(
        (f"{name.lower()}_f{at}", *leaf)
        for at, leaf in enumerate(draw(st.lists(_LEAF, min_size=form != "list", max_size=3)))
    )
    children = () if not before else draw(_children(name, before, shapes))
    return ClassSpec(name, draw(_MINOR), leaves, children, parent=parent, lists=lists)


@st.composite
def _children(
    draw: Draw, name: str, before: tuple[ClassSpec, ...], shapes: tuple[str, ...]
) -> tuple[tuple[str, str, str], ...]:
    owners = st.sampled_from([one.name for one in before])
    drawn = draw(st.lists(st.tuples(st.sampled_from(shapes), owners), max_size=2))
    return tuple((f"{name.lower()}_c{at}", *one) for at, one in enumerate(drawn))


@st.composite
def _with_code(draw: Draw, spec: ClassSpec, before: tuple[ClassSpec, ...]) -> ClassSpec:
    names = _reachable(spec, before)
    effects: tuple[Effect, ...] = ()
    hook = draw(st.sampled_from(HOOKS))
    if hook != "none" and names:
        # A class method has no object to look at.
        kinds = [one for one in EFFECTS if hook != "classmethod" or one not in ("live", "context")]
        drawn = st.builds(Effect, st.sampled_from(kinds), st.sampled_from(names), _BELOW)
        effects = tuple(draw(st.lists(drawn, max_size=3)))
    parts = {
        "hook": hook,
        "effects": effects,
        "relationships": draw(_relationships(spec)),
        "child_versions": draw(_pairs()) if spec.lists and draw(st.booleans()) else (),
    }
    return ClassSpec(**{**vars(spec), **parts})


def _reachable(spec: ClassSpec, before: tuple[ClassSpec, ...]) -> list[str]:
    parents = [one for one in before if one.name == spec.parent]
    return spec.names() + [name for one in parents for name in _reachable(one, before)]


@st.composite
def _relationships(draw: Draw, spec: ClassSpec) -> tuple[tuple[str, Any], ...]:
    held = [name for name, shape, _ in spec.children if "object" in shape]
    if spec.lists is not None:
        held.append("objects")
    dated = [name for name in held if draw(st.booleans())]
    return tuple((name, draw(_pairs())) for name in dated)


@st.composite
def _pairs(draw: Draw) -> tuple[tuple[int, int], ...]:
    mine = sorted(draw(st.sets(_MINOR, min_size=1, max_size=3)))
    return tuple(zip(mine, sorted(draw(_MINOR) for _ in mine), strict=True))


def objects(
    tree: tuple[ClassSpec, ...], classes: Mapping[str, type[base.VersionedObject]], name: str
) -> st.SearchStrategy[Values]:
    """Objects of a class, partial ones among them, as values."""
    own = {one.name: one for one in tree}

    def child(wanted: str, subclasses: object) -> st.SearchStrategy[Values]:
        heirs = [one.name for one in tree if subclasses and _derives(one, wanted, own)]
        return st.one_of([objects(tree, classes, one) for one in (wanted, *heirs)])

    @st.composite
    def values_of(draw: Draw) -> Values:
        data = {}
        for at, held in classes[name].fields.items():
            if draw(st.integers(0, 3)):
                data[at] = draw(values(held, child))
        return Values(name, data, clean=draw(st.booleans()))

    return values_of()


def _derives(spec: ClassSpec, wanted: str, own: Mapping[str, ClassSpec]) -> bool:
    while spec.parent is not None:
        if spec.parent == wanted:
            return True
        spec = own[spec.parent]
    return False


@st.composite
def peers(draw: Draw, tree: tuple[ClassSpec, ...]) -> To:
    """What a peer speaks: a version of the top class, or a manifest.

    A manifest may leave classes out, and name versions of children that do not exist here.
    """
    if draw(st.integers(0, 3)) == 0:
        return f"1.{draw(st.integers(0, tree[-1].minor))}"
    made = {}
    for spec in tree:
        minor = draw(st.integers(-1, spec.minor + 1))
        if minor >= 0:
            made[spec.name] = f"1.{minor}"
    if draw(st.booleans()):
        made["Unrelated"] = "3.4"
    return made
