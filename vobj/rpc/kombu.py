"""The serializer `vobj` of kombu and Celery: content type `application/x-vobj`.

Theory
    kombu finds it by an entry point, so `serializer="vobj"` and `accept_content=["vobj"]` work
    wherever this package is installed, with nothing imported. kombu loads its entry points while it
    is being imported itself, in every process that uses it; so nothing heavy is imported here
    before the first message, and this module cannot fail.

    A body is what `vobj.rpc.body` says: msgpack in which an object is its envelope, or packed. What
    is wrong with one is an error of vobj inside kombu's EncodeError or DecodeError. kombu refuses
    content that a consumer does not accept before it gets here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oslo_versionedobjects import base as oslo

    from vobj.rpc.body import Body
    from vobj.rpc.carrier import Pin, WireName
    from vobj.wires import Limits

CONTENT_TYPE = "application/x-vobj"

_configured: Body | None = None


def configure(
    *,
    wire: WireName = "msgpack",
    base: type[oslo.VersionedObject] | None = None,
    to: Pin = None,
    indirection_api: oslo.VersionedObjectIndirectionAPI | None = None,
    limits: Limits | None = None,
    policy: str | None = None,
) -> None:
    """Set how this process writes and reads; call it before the first message is sent.

    The settings are those of `vobj.rpc.StructureSerializer`. Without them every registered class is
    carried, in oslo's envelopes, at its newest version, within the default limits. Raises
    UsageError (`wire/unknown`, `usage/argument`).
    """
    from oslo_versionedobjects import base as found

    from vobj.rpc.body import Body
    from vobj.wires import DEFAULT_LIMITS

    global _configured  # noqa: PLW0603 - kombu has one serializer of a name in a process
    _configured = Body(
        wire,
        base=found.VersionedObject if base is None else base,
        to=to,
        indirection_api=indirection_api,
        limits=DEFAULT_LIMITS if limits is None else limits,
        policy=policy,
    )


def encode(value: Any) -> bytes:
    """The body of a message; raises what `StructureSerializer.dump_as_bytes` does."""
    return _body().encode(value)


def decode(data: bytes) -> Any:
    """The value in a body; raises what `StructureSerializer.load_from_bytes` does."""
    return _body().decode(data)


def _body() -> Body:
    if _configured is None:
        configure()
    assert _configured is not None
    return _configured


registration = (encode, decode, CONTENT_TYPE, "binary")
"""What the entry point of the group `kombu.serializers` names."""
