"""Objects of own classes: to plain data and back, across versions."""

from __future__ import annotations

import copy
import pickle
from typing import Any, Literal

import pytest
from oslo_versionedobjects import base, exception, fields

import vobj
from vobj import Added, Converted, ConverterContext, Refused, Removed, Renamed
from vobj.model import live_nodes

UUID = "8d1c1b1e-0000-4000-8000-000000000001"
Node = dict[str, Any]


@pytest.fixture(autouse=True)
def declared() -> None:
    """The classes of this module are registered for each test."""
    for cls in (Nic, Server):
        vobj.register(cls)


class Nic(vobj.VersionedObject):
    VERSION = "1.1"
    mac: vobj.MACAddress
    mtu: int = vobj.field(Added(since="1.1", backfill=1500))


class Server(vobj.VersionedObject):
    VERSION = "1.4"
    uuid: vobj.UUID = vobj.field(key=True)
    memory_mb: int = vobj.field(Renamed("ram", since="1.1"))
    quota: int = vobj.field(Removed(since="1.2", restore=0))
    speed: int = vobj.field(
        Converted(since="1.3", was=float, up=lambda v: int(v * 1000), down=lambda v: v / 1000)
    )
    model: str = vobj.field(Refused({"igb"}, since="1.4"))
    tags: set[str]
    sizes: dict[str, list[int]]
    nic: Nic | None
    nics: list[Nic]
    by_name: dict[str, Nic]


def full() -> Server:
    return Server(
        uuid=UUID,
        memory_mb=512,
        speed=1500,
        model="virtio",
        tags={"b", "a", "c"},
        sizes={"x": [1, 2]},
        nic=Nic(mac="00:00:00:00:00:01"),
        nics=[Nic(mac="00:00:00:00:00:02", mtu=9000)],
        by_name={"eth0": Nic(mac="00:00:00:00:00:03")},
    )


def data(node: Node) -> Node:
    found: Node = node["versioned_object.data"]
    return found


def test_the_envelope_is_that_of_oslo() -> None:
    """Apart from order, an own object writes what oslo's code writes for the same class."""
    server = full()
    ours = server.obj_to_primitive()
    theirs = base.VersionedObject.obj_to_primitive(server)
    for node in (ours, theirs):
        node["versioned_object.changes"] = sorted(node["versioned_object.changes"])
        data(node)["tags"] = sorted(data(node)["tags"])
    assert ours == theirs


def test_the_envelope_is_in_order() -> None:
    """changes stand in field order, and sets are sorted tuples, whatever the order of setting."""
    server = Server(tags={"b", "a"}, uuid=UUID)
    node = server.obj_to_primitive()
    assert node["versioned_object.changes"] == ["uuid", "tags"]
    assert data(node)["tags"] == ("a", "b")


def test_unset_stays_unset() -> None:
    """Partial objects are normal: nothing is filled in on the way out or in."""
    server = vobj.VersionedObject.obj_from_primitive(Server(uuid=UUID).obj_to_primitive())
    assert server.obj_attr_is_set("uuid")
    assert not server.obj_attr_is_set("memory_mb")


def test_round_trip_is_equal() -> None:
    """What is read is equal to what was written, changes included, through oslo's base as well."""
    server = full()
    node = server.obj_to_primitive()
    for reader in (vobj.VersionedObject, base.VersionedObject, Server):
        read = reader.obj_from_primitive(node)
        assert read == server
        assert read.obj_what_changed() == server.obj_what_changed()


def test_backport_with_a_manifest() -> None:
    """oslo's arguments give the object in the target version, and its children by the manifest."""
    server = full()
    before = server.obj_to_primitive()
    old = server.obj_to_primitive("1.0", {"Nic": "1.0"})
    assert old["versioned_object.version"] == "1.0"
    assert data(old)["ram"] == 512
    assert data(old)["quota"] == 0
    assert data(old)["speed"] == 1.5
    assert data(data(old)["nics"][0]) == {"mac": "00:00:00:00:00:02"}
    assert data(old)["by_name"]["eth0"]["versioned_object.version"] == "1.0"
    assert "ram" in old["versioned_object.changes"]
    assert server.obj_to_primitive() == before


