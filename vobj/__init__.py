"""Versioned objects: one declared history per field gives backports, upgrades and put-backs.

The names below stand in the order in which a reader meets them: declare a class, date its changes,
encode it for a peer, read what went wrong. Importing `vobj` loads no oslo library; the first use of
a name that declares or moves objects does.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from vobj.changes import (
    ABSENT,
    Added,
    Admitted,
    ChildVersions,
    Converted,
    ConverterContext,
    Inherits,
    Loss,
    Mapped,
    NoChange,
    Noted,
    NotNull,
    Nullable,
    OldestSupported,
    Refused,
    Removed,
    Renamed,
)
from vobj.errors import (
    RULES,
    ConversionError,
    DeclarationError,
    LimitError,
    LocalError,
    ManifestError,
    MergeConflict,
    MergeError,
    NewerVersionError,
    PayloadError,
    RefusedError,
    RemoteError,
    UnknownClassError,
    UnrepresentableEdit,
    UsageError,
    VobjError,
)
from vobj.version import Manifest, Version

if TYPE_CHECKING:
    from vobj import rpc
    from vobj.codec import Codec
    from vobj.evolve import Finding
    from vobj.fields import (
        UUID,
        IPAddress,
        IPNetwork,
        IPv4Address,
        IPv4Network,
        IPv6Address,
        IPv6Network,
        MACAddress,
        Polymorphic,
        field,
    )
    from vobj.model import VersionedObject, history_of, register
    from vobj.model.accelerate import accelerate
    from vobj.wires import Limits

_LAZY = {
    "vobj.codec": ("Codec",),
    "vobj.evolve": ("Finding",),
    "vobj.wires": ("Limits",),
    "vobj.model": ("VersionedObject", "history_of", "register"),
    "vobj.model.accelerate": ("accelerate",),
    "vobj.fields": (
        "IPAddress",
        "IPNetwork",
        "IPv4Address",
        "IPv4Network",
        "IPv6Address",
        "IPv6Network",
        "MACAddress",
        "Polymorphic",
        "UUID",
        "field",
    ),
}
_HOME = {name: module for module, names in _LAZY.items() for name in names}

__all__ = [  # noqa: RUF022 - in the order in which a reader meets them
    # declare
    "VersionedObject",
    "register",
    "field",
    "UUID",
    "MACAddress",
    "IPAddress",
    "IPv4Address",
    "IPv6Address",
    "IPNetwork",
    "IPv4Network",
    "IPv6Network",
    "Polymorphic",
    # date
    "Added",
    "Removed",
    "Renamed",
    "Mapped",
    "Refused",
    "Nullable",
    "NotNull",
    "Converted",
    "ConverterContext",
    "ChildVersions",
    "Admitted",
    "Noted",
    "NoChange",
    "OldestSupported",
    "Inherits",
    "ABSENT",
    "Loss",
    "history_of",
    # speak with peers
    "Version",
    "Manifest",
    "Codec",
    "Limits",
    "Finding",
    "rpc",
    # speed up an existing oslo tree
    "accelerate",
    # what went wrong
    "VobjError",
    "DeclarationError",
    "LocalError",
    "UsageError",
    "RefusedError",
    "ConversionError",
    "RemoteError",
    "PayloadError",
    "LimitError",
    "UnknownClassError",
    "NewerVersionError",
    "ManifestError",
    "MergeError",
    "MergeConflict",
    "UnrepresentableEdit",
    "RULES",
]


def __getattr__(name: str) -> Any:
    if name == "rpc":
        return importlib.import_module("vobj.rpc")
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'vobj' has no attribute {name!r}")
    found = getattr(importlib.import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
