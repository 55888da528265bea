"""Classes that keep a hand-written hook, beside and inside classes that declare changes."""

from __future__ import annotations

from typing import Any

import pytest
from oslo_utils import versionutils
from oslo_versionedobjects import base, fields

import vobj
from tests.requirements.exchange import CODEC, data_of, effects, node, sent
from vobj import Added, Renamed

FIELDS = {"name": fields.StringField(), "late": fields.StringField()}
NEW = {"name": "n", "late": "l"}


def _below(target: str, version: str) -> bool:
    parse = versionutils.convert_version_to_tuple
    return bool(parse(target) < parse(version))


def _method() -> type[base.VersionedObject]:
    class HookMethod(base.VersionedObject):
        VERSION = "1.1"
        fields = FIELDS

        def obj_make_compatible(self, primitive: dict[str, Any], target_version: str) -> None:
            super().obj_make_compatible(primitive, target_version)
            if _below(target_version, "1.1"):
                primitive.pop("late", None)

    return HookMethod


def _classmethod() -> type[base.VersionedObject]:
    class HookClassMethod(base.VersionedObject):
        VERSION = "1.1"
        fields = FIELDS

        @classmethod
        def obj_make_compatible(cls, primitive: dict[str, Any], target_version: str) -> None:
            if _below(target_version, "1.1"):
                primitive.pop("late", None)

    return HookClassMethod


def _detached() -> type[base.VersionedObject]:
    rules = _method()

    class HookDetached(base.VersionedObject):
        VERSION = "1.1"
        fields = FIELDS

        def obj_make_compatible(self, primitive: dict[str, Any], target_version: str) -> None:
            rules().obj_make_compatible(primitive, target_version)

    return HookDetached


def _from_manifest() -> type[base.VersionedObject]:
    class HookFromManifest(base.VersionedObject):
        VERSION = "1.1"
        fields = FIELDS

        def obj_make_compatible_from_manifest(
            self, primitive: dict[str, Any], target_version: str, version_manifest: Any
        ) -> None:
            super().obj_make_compatible_from_manifest(primitive, target_version, version_manifest)
            if _below(target_version, "1.1"):
                primitive.pop("late", None)

    return HookFromManifest


def _under_vobj() -> type[base.VersionedObject]:
    class HookUnderVobj(vobj.VersionedObject):
        VERSION = "1.1"
        name: str
        late: str

        def obj_make_compatible(self, primitive: dict[str, Any], target_version: str) -> None:
            super().obj_make_compatible(primitive, target_version)
            if _below(target_version, "1.1"):
                primitive.pop("late", None)

    return HookUnderVobj


@pytest.mark.parametrize("make", [_method, _classmethod, _detached, _from_manifest, _under_vobj])
def test_a_hand_written_hook_goes_on_working_whatever_its_form(make: Any) -> None:
    """vobj gives what oslo gives for each form of hook, from objects and from payloads."""
    cls = make()
    base.VersionedObjectRegistry.register(cls)
    name = cls.obj_name()
    assert data_of(sent(cls(**NEW), "1.0")) == {"name": "n"}
    assert data_of(sent(cls(late="l"), {name: "1.0"})) == {}
    assert sent(cls(**NEW), "1.0")["versioned_object.changes"] == ["name"]
    assert data_of(cls(**NEW).obj_to_primitive("1.0")) == {"name": "n"}
    assert effects(CODEC.explain(cls(**NEW), to="1.0")) == [("$.late", "dropped", None)]


@vobj.register
class DeclaredPart(vobj.VersionedObject):
    """A part that declares its change."""

    VERSION = "1.1"

    label: str = vobj.field(Renamed("title", since="1.1"))


def test_a_declared_child_in_a_hooked_parent() -> None:
    """oslo's recursion finds the declared rules of a child, changes included."""

    @base.VersionedObjectRegistry.register
    class HookedParent(base.VersionedObject):
        VERSION = "1.1"
        fields = {
            "part": fields.ObjectField("DeclaredPart"),
            "parts": fields.ListOfObjectsField("DeclaredPart"),
            "late": fields.StringField(),
        }

        def obj_make_compatible(self, primitive: dict[str, Any], target_version: str) -> None:
            super().obj_make_compatible(primitive, target_version)
            if _below(target_version, "1.1"):
                primitive.pop("late", None)

    parent = HookedParent(part=DeclaredPart(label="a"), parts=[DeclaredPart(label="b")], late="l")
    payload = sent(parent, {"HookedParent": "1.0", "DeclaredPart": "1.0"})
    assert data_of(payload) == {
        "part": node("DeclaredPart", "1.0", {"title": "a"}),
        "parts": [node("DeclaredPart", "1.0", {"title": "b"})],
    }


def test_a_hooked_child_in_a_declared_parent() -> None:
    """A declared parent asks the hook of its child, and follows the manifest to it."""
    child = _method()
    base.VersionedObjectRegistry.register(child)

    @vobj.register
    class DeclaredParent(vobj.VersionedObject):
        VERSION = "1.1"

        part: child
        later: child = vobj.field(Added(since="1.1"))

    parent = DeclaredParent(part=child(**NEW), later=child(**NEW))
    payload = sent(parent, {"DeclaredParent": "1.0", "HookMethod": "1.0"})
    assert list(data_of(payload)) == ["part"]
    assert data_of(payload, "part")["versioned_object.version"] == "1.0"
    assert data_of(payload, "part")["versioned_object.data"] == {"name": "n"}


def test_a_hook_never_reaches_the_callers_object_or_payload() -> None:
    """A hook that edits containers in place works on copies."""

    @base.VersionedObjectRegistry.register
    class RoughHook(base.VersionedObject):
        VERSION = "1.1"
        fields = {"tags": fields.DictOfStringsField()}

        def obj_make_compatible(self, primitive: dict[str, Any], target_version: str) -> None:
            super().obj_make_compatible(primitive, target_version)
            primitive["tags"].clear()

    obj = RoughHook(tags={"a": "b"})
    assert data_of(sent(obj, "1.0")) == {"tags": {}}
    assert obj.tags == {"a": "b"}
    assert not hasattr(obj, "_obj_version_manifest")