def test_a_manifest_alone_leaves_the_top_version() -> None:
    """As in oslo, without a target the object keeps its version and its children follow."""
    node = full().obj_to_primitive(version_manifest={"Nic": "1.0", "Server": "1.0"})
    assert node["versioned_object.version"] == "1.4"
    assert data(node)["nic"]["versioned_object.version"] == "1.0"


def test_converters_see_the_live_object() -> None:
    """A converter with peers=True gets the object that is sent, and its context."""
    seen: list[ConverterContext] = []

    def down(value: int, _data: Any, ctx: ConverterContext) -> str:
        seen.append(ctx)
        return str(value)

    @vobj.register
    class Seen(vobj.VersionedObject):
        VERSION = "1.1"
        size: int = vobj.field(
            Converted(since="1.1", was=str, up=lambda v, _d, _c: int(v), down=down, peers=True)
        )

    @vobj.register
    class Holder(vobj.VersionedObject):
        items: list[Seen]
        fields = {"one": fields.ObjectField("Seen")}

    item, one = Seen(size=1), Seen(size=2)
    Holder("ctxt", items=[item], one=one).obj_to_primitive(version_manifest={"Seen": "1.0"})
    assert [id(ctx.obj) for ctx in seen] == [id(item), id(one)]
    assert {ctx.context for ctx in seen} == {"ctxt"}


def test_an_older_payload_arrives_upgraded() -> None:
    """The object has the newest version; what it came with is told, at every depth."""
    old = full().obj_to_primitive("1.0", {"Nic": "1.0"})
    before = copy.deepcopy(old)
    server = base.VersionedObject.obj_from_primitive(old, "ctxt")
    assert isinstance(server, Server)
    assert (server.VERSION, server.obj_received_version) == ("1.4", "1.0")
    assert (server.memory_mb, server.speed) == (512, 1500)
    assert (server.nics[0].mtu, server.nics[0].obj_received_version) == (1500, "1.0")
    assert server.by_name["eth0"].VERSION == "1.1"
    assert "memory_mb" in server.obj_what_changed()
    assert "mtu" not in server.nics[0].obj_what_changed()
    assert (server._context, server.nic._context) == ("ctxt", "ctxt")  # type: ignore[union-attr]
    assert old == before
    assert copy.deepcopy(server).obj_received_version == "1.0"
    assert server.obj_to_primitive()["versioned_object.version"] == "1.4"


def test_an_object_made_here_was_not_received() -> None:
    """obj_received_version is None for an object that no payload made."""
    assert Server().obj_received_version is None
    node = Server(uuid=UUID).obj_to_primitive()
    assert vobj.VersionedObject.obj_from_primitive(node).obj_received_version == "1.4"


def test_the_newest_registered_class_of_the_major_reads() -> None:
    """With several versions of a class registered, an old payload is read by the newest one."""
    old_class, new_class = [
        type(
            "Twice",
            (vobj.VersionedObject,),
            {
                "VERSION": version,
                "fields": {"a": fields.IntegerField()},
                "__module__": __name__,
            },
        )
        for version in ("1.0", "1.1")
    ]
    for cls in (old_class, new_class):
        base.VersionedObjectRegistry.register(cls)
    node = old_class(a=1).obj_to_primitive()
    assert node["versioned_object.version"] == "1.0"
    for reader in (base.VersionedObject, vobj.VersionedObject, old_class):
        read = reader.obj_from_primitive(node)
        assert type(read) is new_class
        assert (read.a, read.VERSION, read.obj_received_version) == (1, "1.1", "1.0")


def test_a_fix_version_is_read_as_its_x_y() -> None:
    """1.4.2 is read by the class of 1.4, and the stamp is kept."""
    node = {**Server(uuid=UUID).obj_to_primitive(), "versioned_object.version": "1.4.2"}
    server = vobj.VersionedObject.obj_from_primitive(node)
    assert (server.VERSION, server.obj_received_version) == ("1.4", "1.4.2")


def test_unknown_names_are_ignored() -> None:
    """A name that no version has, in data or changes, is not an error."""
    node = Server(uuid=UUID).obj_to_primitive()
    data(node)["surplus"] = 1
    node["versioned_object.changes"].append("surplus")
    assert vobj.VersionedObject.obj_from_primitive(node) == Server(uuid=UUID)


