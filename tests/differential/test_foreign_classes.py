"""Generated foreign classes: vobj gives what oslo gives, for every object and every peer."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from oslo_versionedobjects import base, fields

from tests.differential.class_trees import EFFECTS, HOOKS, ClassSpec, build
from tests.differential.compare import Comparison, own_registry
from tests.differential.field_types import LEAVES
from tests.differential.tree_strategies import objects, peers, trees

FLOOR = 2_000
TREES = settings.default.max_examples * 17 // 5
OBJECTS = 2
PEERS = 7
CONTEXT = {"user": "operator"}

# Shrinking runs a failing case thousands of times; as drawn, it is small enough to read.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


class Project(base.VersionedObject):
    """The base class of a project with namespaces of its own."""

    OBJ_SERIAL_NAMESPACE = "project_object"
    OBJ_PROJECT_NAMESPACE = "project"


def test_foreign_classes_give_what_oslo_gives(
    record_property: Callable[[str, object], None],
) -> None:
    """Encode, backport and decode agree with oslo on every generated (class, object, peer)."""
    seen: set[str] = set()
    used: dict[str, set[str]] = {"hooks": set(), "effects": set(), "leaves": set()}
    raised = 0

    @settings(max_examples=TREES, suppress_health_check=list(HealthCheck), phases=PHASES)
    @given(st.data(), trees(), st.sampled_from((base.VersionedObject, Project)))
    def compare(
        data: st.DataObject, tree: tuple[ClassSpec, ...], root: type[base.VersionedObject]
    ) -> None:
        nonlocal raised
        with own_registry():
            classes = build(tree, root)
            comparison = Comparison(root, CONTEXT)
            for _ in range(OBJECTS):
                values = data.draw(objects(tree, classes, tree[-1].name))
                obj = values.make(classes)
                obj._context = CONTEXT
                comparison.current(obj)
                older = None
                first, *asked = data.draw(
                    st.lists(peers(tree), min_size=PEERS + 1, max_size=PEERS + 1)
                )
                for to in asked:
                    case = repr((root, tree, values, to))
                    if case in seen:
                        continue
                    seen.add(case)
                    made = comparison.case(obj, to)
                    older = older or made
                    raised += made is None
                if older is not None:
                    comparison.received(older, first)
        used["hooks"].update(spec.hook for spec in tree)
        used["effects"].update(effect.kind for spec in tree for effect in spec.effects)
        used["leaves"].update(kind for spec in tree for _, kind, _ in spec.leaves)

    compare()
    record_property(
        "note",
        f"foreign classes against oslo: {len(seen)} different (class, object, peer) cases, each "
        f"on four wires; {raised} ended in an error; "
        + ", ".join(f"{len(kinds)} {name}" for name, kinds in used.items()),
    )
    assert len(seen) >= FLOOR
    assert used == {"hooks": set(HOOKS), "effects": set(EFFECTS), "leaves": set(LEAVES)}
    assert 0 < raised < len(seen) / 2


def test_every_field_type_of_oslo_is_generated() -> None:
    """Each field class that oslo.versionedobjects.fields declares is among the generated ones."""
    holders = {fields.Field, fields.AutoTypedField, fields.ObjectField, fields.ListOfObjectsField}
    declared = {
        one
        for one in vars(fields).values()
        if isinstance(one, type) and issubclass(one, fields.Field)
    }
    made = {type(kind()) for kind in LEAVES.values()}
    missing = {
        one.__name__ for one in declared - holders if not any(issubclass(cls, one) for cls in made)
    }
    assert not missing
