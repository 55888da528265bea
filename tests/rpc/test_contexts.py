"""Contexts cross as dicts and are made again on the other side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import oslo_messaging as messaging
import pytest
from oslo_context.context import RequestContext

import vobj
from tests.rpc.rack import OLDER, rack_server
from vobj.rpc import VersionedObjectSerializer

KEY = "versioned_object."


class Endpoint:
    target = messaging.Target(version="1.0")

    def __init__(self) -> None:
        self.contexts: list[Any] = []

    def keep(self, ctxt: Any, server: Any = None) -> list[Any]:
        """Note the context, and give today's object back."""
        self.contexts.append((ctxt, None if server is None else server._context))
        return [rack_server()]


def made_context() -> RequestContext:
    return RequestContext(user_id="kim", project_id="p1", request_id="req-1", overwrite=False)


def test_a_request_context_crosses(connect: Callable[..., Any]) -> None:
    """A RequestContext is sent as its dict and made again; the objects of the request have it."""
    endpoint = Endpoint()
    server = VersionedObjectSerializer(context=RequestContext.from_dict)
    client = connect(server, VersionedObjectSerializer(), endpoint)
    client.call(made_context(), "keep", server=rack_server())
    ((context, of_object),) = endpoint.contexts
    assert isinstance(context, RequestContext)
    assert (context.user_id, context.project_id, context.request_id) == ("kim", "p1", "req-1")
    assert of_object is context


def test_without_a_maker_a_context_is_a_dict(connect: Callable[..., Any]) -> None:
    """As with oslo's serializer."""
    endpoint = Endpoint()
    client = connect(VersionedObjectSerializer(), VersionedObjectSerializer(), endpoint)
    client.call({"user": "kim"}, "keep")
    client.call(made_context(), "keep")
    assert endpoint.contexts[0] == ({"user": "kim"}, None)
    assert endpoint.contexts[1][0]["request_id"] == "req-1"


def test_the_answer_is_tied_to_its_request_by_the_context(connect: Callable[..., Any]) -> None:
    """Also when the context is made by the service, an older caller is answered in its versions."""
    server = VersionedObjectSerializer(context=RequestContext.from_dict)
    client = connect(server, messaging.NoOpSerializer(), Endpoint())
    older = vobj.Codec("primitive").encode(rack_server(), to=OLDER)
    context = made_context().to_dict()
    assert client.call(context, "keep", server=older)[0][KEY + "version"] == "1.1"
    assert client.call(context, "keep")[0][KEY + "version"] == "1.3"


@pytest.mark.parametrize("context", [None, {}, {"a": 1}], ids=repr)
def test_other_contexts_are_left_alone(context: Any) -> None:
    """What is a dict, or nothing, is passed on as oslo's serializer does."""
    serializer = VersionedObjectSerializer()
    assert serializer.serialize_context(context) is context
    assert serializer.deserialize_context(context) is context