def test_hooks_of_oslo_work_in_place() -> None:
    """A foreign parent calls obj_make_compatible on the data of its children."""
    server = full()
    primitive = data(server.obj_to_primitive())
    server.obj_make_compatible_from_manifest(primitive, "1.0", {"Nic": "1.0"})
    assert (primitive["ram"], primitive["quota"]) == (512, 0)
    assert primitive["nic"]["versioned_object.version"] == "1.0"
    assert not hasattr(server, "_obj_version_manifest")
    nic = Nic(mac="00:00:00:00:00:01", mtu=1)
    primitive = data(nic.obj_to_primitive())
    nic.obj_make_compatible(primitive, "1.0")
    assert primitive == {"mac": "00:00:00:00:00:01"}
    nic.obj_make_compatible(primitive, "1.7")
    assert primitive == {"mac": "00:00:00:00:00:01"}


def test_an_unregistered_class_encodes_and_reads_itself() -> None:
    """objectify and a direct call need no registration, as in oslo."""

    @base.VersionedObjectRegistry.objectify
    class Loose(vobj.VersionedObject):
        VERSION = "1.1"
        a: int = vobj.field(Added(since="1.1"))
        b: int

    loose = Loose(a=1, b=2)
    assert data(loose.obj_to_primitive("1.0")) == {"b": 2}
    read = Loose._obj_from_primitive(None, "1.1", loose.obj_to_primitive())
    assert read == loose
    with pytest.raises(vobj.UnknownClassError, match="No class is registered as Loose"):
        vobj.VersionedObject.obj_from_primitive(loose.obj_to_primitive())


def test_list_classes_of_oslo_are_own() -> None:
    """oslo's ObjectListBase in front of ours does not bring its own backport along."""

    @vobj.register
    class NicList(base.ObjectListBase, vobj.VersionedObject):
        VERSION = "1.1"
        objects: list[Nic]
        size: int = vobj.field(Added(since="1.1"))

    nics = NicList(objects=[Nic(mac="00:00:00:00:00:01", mtu=1)], size=1)
    primitive = data(nics.obj_to_primitive())
    nics.obj_make_compatible_from_manifest(primitive, "1.0", {"Nic": "1.0"})
    assert data(primitive["objects"][0]) == {"mac": "00:00:00:00:00:01"}
    assert "size" not in primitive
    old = nics.obj_to_primitive("1.0", {"Nic": "1.0"})
    assert data(old)["objects"][0]["versioned_object.version"] == "1.0"
    assert len(vobj.VersionedObject.obj_from_primitive(old)) == 1


def test_supports() -> None:
    """A field is supported at a version when it exists there under any name."""
    assert Server.supports("memory_mb", "1.0")
    assert not Nic.supports("mtu", "1.0")
    assert not Nic.supports("nothing", "1.0")


class Masked(vobj.VersionedObject):
    word: str = vobj.field(type=fields.SensitiveStringField())
    mood: Literal["good"]
    since: Any = vobj.field(type=fields.DateTimeField())
    free: Any = vobj.field(type=fields.Field(fields.FieldType()))


def test_repr() -> None:
    """The repr shows what is set, nested, and masks what the field type masks."""
    assert repr(Server(uuid=UUID, tags=set())) == f"Server(uuid='{UUID}', tags=set())"
    shown = repr(full())
    assert "tags={'a', 'b', 'c'}" in shown
    assert "sizes={'x': [1, 2]}" in shown
    assert "nics=[Nic(mac='00:00:00:00:00:02', mtu=9000)]" in shown
    assert "by_name={'eth0': Nic(mac='00:00:00:00:00:03')}" in shown
    assert repr(Server(nic=None)) == "Server(nic=None)"
    base.VersionedObjectRegistry.register(Masked)
    masked = Masked(word="password='secret'", mood="good", since="2020-01-02T03:04:05Z", free=(1,))
    assert repr(masked) == (
        "Masked(word='password='***'', mood='good', since=2020-01-02T03:04:05Z, free=(1,))"
    )


def test_equality() -> None:
    """Objects are equal when name, version and data are; what changed does not count."""
    one, other = full(), full()
    other.obj_reset_changes(recursive=True)
    assert one == other
    assert one != full().nic
    other.nics[0].mtu = 1
    assert one != other
    assert Server(uuid=UUID) != Server()
    assert Server() != object()
    assert {one: 1}[one] == 1


