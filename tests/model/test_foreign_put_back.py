"""Put-back of edits that a hand-written hook has no way up for: told, never lost in silence."""

from __future__ import annotations

from typing import Any

import pytest
from oslo_versionedobjects import base, fields

import vobj

CODEC = vobj.Codec("primitive")


@base.VersionedObjectRegistry.register
class HookedHost(base.VersionedObject):
    VERSION = "1.1"
    fields = {"name": fields.StringField(), "memory_mb": fields.IntegerField()}

    def obj_make_compatible(self, primitive: dict[str, Any], target_version: str) -> None:
        super().obj_make_compatible(primitive, target_version)
        if target_version == "1.0" and "memory_mb" in primitive:
            primitive["ram"] = primitive.pop("memory_mb")


def sent() -> tuple[dict[str, Any], dict[str, Any]]:
    """A newer payload, and what a caller of version 1.0 gets of it."""
    current = CODEC.encode(HookedHost(name="a", memory_mb=512))
    return current, CODEC.backport(current, to="1.0")


def test_an_edit_of_a_made_up_name_cannot_be_represented() -> None:
    """Where a hook renamed a field, an edit under the older name raises and names it."""
    current, edited = sent()
    edited["versioned_object.data"]["ram"] = 1024
    with pytest.raises(vobj.UnrepresentableEdit, match=r"wrote 1024.*reads 512") as caught:
        CODEC.merge(current, edited)
    assert (caught.value.rule, caught.value.path) == ("merge/unrepresentable", ("ram",))


def test_such_an_edit_is_discarded_on_request() -> None:
    """The rest of the edit is put back when the caller asks to discard what cannot be held."""
    current, edited = sent()
    edited["versioned_object.data"].update(name="b", ram=1024)
    made = CODEC.decode(CODEC.merge(current, edited, unrepresentable="discard"))
    assert (made.name, made.memory_mb) == ("b", 512)


def test_a_made_up_name_that_was_not_edited_changes_nothing() -> None:
    """What came back as it was sent is no edit, whatever it is called."""
    current, edited = sent()
    assert CODEC.merge(current, edited) == current


def test_an_unknown_name_is_no_edit() -> None:
    """What neither the hook nor the class knows is kept from the current payload."""
    current, edited = sent()
    current["versioned_object.data"]["stray"] = 1
    edited["versioned_object.data"]["stray"] = 2
    assert CODEC.merge(current, edited)["versioned_object.data"]["stray"] == 1
