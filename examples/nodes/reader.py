"""The older side of an exchange: reads what it is sent, edits it and sends it back."""

import platform
from collections.abc import Callable, Mapping
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from object_tree import Envelope, apply_edits, describe

Operation = Callable[[Mapping[str, Any]], dict[str, Any]]


class Reader:
    """The operations of an older node.

    release: what it runs, for people. base: the class whose `obj_from_primitive` reads payloads.
    manifest: the version of every class that it knows. offered: builds an object of its own.
    """

    def __init__(
        self, *, release: str, base: Any, manifest: Mapping[str, str], offered: Callable[[], Any]
    ) -> None:
        self.release = release
        self.base = base
        self.manifest = dict(sorted(manifest.items()))
        self.offered = offered

    def operations(self) -> dict[str, Operation]:
        """Operation by name, for a line node."""
        return {
            "hello": self.hello, "receive": self.receive, "edit": self.edit, "offer": self.offer
        }  # fmt: skip

    def hello(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        """Who this node is."""
        return {
            "release": self.release,
            "python": platform.python_version(),
            "libraries": {"oslo.versionedobjects": version("oslo.versionedobjects")},
            "vobj": find_spec("vobj") is not None,
            "manifest": self.manifest,
        }

    def receive(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """What this node sees of `payload`."""
        return describe(self._read(request["payload"]))

    def edit(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Read `payload`, carry out `edits`, and send the object back."""
        obj = self._read(request["payload"])
        apply_edits(obj, request["edits"], self._read)
        return {**describe(obj), "payload": obj.obj_to_primitive()}

    def offer(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        """An object that was made here, and that no newer node has seen yet."""
        obj = self.offered()
        return {**describe(obj), "payload": obj.obj_to_primitive()}

    def _read(self, payload: Envelope) -> Any:
        return self.base.obj_from_primitive(payload)
