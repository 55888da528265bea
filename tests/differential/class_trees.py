"""Trees of generated oslo classes with hand-written compatibility code, as data and as classes.

Theory
    A tree is drawn as plain data (`ClassSpec`), so that a failure prints what was drawn, and then
    built as the classes a project would write: fields, a hook of one of the forms that exist, and
    inside the hook the effects that real hooks have. Classes refer only to classes before them, and
    the last one is the top.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from oslo_utils import versionutils
from oslo_versionedobjects import base, exception, fields

from tests.differential.field_types import LEAVES

Class = type[base.VersionedObject]

HOOKS = (
    "none",
    "super first",
    "super last",
    "no super",
    "super at 1.0",
    "classmethod",
    "detached",
    "from manifest",
    "injects from manifest",
)
EFFECTS = ("pop", "bare", "clear", "rename", "restore", "refuse", "live", "context")

CHILDREN: Mapping[str, Callable[[str], fields.Field[Any]]] = {
    "object": fields.ObjectField,
    "maybe object": lambda name: fields.ObjectField(name, nullable=True),
    "any object": lambda name: fields.ObjectField(name, subclasses=True),
    "objects": fields.ListOfObjectsField,
    "any objects": lambda name: fields.ListOfObjectsField(name, subclasses=True, nullable=True),
    "plain list": lambda name: fields.Field(fields.List(fields.Object(name))),
    "dict": lambda name: fields.Field(fields.Dict(fields.Object(name))),
    "dict of lists": lambda name: fields.Field(fields.Dict(fields.List(fields.Object(name)))),
}


@dataclass(frozen=True)
class Effect:
    """One thing that a hook does to one field for targets below 1.`below`."""

    kind: str
    field: str
    below: int


@dataclass(frozen=True)
class ClassSpec:
    """One class: version 1.`minor`, leaf fields, children, and its compatibility code.

    leaves: name -> (a key of LEAVES, nullable). children: name -> (a key of CHILDREN, class name).
    relationships: `obj_relationships` by field, as minors. child_versions: the same of a list.
    parent: the class it derives from. lists: the class of its elements if it is an ObjectListBase.
    """

    name: str
    minor: int
    leaves: tuple[tuple[str, str, bool], ...] = ()
    children: tuple[tuple[str, str, str], ...] = ()
    hook: str = "none"
    effects: tuple[Effect, ...] = ()
    relationships: tuple[tuple[str, tuple[tuple[int, int], ...]], ...] = ()
    child_versions: tuple[tuple[int, int], ...] = ()
    parent: str | None = None
    lists: str | None = None

    @property
    def version(self) -> str:
        return f"1.{self.minor}"

    def names(self) -> list[str]:
        """The fields of the class itself."""
        listed = ["objects"] if self.lists is not None else []
        return [*(one[0] for one in self.leaves), *(one[0] for one in self.children), *listed]


def _plain(spec: ClassSpec) -> dict[str, Any]:
    return {}


def build(
    tree: tuple[ClassSpec, ...], root: Class, body: Callable[[ClassSpec], dict[str, Any]] = _plain
) -> dict[str, Class]:
    """The classes of a tree, registered with oslo, by name.

    body: called for each spec, gives what the class body says beside oslo's words.
    """
    made: dict[str, Class] = {}
    for spec in tree:
        cls = _class(spec, root, made, body(spec))
        made[spec.name] = base.VersionedObjectRegistry.register(cls)
    return made


def _class(
    spec: ClassSpec, root: Class, made: Mapping[str, Class], more: Mapping[str, Any]
) -> Class:
    body: dict[str, Any] = {"VERSION": spec.version, "fields": _fields(spec), **more}
    if spec.relationships:
        body["obj_relationships"] = {
            name: [(f"1.{mine}", f"1.{theirs}") for mine, theirs in pairs]
            for name, pairs in spec.relationships
        }
    if spec.child_versions:
        body["child_versions"] = {f"1.{mine}": f"1.{child}" for mine, child in spec.child_versions}
    bases: tuple[type, ...] = (root,) if spec.parent is None else (made[spec.parent],)
    if spec.lists is not None:
        bases = (base.ObjectListBase, *bases)
    cell: list[Class] = []
    body.update(_compatibility(spec, made, cell))
    cls: Class = type(spec.name, bases, body)
    cell.append(cls)
    return cls


def _fields(spec: ClassSpec) -> dict[str, fields.Field[Any]]:
    found = {name: LEAVES[kind](nullable=nullable) for name, kind, nullable in spec.leaves}
    found.update((name, CHILDREN[shape](child)) for name, shape, child in spec.children)
    if spec.lists is not None:
        found["objects"] = fields.ListOfObjectsField(spec.lists)
    return found


def _compatibility(spec: ClassSpec, made: Mapping[str, Class], cell: list[Class]) -> dict[str, Any]:
    """The hook of a spec, as it would stand in a class body; `cell` holds the class later."""

    def changed(self: Any, primitive: dict[str, Any], target_version: str) -> None:
        target = versionutils.convert_version_to_tuple(target_version)
        for effect in spec.effects:
            if target < (1, effect.below):
                _apply(effect, self, primitive)

    def above(self: Any, primitive: dict[str, Any], target_version: str) -> None:
        super(cell[0], self).obj_make_compatible(primitive, target_version)

    def super_first(self: Any, primitive: dict[str, Any], target_version: str) -> None:
        above(self, primitive, target_version)
        changed(self, primitive, target_version)

    def super_last(self: Any, primitive: dict[str, Any], target_version: str) -> None:
        changed(self, primitive, target_version)
        above(self, primitive, target_version)

    def super_at_first(self: Any, primitive: dict[str, Any], target_version: str) -> None:
        changed(self, primitive, target_version)
        above(self, primitive, "1.0")

    def detached(self: Any, primitive: dict[str, Any], target_version: str) -> None:
        changed(self, primitive, target_version)
        for name, shape, child in spec.children:
            if shape == "object" and name in primitive:
                data, version = (self._obj_primitive_key(key) for key in ("data", "version"))
                made[child]().obj_make_compatible(primitive[name][data], "1.0")
                primitive[name][version] = "1.0"

    def from_manifest(
        self: Any,
        primitive: dict[str, Any],
        target_version: str,
        version_manifest: dict[str, str] | None,
    ) -> None:
        super(cell[0], self).obj_make_compatible_from_manifest(
            primitive, target_version, version_manifest
        )
        changed(self, primitive, target_version)
        primitive["asked_for"] = [target_version, sorted((version_manifest or {}).items())]

    def injects(
        self: Any,
        primitive: dict[str, Any],
        target_version: str,
        version_manifest: dict[str, str] | None,
    ) -> None:
        from_manifest(self, primitive, target_version, version_manifest)
        for name, shape, child in spec.children:
            if shape in ("object", "maybe object"):
                wanted = (version_manifest or {}).get(child, "1.0")
                primitive[name] = made[child]().obj_to_primitive(wanted, version_manifest)

    methods: dict[str, Any] = {
        "super first": super_first,
        "super last": super_last,
        "no super": changed,
        "super at 1.0": super_at_first,
        "classmethod": classmethod(changed),
        "detached": detached,
    }
    if spec.hook in methods:
        return {"obj_make_compatible": methods[spec.hook]}
    whole = {"from manifest": from_manifest, "injects from manifest": injects}
    if spec.hook in whole:
        return {"obj_make_compatible_from_manifest": whole[spec.hook]}
    return {}


def _apply(effect: Effect, self: Any, primitive: dict[str, Any]) -> None:
    name = effect.field
    match effect.kind:
        case "pop":
            primitive.pop(name, None)
        case "bare":
            del primitive[name]
        case "clear":
            if name in primitive:
                primitive[name] = None
        case "rename":
            if name in primitive:
                primitive[f"old_{name}"] = primitive.pop(name)
        case "restore":
            primitive[f"gone_{name}"] = {"default": [1]}
        case "refuse":
            if primitive.get(name):
                raise exception.ObjectActionError(action="backport", reason=f"{name} is set")
        case "live":
            primitive["seen"] = self.obj_attr_is_set(name) and repr(type(getattr(self, name)))
        case "context":
            primitive["asked_by"] = self._context
        case _:
            raise ValueError(effect.kind)
