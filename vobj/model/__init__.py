"""The class that users write, what oslo's registry knows of it, and the way back to plain data."""

from vobj.model.catalog import ClassCatalog
from vobj.model.dehydrate import live_nodes, writes_in_order
from vobj.model.errors import from_oslo, translate, translated
from vobj.model.histories import VersionedClass, history_of, is_own
from vobj.model.manifest import collect
from vobj.model.objects import Evolving, VersionedObject
from vobj.model.registration import register
from vobj.model.schemas import ClassSchemas
from vobj.version import Manifest

__all__ = [
    "ClassCatalog",
    "ClassSchemas",
    "Evolving",
    "VersionedClass",
    "VersionedObject",
    "from_oslo",
    "history_of",
    "is_own",
    "live_nodes",
    "register",
    "translate",
    "translated",
    "writes_in_order",
]

Manifest._collect = collect
