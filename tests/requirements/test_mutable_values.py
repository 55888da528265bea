"""Values that change in place: what the class knows of it decides what counts as changed."""

from __future__ import annotations

import copy
from typing import Any

import vobj
from tests.requirements.exchange import data_of, node, received, sent
from vobj import Added, Renamed


@vobj.register
class NovaTrackedInstance(vobj.VersionedObject):
    """A dict that is compared with a copy, since changing it in place marks nothing."""

    VERSION = "1.2"

    host: str
    metadata: dict[str, str] = vobj.field(Renamed("meta", since="1.1"))
    tags: list[str] = vobj.field(Added(since="1.2"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._before: dict[str, str] | None = None
        self.obj_reset_changes()

    def obj_reset_changes(self, fields: Any = None, *args: Any, **named: Any) -> None:
        """Take the copy that later changes are compared with."""
        super().obj_reset_changes(fields, *args, **named)
        if self.obj_attr_is_set("metadata") and (fields is None or "metadata" in fields):
            self._before = dict(self.metadata)

    def obj_what_changed(self) -> set[str]:
        """The marked fields, and the dict if it differs from its copy."""
        changed = super().obj_what_changed()
        if self.obj_attr_is_set("metadata") and self.metadata != self._before:
            changed.add("metadata")
        return changed

    def obj_clone(self) -> Any:
        """Copy the tracker as well."""
        clone = copy.deepcopy(self)
        clone._before = copy.copy(self._before)
        return clone

    @classmethod
    def _obj_from_primitive(cls, context: Any, objver: str, primitive: dict[str, Any]) -> Any:
        """Start tracking where the payload stands, and keep what it says has changed."""
        made = super()._obj_from_primitive(context, objver, primitive)
        changed = made.obj_what_changed()
        if "metadata" not in primitive["versioned_object.changes"]:
            made._before = dict(made.metadata)
            changed.discard("metadata")
        made._changed_fields = changed
        return made


TRACKED = {"host": "h", "metadata": {"a": "1"}, "tags": ["t"]}


def test_a_mutation_that_only_the_class_sees_is_in_changes() -> None:
    """The encoder asks `obj_what_changed`, for the newest version and for older ones."""
    obj = NovaTrackedInstance(**TRACKED)
    obj.metadata["b"] = "2"
    assert sent(obj, "1.2")["versioned_object.changes"] == ["metadata"]
    assert sent(obj, "1.0")["versioned_object.changes"] == ["meta"]
    assert obj.obj_to_primitive("1.0")["versioned_object.changes"] == ["meta"]


def test_an_unchanged_mutable_value_is_in_no_changes() -> None:
    """Setting and resetting leaves nothing marked, and the key is left out as oslo does."""
    obj = NovaTrackedInstance(**TRACKED)
    assert "versioned_object.changes" not in sent(obj, "1.2")
    obj.metadata["a"] = "1"
    assert "versioned_object.changes" not in sent(obj, "1.0")


def test_a_mutation_inside_a_nested_object_is_in_its_changes() -> None:
    """The override of a child is asked too; as in oslo, a list marks its owner only when set."""

    @vobj.register
    class TrackedHolder(vobj.VersionedObject):
        VERSION = "1.0"

        one: NovaTrackedInstance
        some: list[NovaTrackedInstance]

    one, other = NovaTrackedInstance(**TRACKED), NovaTrackedInstance(**TRACKED)
    holder = TrackedHolder(one=one, some=[other])
    holder.obj_reset_changes()
    holder.one.metadata["b"] = "2"
    holder.some[0].metadata.clear()
    payload = sent(holder, {"TrackedHolder": "1.0", "NovaTrackedInstance": "1.0"})
    assert payload["versioned_object.changes"] == ["one"]
    assert data_of(payload, "one")["versioned_object.changes"] == ["meta"]
    assert data_of(payload, "some", 0)["versioned_object.changes"] == ["meta"]


def test_a_reader_of_its_own_is_called_with_the_upgraded_payload() -> None:
    """`_obj_from_primitive` runs for each object that is read, in today's names."""
    old = node("NovaTrackedInstance", "1.0", {"host": "h", "meta": {"a": "1"}}, unchanged=["meta"])
    read = received(old)
    assert read.obj_what_changed() == {"host"}
    read.metadata["b"] = "2"
    assert read.obj_what_changed() == {"host", "metadata"}
    assert read.obj_received_version == "1.0"


def test_a_clone_has_trackers_of_its_own() -> None:
    """What the class copies in `obj_clone` is what the clone is compared with."""
    obj = NovaTrackedInstance(**TRACKED)
    clone = obj.obj_clone()
    clone.metadata["b"] = "2"
    assert clone.obj_what_changed() == {"metadata"}
    assert obj.obj_what_changed() == set()


def test_a_class_may_take_a_field_out_of_changes() -> None:
    """`obj_what_changed` has the last word in both directions."""

    @vobj.register
    class CinderQosSpecs(vobj.VersionedObject):
        VERSION = "1.0"

        name: str
        specs: dict[str, str]

        def obj_what_changed(self) -> set[str]:
            return super().obj_what_changed() - {"specs"}

    payload = sent(CinderQosSpecs(name="q", specs={"a": "b"}), "1.0")
    assert payload == node("CinderQosSpecs", "1.0", {"name": "q", "specs": {"a": "b"}},
                           unchanged=["specs"])  # fmt: skip


def test_a_changed_field_may_be_added_by_hand() -> None:
    """`_changed_fields` is a real set, and the slot of a field is `_obj_` and its name."""
    obj = received(node("NovaTrackedInstance", "1.2", TRACKED, unchanged=TRACKED) | {
        "versioned_object.changes": ["host"]
    })  # fmt: skip
    obj._changed_fields.add("tags")
    obj._obj_host = "other"
    assert sent(obj, "1.2")["versioned_object.changes"] == ["host", "tags"]
    assert data_of(sent(obj, "1.2"))["host"] == "other"
    del obj._obj_host
    assert "host" not in data_of(sent(obj, "1.2"))
