"""Versioned objects inside RPC: a serializer for oslo.messaging."""

from vobj.rpc.serializer import VersionedObjectSerializer

__all__ = ["VersionedObjectSerializer"]