def test_equality_tells_versions_apart() -> None:
    """Two classes of one name and different versions do not have equal objects."""

    class Other(vobj.VersionedObject):
        VERSION = "2.0"

        @classmethod
        def obj_name(cls) -> str:
            return "Server"

    assert Server() != Other()


REFUSALS = [
    ("1.3", {"Nic": "1.1"}, vobj.RefusedError, exception.ObjectActionError, "refused/value"),
    ("1.5", None, vobj.UsageError, exception.InvalidTargetVersion, "usage/argument"),
    ("2.0", None, vobj.UsageError, exception.InvalidTargetVersion, "usage/argument"),
    ("one", None, vobj.UsageError, exception.InvalidTargetVersion, "version/malformed"),
    ("0.9", None, vobj.ManifestError, exception.InvalidTargetVersion, "manifest/major"),
    ("1.3", None, vobj.ManifestError, exception.ObjectActionError, "manifest/child-unnamed"),
    ("1.3", {"Nic": "x"}, vobj.ManifestError, exception.ObjectActionError, "manifest/version"),
]


@pytest.mark.parametrize(("target", "manifest", "ours", "theirs", "rule"), REFUSALS)
def test_what_cannot_be_sent(
    target: str, manifest: Any, ours: type[Exception], theirs: type[Exception], rule: str
) -> None:
    """An error is of the class that says whose fault it is, and of the one oslo's callers catch."""
    server = full()
    server.model = "igb" if rule == "refused/value" else "virtio"
    with pytest.raises(ours, match=rule) as caught:
        server.obj_to_primitive(target, manifest)
    assert isinstance(caught.value, theirs)
    assert caught.value.rule == rule  # type: ignore[attr-defined]
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (type(caught.value), str(caught.value))


class Forbidden(Exception):
    pass


def test_the_exception_of_a_refusal_passes() -> None:
    """What the declaration names is raised as it is, and what a hook or converter lets through."""

    @vobj.register
    class Strict(vobj.VersionedObject):
        VERSION = "1.1"
        mode: str = vobj.field(Refused({"b"}, since="1.1", exception=Forbidden, reason="no b"))

    with pytest.raises(Forbidden, match="no b"):
        Strict(mode="b").obj_to_primitive("1.0")


def node_of(**changed: Any) -> Node:
    node = full().obj_to_primitive()
    data(node).update(changed)
    return node


def envelope(part: str, value: Any) -> Node:
    return {**full().obj_to_primitive(), f"versioned_object.{part}": value}


def without(part: str) -> Node:
    node = full().obj_to_primitive()
    del node[f"versioned_object.{part}"]
    return node


NIC = {
    "versioned_object.name": "Nic",
    "versioned_object.namespace": "versionedobjects",
    "versioned_object.version": "1.1",
    "versioned_object.data": {"mac": "00:00:00:00:00:02", "mtu": "many"},
}
LEAK = {**NIC, "versioned_object.name": "NeverRegistered"}

PAYLOADS: list[tuple[Any, type[Exception], type[Exception], str, str]] = [
    (node_of(memory_mb="x"), vobj.PayloadError, ValueError, "payload/value", "$.memory_mb"),
    (node_of(memory_mb=None), vobj.PayloadError, ValueError, "payload/value", "$.memory_mb"),
    (node_of(tags="abc"), vobj.PayloadError, ValueError, "payload/value", "$.tags"),
    (node_of(tags=[[]]), vobj.PayloadError, ValueError, "payload/value", "$.tags"),
    (node_of(tags=["a", None]), vobj.PayloadError, ValueError, "payload/value", "$.tags"),
    (node_of(sizes=[1]), vobj.PayloadError, ValueError, "payload/value", "$.sizes"),
    (
        node_of(sizes={"x": [1, "y"]}),
        vobj.PayloadError,
        ValueError,
        "payload/value",
        '$.sizes["x"][1]',
    ),
    (node_of(sizes={"x": 5}), vobj.PayloadError, ValueError, "payload/value", '$.sizes["x"]'),
    (node_of(nics=[NIC]), vobj.PayloadError, ValueError, "payload/value", "$.nics[0].mtu"),
    (
        node_of(by_name={"a": NIC}),
        vobj.PayloadError,
        ValueError,
        "payload/value",
        '$.by_name["a"].mtu',
    ),
    (node_of(nic=5), vobj.PayloadError, KeyError, "payload/envelope", "$.nic"),
    (
        node_of(nics=[LEAK]),
        vobj.UnknownClassError,
        exception.UnsupportedObjectError,
        "payload/class",
        "$.nics[0]",
    ),
    (
        envelope("version", "1.9"),
        vobj.NewerVersionError,
        exception.IncompatibleObjectVersion,
        "version/newer",
        "",
    ),
    (
        envelope("version", "1.9.1"),
        vobj.NewerVersionError,
        exception.IncompatibleObjectVersion,
        "version/newer",
        "",
    ),
    (
        envelope("version", "0.9"),
        vobj.RemoteError,
        exception.IncompatibleObjectVersion,
        "version/unsupported",
        "",
    ),
    (envelope("version", "new"), vobj.PayloadError, ValueError, "version/malformed", ""),
    (
        envelope("namespace", "nova"),
        vobj.UnknownClassError,
        exception.UnsupportedObjectError,
        "payload/namespace",
        "",
    ),
    (
        envelope("name", "NeverRegistered"),
        vobj.UnknownClassError,
        exception.UnsupportedObjectError,
        "payload/class",
        "",
    ),
    (
        envelope("name", "VersionedObject"),
        vobj.UnknownClassError,
        exception.UnsupportedObjectError,
        "payload/class",
        "",
    ),
    (without("data"), vobj.PayloadError, KeyError, "payload/envelope", ""),
    ([], vobj.PayloadError, KeyError, "payload/envelope", ""),
]


