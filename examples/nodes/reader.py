"""The older side of an exchange: reads what it is sent, edits it and sends it back."""

import platform
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from indirection import Indirection
from object_tree import apply_edits, describe
from oslo_versionedobjects.base import VersionedObjectSerializer

Operation = Callable[[Mapping[str, Any]], dict[str, Any]]


class Reader:
    """The operations of an older node.

    release: what it runs, for people. base: the class whose objects it reads, with oslo's own
    serializer. manifest: the version of every class that it knows. offered: builds an object of its
    own. held: the object that it read last.
    """

    def __init__(
        self, *, release: str, base: Any, manifest: Mapping[str, str], offered: Callable[[], Any]
    ) -> None:
        self.release = release
        self.base = base
        self.manifest = dict(sorted(manifest.items()))
        self.offered = offered
        self.serializer = VersionedObjectSerializer()
        self.serializer.OBJ_BASE_CLASS = base
        self.held: Any = None

    def operations(self) -> dict[str, Operation]:
        """Operation by name, for a line node."""
        return {
            "hello": self.hello, "connect": self.connect, "asked": self.asked,
            "receive": self.receive, "edit": self.edit, "offer": self.offer,
        }  # fmt: skip

    def hello(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        """Who this node is."""
        return {
            "release": self.release,
            "python": platform.python_version(),
            "libraries": {"oslo.versionedobjects": version("oslo.versionedobjects")},
            "vobj": {"installed": find_spec("vobj") is not None, "imported": "vobj" in sys.modules},
            "manifest": self.manifest,
        }

    def connect(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Ask the `conductor` from now on."""
        self.base.indirection_api = Indirection(request["conductor"], self.serializer)
        return {}

    def asked(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        """What the conductor was asked since this was called last."""
        api = self.base.indirection_api
        notes = [] if api is None else api.asked[:]
        if api is not None:
            api.asked.clear()
        return {"asked": notes}

    def receive(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Hold the object in `payload`: what this node sees of it, and in what form it has it."""
        self.held = self.serializer.deserialize_entity({}, request["payload"])
        return self.told(self.held)

    def edit(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out `edits` on the held object, and send it back."""
        self.change(request["edits"])
        return self.told(self.held)

    def offer(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        """An object that was made here, and that no newer node has seen yet."""
        return self.told(self.offered())

    def change(self, edits: Any) -> None:
        """Carry out edits on the held object."""
        apply_edits(self.held, edits, self.base.obj_from_primitive)

    def told(self, obj: Any) -> dict[str, Any]:
        """What this node sees of an object, and the payload that it sends of it."""
        return {**describe(obj), "payload": obj.obj_to_primitive()}
