"""The serializer inside oslo.messaging, over the driver that lives in this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import oslo_messaging as messaging
import pytest
from oslo_config import cfg
from oslo_versionedobjects import base

import vobj
from tests.rpc.rack import OLDER, Endpoint, RackDisk, RackServer, rack_server
from vobj.rpc import VersionedObjectSerializer

Connect = Callable[..., Any]
KEY = "versioned_object."


class Recording(messaging.NoOpSerializer):  # type: ignore[misc]
    """A peer that shows what is on the wire."""


class Conductor(base.VersionedObjectIndirectionAPI):
    """A conductor in this process: backports by manifest, and counts."""

    def __init__(self, newest: type[base.VersionedObject]) -> None:
        self.asked: list[dict[str, str]] = []
        self.newest = newest

    def object_action(
        self, context: Any, objinst: Any, objmethod: str, args: Any, kwargs: Any
    ) -> Any:
        raise NotImplementedError

    def object_backport_versions(self, context: Any, objinst: Any, object_versions: Any) -> Any:
        self.asked.append(dict(object_versions))
        tree = dict(objinst)
        tree[KEY + "version"] = object_versions[tree[KEY + "name"]]
        return VersionedObjectSerializer().deserialize_entity(context, tree)


def test_objects_travel_nested_in_any_argument_structure(connect: Connect) -> None:
    """Objects in dicts, lists, tuples and sets arrive as equal objects; other values as they
    were."""
    endpoint = Endpoint()
    client = connect(VersionedObjectSerializer(), VersionedObjectSerializer(), endpoint)
    sent = rack_server()
    client.call({}, "note", a=[{"x": sent}], b=(1, sent), c={"plain": None}, d="text")
    (seen,) = endpoint.seen
    assert seen["a"][0]["x"] == sent
    assert seen["b"][0] == 1
    assert seen["b"][1] == sent
    assert (seen["c"], seen["d"]) == ({"plain": None}, "text")


def test_the_answer_is_held_to_the_versions_of_the_request(connect: Connect) -> None:
    """A caller that sent older objects is answered in the versions it showed to read."""
    endpoint = Endpoint()
    client = connect(VersionedObjectSerializer(), Recording(), endpoint)
    older = vobj.Codec("primitive").encode(rack_server(), to=OLDER)
    answer = client.call({}, "grow", server=older, by=3)
    tree = answer["grown"][0]
    assert tree[KEY + "version"] == "1.1"
    assert tree[KEY + "data"]["ram"] == 515
    assert tree[KEY + "data"]["disks"][0][KEY + "version"] == "1.0"
    assert endpoint.seen[0].memory_mb == 515
    assert endpoint.seen[0].obj_received_version == "1.1"


def test_an_answer_to_nothing_older_is_the_newest(connect: Connect) -> None:
    """A request without objects says nothing of its caller, so the answer is today's object."""
    client = connect(VersionedObjectSerializer(), Recording())
    assert client.call({}, "make")[KEY + "version"] == "1.3"


def test_a_pin_holds_everything_down(connect: Connect) -> None:
    """`to` may be a callable, and is asked for each object that is sent."""
    pins = [{"RackServer": "1.2", "RackDisk": "1.0"}]
    client = connect(VersionedObjectSerializer(to=lambda: pins[-1]), Recording())
    assert client.call({}, "make")[KEY + "version"] == "1.2"
    pins.append(OLDER)
    assert client.call({}, "make")[KEY + "version"] == "1.1"


def test_pin_and_caller_meet_at_the_lower_version() -> None:
    """Where pin and caller differ, the answer is at the lower of the two."""
    serializer = VersionedObjectSerializer(to={"RackServer": "1.2", "RackDisk": "1.1"})
    context = serializer.deserialize_context({})
    serializer.deserialize_entity(context, vobj.Codec("primitive").encode(rack_server(), to=OLDER))
    answer = serializer.serialize_entity(context, rack_server())
    assert answer[KEY + "version"] == "1.1"
    assert answer[KEY + "data"]["disks"][0][KEY + "version"] == "1.0"
    other = serializer.serialize_entity(serializer.deserialize_context({}), rack_server())
    assert other[KEY + "version"] == "1.2"


def test_requests_in_progress_are_remembered_up_to_a_bound() -> None:
    """A server that never answers (casts) does not grow without end."""
    from vobj.rpc.served import SERVED

    serializer = VersionedObjectSerializer()
    for number in range(SERVED + 10):
        serializer.deserialize_context({"number": number})
    assert len(serializer._served) == SERVED


def test_a_newer_object_without_a_conductor_tells_the_manifest() -> None:
    """The error is oslo's IncompatibleObjectVersion as well, and carries what is spoken here."""
    newer = vobj.Codec("primitive").encode(rack_server())
    newer[KEY + "version"] = "1.9"
    with pytest.raises(base.exception.IncompatibleObjectVersion, match=r"1\.9") as caught:
        VersionedObjectSerializer().deserialize_entity({}, newer)
    assert isinstance(caught.value, vobj.NewerVersionError)
    assert caught.value.manifest == {"RackServer": "1.3", "RackDisk": "1.1"}


def test_a_newer_nested_object_asks_for_the_whole_tree() -> None:
    """A child that is too new is told with its path, and the manifest is that of the top object."""
    newer = vobj.Codec("primitive").encode(rack_server())
    newer[KEY + "data"]["disks"][0][KEY + "version"] = "1.7"
    with pytest.raises(vobj.NewerVersionError, match=r"\$\.disks\[0\]") as caught:
        VersionedObjectSerializer().deserialize_entity({}, newer)
    assert caught.value.manifest == {"RackServer": "1.3", "RackDisk": "1.1"}