@pytest.mark.parametrize(
    ("payload", "ours", "theirs", "rule", "path"),
    PAYLOADS,
    ids=[f"{index}-{one[3]}" for index, one in enumerate(PAYLOADS)],
)
def test_what_cannot_be_read(
    payload: Any, ours: type[Exception], theirs: type[Exception], rule: str, path: str
) -> None:
    """A bad payload names the place, carries its rule, and is what oslo's callers catch."""
    with pytest.raises(ours, match=rule) as caught:
        vobj.VersionedObject.obj_from_primitive(payload)
    assert isinstance(caught.value, theirs)
    assert (f"`{path}`" in str(caught.value)) == bool(path)


def test_a_newer_payload_says_what_is_spoken_here() -> None:
    """The error has the manifest of the object's tree, and oslo's arguments."""
    with pytest.raises(vobj.NewerVersionError, match=r"newer than 1\.4") as caught:
        vobj.VersionedObject.obj_from_primitive(envelope("version", "1.9"))
    assert caught.value.manifest == {"Server": "1.4", "Nic": "1.1"}
    assert caught.value.kwargs["supported"] == "1.4"  # type: ignore[attr-defined]
    assert caught.value.kwargs["objname"] == "Server"  # type: ignore[attr-defined]


def test_oslos_serializer_asks_for_a_backport() -> None:
    """A newer payload, nested or not, makes oslo's serializer call the indirection API."""
    asked: list[Any] = []

    class Api(base.VersionedObjectIndirectionAPI):
        def object_action(self, *_: Any) -> Any:
            raise NotImplementedError

        def object_backport_versions(self, _context: Any, primitive: Any, versions: Any) -> Any:
            asked.append((primitive, versions))
            return "backported"

    class Local(vobj.VersionedObject):
        indirection_api = Api()

    class Serializer(base.VersionedObjectSerializer):
        OBJ_BASE_CLASS = Local

    newer = envelope("version", "1.9")
    nested = node_of(nic={**NIC, "versioned_object.version": "1.8"})
    assert Serializer().deserialize_entity(None, newer) == "backported"
    assert Serializer().deserialize_entity(None, nested) == "backported"
    assert [versions for _, versions in asked] == [{"Server": "1.4", "Nic": "1.1"}] * 2


def test_readers_of_a_project_are_called() -> None:
    """A `_obj_from_primitive` of the class sees the payload; one of a base further up reads it."""

    class ProjectObject(base.VersionedObject):
        @classmethod
        def _obj_from_primitive(cls, context: Any, objver: str, primitive: Any) -> Any:
            made = super()._obj_from_primitive(context, objver, primitive)
            made.read_by = (cls.__name__, objver)
            return made

    @vobj.register
    class Item(vobj.VersionedObject, ProjectObject):
        VERSION = "1.1"
        a: int = vobj.field(Added(since="1.1", backfill=7))

        @classmethod
        def _obj_from_primitive(cls, context: Any, objver: str, primitive: Any) -> Any:
            made = super()._obj_from_primitive(context, objver, primitive)
            made.came = objver
            return made

    item = Item.obj_from_primitive(Item().obj_to_primitive("1.0"))
    assert (item.a, item.VERSION, item.obj_received_version) == (7, "1.1", "1.0")
    assert (item.came, item.read_by) == ("1.0", ("Item", "1.1"))  # type: ignore[attr-defined]


