"""The serializer that kombu finds by itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import kombu
import pytest
from kombu import serialization
from kombu.exceptions import ContentDisallowed, DecodeError, EncodeError

import vobj
from tests.rpc.rack import OLDER, rack_server
from tests.rpc.test_asking import Client, newer
from vobj.errors import UnknownClassError, UsageError
from vobj.rpc import kombu as plugin

TYPE = "application/x-vobj"
ACCEPT = {TYPE}


@pytest.fixture(autouse=True)
def default_settings() -> Iterator[None]:
    """Each test starts and ends with the settings of a fresh process."""
    plugin.configure()
    yield
    plugin.configure()


def there_and_back(value: Any) -> Any:
    content_type, encoding, body = serialization.dumps(value, serializer="vobj")
    assert (content_type, encoding) == (TYPE, "binary")
    return serialization.loads(body, content_type, encoding, accept=ACCEPT)


def test_kombu_finds_it_without_loading_anything() -> None:
    """Importing kombu registers the name, and loads no oslo library."""
    code = """
import sys
from kombu import serialization as s
assert s.registry.name_to_type["vobj"] == "application/x-vobj"
assert not [name for name in sys.modules if name.startswith("oslo")]
kind, encoding, body = s.dumps({"a": [1, None]}, serializer="vobj")
assert s.loads(body, kind, encoding, accept={kind}) == {"a": [1, None]}
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("wire", ["msgpack", "json", "packed"])
def test_objects_stand_anywhere(wire: str) -> None:
    """The shape of a task: arguments, keyword arguments and what belongs to it."""
    plugin.configure(wire=wire)
    server = rack_server()
    value = ([server, 1], {"more": {"of": [server]}}, {"callbacks": None, "chain": [{"args": []}]})
    assert there_and_back(value) == [list(value[0]), value[1], value[2]]


def test_a_queue_carries_objects() -> None:
    """Through a connection of kombu: published by name, accepted by name."""
    heard: list[Any] = []
    with kombu.Connection("memory://") as connection:
        queue = connection.SimpleQueue("racks", serializer="vobj", accept=["vobj"])
        queue.put({"server": rack_server()})
        message = queue.get(timeout=5)
        heard.append((message.content_type, message.payload))
        message.ack()
        queue.close()
    assert heard == [(TYPE, {"server": rack_server()})]


def test_content_that_is_not_accepted_is_not_read() -> None:
    """A consumer that accepts JSON alone refuses ours, and one of ours refuses pickles."""
    kind, encoding, body = serialization.dumps([rack_server()], serializer="vobj")
    with pytest.raises(ContentDisallowed, match=r"vobj \(application/x-vobj\)"):
        serialization.loads(body, kind, encoding, accept={"application/json"})
    with pytest.raises(ContentDisallowed, match="pickle"):
        serialization.loads(b"", "application/x-python-serialize", "binary", accept=ACCEPT)
    assert serialization.prepare_accept_content(["vobj", "json"]) == {TYPE, "application/json"}


def test_what_is_wrong_is_inside_the_error_of_kombu() -> None:
    """kombu has one error for each direction; ours is its argument."""
    with pytest.raises(EncodeError, match=r"usage/argument") as sent:
        serialization.dumps([object()], serializer="vobj")
    assert isinstance(sent.value.args[0], UsageError)
    forged = vobj.Codec("primitive").encode(rack_server())
    forged["versioned_object.name"] = "os.system"
    body = serialization.dumps([forged], serializer="vobj")[2]
    with pytest.raises(DecodeError, match="payload/class") as got:
        serialization.loads(body, TYPE, "binary", accept=ACCEPT)
    assert isinstance(got.value.args[0], UnknownClassError)


@pytest.mark.parametrize(
    "body", [b"\x91" * 9_000, b"\xdf\xff\xff\xff\xff", b"[" * 9_000, b"\x80\x04pickle", b"\xc1\x01"]
)
def test_hostile_bodies(body: bytes) -> None:
    """They are errors of kombu for a message that cannot be read, nothing worse."""
    with pytest.raises(DecodeError, match="payload/"):
        serialization.loads(body, TYPE, "binary", accept=ACCEPT)


def test_buffers_are_read() -> None:
    """Some transports hand over memory they own."""
    body = serialization.dumps([rack_server()], serializer="vobj")[2]
    for data in (bytearray(body), memoryview(body)):
        assert serialization.loads(data, TYPE, "binary", accept=ACCEPT) == [rack_server()]


def test_settings_are_those_of_the_process() -> None:
    """A pin holds down what is sent; a client is asked about what is too new."""
    plugin.configure(to=OLDER, policy="keep")
    assert there_and_back([rack_server()])[0].obj_received_version == "1.1"
    client = Client()
    plugin.configure(indirection_api=client)
    assert there_and_back([newer()]) == [rack_server()]
    assert len(client.asked) == 2
    with pytest.raises(UsageError, match="wire/unknown"):
        plugin.configure(wire="pickle")
    assert there_and_back([newer()]) == [rack_server()]