def test_a_newer_object_is_backported_by_the_indirection_client() -> None:
    """The client is asked once, with the manifest of the object's tree."""
    conductor = Conductor(RackServer)
    newer = vobj.Codec("primitive").encode(rack_server())
    newer[KEY + "version"] = "1.9"
    read = VersionedObjectSerializer(indirection_api=conductor).deserialize_entity({}, newer)
    assert read == rack_server()
    assert conductor.asked == [{"RackServer": "1.3", "RackDisk": "1.1"}]


def test_a_patch_version_is_read_without_a_backport() -> None:
    """X.Y.Z is read by whoever reads X.Y."""
    conductor = Conductor(RackServer)
    patched = vobj.Codec("primitive").encode(rack_server())
    patched[KEY + "version"] = "1.3.8"
    read = VersionedObjectSerializer(indirection_api=conductor).deserialize_entity({}, patched)
    assert read.memory_mb == 512
    assert conductor.asked == []


def test_an_unknown_class_is_the_error_that_oslo_raises() -> None:
    """A class that is not registered is refused, also for callers that catch oslo's exception."""
    forged = vobj.Codec("primitive").encode(rack_server())
    forged[KEY + "name"] = "os.system"
    with pytest.raises(base.exception.UnsupportedObjectError, match="payload/class"):
        VersionedObjectSerializer().deserialize_entity({}, forged)


def test_casts_and_notifications_carry_objects(connect: Connect, transport: Any) -> None:
    """What calls do, casts and notifications do."""
    endpoint = Endpoint()
    client = connect(VersionedObjectSerializer(), VersionedObjectSerializer(), endpoint)
    client.cast({}, "note", server=rack_server())
    deadline = time.monotonic() + 10
    while not endpoint.seen and time.monotonic() < deadline:
        time.sleep(0.01)
    assert endpoint.seen == [{"server": rack_server()}]
    heard: list[Any] = []

    class Listener:
        def info(self, ctxt: Any, publisher: str, event: str, payload: Any, meta: Any) -> None:
            heard.append(payload)

    # oslo.messaging reads some of its options from the process-wide configuration.
    cfg.CONF([], default_config_files=[])
    line = messaging.get_notification_transport(cfg.CONF, url="fake://")
    listener = messaging.get_notification_listener(
        line, [messaging.Target(topic="told")], [Listener()],
        serializer=VersionedObjectSerializer(),
    )  # fmt: skip
    listener.start()
    notifier = messaging.Notifier(
        line, driver="messaging", topics=["told"], publisher_id="rack",
        serializer=VersionedObjectSerializer(to=OLDER),
    )  # fmt: skip
    notifier.info({}, "server.grown", {"server": rack_server(), "by": 3})
    deadline = time.monotonic() + 10
    while not heard and time.monotonic() < deadline:
        time.sleep(0.01)
    listener.stop()
    listener.wait()
    assert heard[0]["by"] == 3
    assert heard[0]["server"].obj_received_version == "1.1"
    assert heard[0]["server"].zone == "z0"


def test_what_is_outside_the_base_is_sent_as_oslo_sends_it() -> None:
    """The serializer of one project passes on objects of another, as oslo's does."""

    class Project(vobj.VersionedObject):
        OBJ_PROJECT_NAMESPACE = "rack"

    class ProjectSerializer(VersionedObjectSerializer):
        OBJ_BASE_CLASS = Project

    disk = RackDisk(name="a", size_gb=1)
    assert ProjectSerializer().serialize_entity({}, [disk]) == [disk.obj_to_primitive()]


def test_sets_of_objects_are_sent_as_lists() -> None:
    """Objects that have a hash may stand in sets; what they become has none."""

    @base.VersionedObjectRegistry.register
    class RackLabel(base.VersionedObject):
        VERSION = "1.0"

    label = RackLabel()
    for value in ({label}, frozenset({label})):
        sent = VersionedObjectSerializer().serialize_entity({}, {"labels": value})
        assert sent == {"labels": [label.obj_to_primitive()]}


def test_messages_have_a_depth() -> None:
    """Nesting without end is refused with the error for it, not with that of the interpreter."""
    message: Any = []
    for _ in range(100_000):
        message = [message]
    with pytest.raises(vobj.LimitError, match="payload/depth"):
        VersionedObjectSerializer().deserialize_entity({}, message)
    shallow = VersionedObjectSerializer(limits=vobj.Limits(max_depth=2))
    assert shallow.deserialize_entity({}, [{"a": 1}]) == [{"a": 1}]
    with pytest.raises(vobj.LimitError, match=r"payload/depth"):
        shallow.deserialize_entity({}, [{"a": ()}])


def test_a_request_with_a_forged_version_shows_nothing() -> None:
    """What is no version is the sender's fault, and does not reach the answer."""
    serializer = VersionedObjectSerializer()
    context = serializer.deserialize_context({})
    forged = vobj.Codec("primitive").encode(rack_server())
    forged[KEY + "version"] = "1.x"
    with pytest.raises(vobj.PayloadError, match="version/malformed"):
        serializer.deserialize_entity(context, forged)
    assert serializer.serialize_entity(context, rack_server())[KEY + "version"] == "1.3"


def test_the_public_names() -> None:
    """They are there without an import of their modules, and no others are."""
    assert set(vobj.rpc.__all__) <= set(dir(vobj.rpc))
    with pytest.raises(AttributeError, match="no attribute 'Serializer'"):
        vobj.rpc.Serializer  # noqa: B018
