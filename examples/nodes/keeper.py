"""The newest side of an exchange: keeps objects, sends them to older peers, puts their edits back.

What it keeps is payloads at the newest version, as a database would. An operation that fails leaves
them as they were.
"""

import platform
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

from object_tree import Envelope, apply_edits, describe

import vobj

Operation = Callable[[Mapping[str, Any]], dict[str, Any]]


class Keeper:
    """The operations of a node that has vobj.

    It sends every object at its newest version; a peer that cannot read that asks a conductor.
    release: what it runs, for people. codec: a codec of the wire "primitive". samples: builds the
    objects that it starts with, by short name.
    """

    def __init__(
        self, *, release: str, codec: vobj.Codec, samples: Mapping[str, Callable[[], Any]]
    ) -> None:
        objects = {name: sample() for name, sample in samples.items()}
        self.release = release
        self.codec = codec
        self.manifest = vobj.Manifest.of(*objects.values())
        self.kept: dict[str, Envelope] = {name: codec.encode(obj) for name, obj in objects.items()}
        self.sent: dict[str, Envelope] = {}

    def operations(self) -> dict[str, Operation]:
        """Operation by name, for a line node."""
        return {
            "hello": self.hello,
            "show": self.show,
            "send": self.send,
            "edit": self.edit,
            "put_back": self.put_back,
            "adopt": self.adopt,
        }

    def hello(self, _request: Mapping[str, Any]) -> dict[str, Any]:
        """Who this node is."""
        return {
            "release": self.release,
            "python": platform.python_version(),
            "libraries": {"oslo.versionedobjects": version("oslo.versionedobjects")},
            "vobj": {"installed": True, "imported": True},
            "manifest": self.manifest.to_dict(),
        }

    def show(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The kept `object`, at the newest version."""
        payload = self.kept[request["object"]]
        return {**describe(self.codec.decode(payload)), "payload": payload}

    def send(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The kept `object` as it is, for whoever reads it."""
        payload = self.kept[request["object"]]
        self.sent[request["object"]] = payload
        return {"payload": payload}

    def edit(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out `edits` on the kept `object`."""
        obj = self.codec.decode(self.kept[request["object"]])
        apply_edits(obj, request["edits"], self.codec.decode)
        self.kept[request["object"]] = self.codec.encode(obj)
        return self.show(request)

    def put_back(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Merge `payload`, which an older peer edited, into the kept `object` that it was sent."""
        name = request["object"]
        self.kept[name] = self.codec.merge(
            self.kept[name], request["payload"], base=self.sent[name]
        )
        return self.show(request)

    def adopt(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Keep `payload`, which an older peer made, as `object`."""
        self.kept[request["object"]] = self.codec.upgrade(request["payload"])
        return self.show(request)
