"""A base class with a planted bug, to show that oslo's tests see one."""

from __future__ import annotations

from oslo_versionedobjects import base


class VersionedObject(base.VersionedObject):
    """Forgets what was changed."""

    def obj_what_changed(self) -> set[str]:
        return set()
