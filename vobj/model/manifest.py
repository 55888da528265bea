"""`Manifest.of`: what this process speaks, read off the registered classes."""

from __future__ import annotations

from oslo_versionedobjects import base

from vobj.errors import ManifestError
from vobj.model.histories import VersionedClass
from vobj.model.lookup import newest_class, spoken


def collect(*roots: object) -> dict[str, str]:
    """`{name: version}` of the trees under `roots`: classes, objects or registry names.

    Raises ManifestError (`manifest/unknown-class`) for what is neither, and for a field whose class
    is not registered.
    """
    return spoken([_class_of(one) for one in roots], unknown=_unknown)


def _class_of(root: object) -> VersionedClass:
    if isinstance(root, base.VersionedObject):
        return type(root)
    if isinstance(root, type) and issubclass(root, base.VersionedObject):
        return root
    found = newest_class(base.VersionedObject, root) if isinstance(root, str) else None
    if found is None:
        raise ManifestError(
            f"{root!r:.60} is no registered versioned object",
            rule="manifest/unknown-class",
            object_name=root if isinstance(root, str) else None,
        )
    return found


def _unknown(cls: VersionedClass, field: str, name: str) -> None:
    raise ManifestError(
        f"{cls.obj_name()}.{field} holds {name}, which is not registered",
        rule="manifest/unknown-class",
        path=(field,),
        object_name=cls.obj_name(),
    )