class Odd(fields.FieldType[Any]):
    """Raises an exception of oslo's for any value but 'good', and writes a bare list."""

    def from_primitive(self, obj: Any, attr: str, value: Any) -> Any:
        if value == "newer":
            raise exception.IncompatibleObjectVersion(objname="In", objver="9.0", supported="1.0")
        if value == "unknown":
            raise exception.UnsupportedObjectError(objtype="In")
        if value == "refused":
            raise vobj.PayloadError("no", rule="payload/count")
        return value

    def coerce(self, obj: Any, attr: str, value: Any) -> Any:
        if value == "late":
            raise vobj.PayloadError("late", rule="payload/count")
        return value


class Bag(vobj.VersionedObject):
    odd: Any = vobj.field(type=fields.Field(Odd()))
    sets: list[set[str]]
    by_name: dict[str, set[int] | None]
    fixed: int = vobj.field(read_only=True)
    kept: dict[str, int]


@pytest.mark.parametrize(
    ("value", "ours", "text"),
    [
        ("newer", vobj.RemoteError, r"In 9\.0 is not explained here; the newest is 1\.0"),
        ("unknown", vobj.UnknownClassError, "No class is registered as In"),
        ("refused", vobj.PayloadError, r"no - at `\$\.odd` \[payload/count\]"),
        ("late", vobj.PayloadError, r"late - at `\$\.odd`"),
    ],
)
def test_what_field_types_raise(value: str, ours: type[Exception], text: str) -> None:
    """An exception of oslo's inside a field type is told in vobj's words, with the path."""
    vobj.register(Bag)
    node = {**Bag().obj_to_primitive(), "versioned_object.data": {"odd": value}}
    with pytest.raises(ours, match=text):
        vobj.VersionedObject.obj_from_primitive(node)


def test_sets_at_any_depth_are_in_order() -> None:
    """Sets in lists and dicts are sorted as well, and read back as sets."""
    vobj.register(Bag)
    bag = Bag(sets=[{"b", "a"}, set()], by_name={"x": {3, 1, 2}, "y": None})
    node = bag.obj_to_primitive()
    assert data(node) == {"sets": [("a", "b"), ()], "by_name": {"x": (1, 2, 3), "y": None}}
    assert vobj.VersionedObject.obj_from_primitive(node) == bag


def test_a_value_set_by_init_may_clash() -> None:
    """A read-only field that the constructor sets refuses another value, with its path."""

    @vobj.register
    class Fixed(vobj.VersionedObject):
        fixed: int = vobj.field(read_only=True)

        def __init__(self, context: Any = None, **values: Any) -> None:
            super().__init__(context, **{"fixed": 1, **values})

    node = {**Fixed().obj_to_primitive(), "versioned_object.data": {"fixed": 2}}
    with pytest.raises(vobj.PayloadError, match=r"Cannot modify readonly field fixed - at"):
        vobj.VersionedObject.obj_from_primitive(node)


def test_the_culprit_in_a_container_is_named() -> None:
    """A value that coercion refuses inside a container has the path of the element."""
    vobj.register(Bag)
    node = {**Bag().obj_to_primitive(), "versioned_object.data": {"kept": {"a": 1, "b": "x"}}}
    with pytest.raises(vobj.PayloadError, match=r'at `\$\.kept\["b"\]`'):
        vobj.VersionedObject.obj_from_primitive(node)


def test_live_nodes_follow_the_shape() -> None:
    """Each envelope in a tree is paired with its object; what a type reshaped is left out."""
    server = full()
    node = server.obj_to_primitive()
    found = live_nodes(server, node)
    assert found[id(node)] is server
    assert found[id(data(node)["nics"][0])] is server.nics[0]
    assert found[id(data(node)["by_name"]["eth0"])] is server.by_name["eth0"]
    data(node)["nics"] = []
    assert len(live_nodes(server, node)) == len(found) - 1
