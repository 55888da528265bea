"""What a node of os-vif 5.3.0 has beside it: the database of ports, and vobj to put edits back.

Theory
    os-vif stores nothing itself, and its objects have no remotable methods; who uses it keeps them.
    So this is that service: a row is an envelope of the newest version. Who sends back a port that
    it has edited is known, by the label in it, to have been sent a certain revision; vobj merges
    what was changed since then into what is stored now.
"""

from __future__ import annotations

from typing import Any

from os_vif.objects.base import VersionedObject

import vobj
from vobj.fleettest import port_truth
from vobj.fleettest.port_truth import PAYLOAD, content, label
from vobj.fleettest.rows import differing
from vobj.fleettest.store import Store, open_store
from vobj.fleettest.truth import Row
from vobj.rpc import VersionedObjectSerializer


class _Serializer(VersionedObjectSerializer):
    OBJ_BASE_CLASS = VersionedObject


class Keeper:
    """An endpoint of oslo.messaging, which needs no serializer: it works on envelopes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._codec = vobj.Codec("primitive", base=VersionedObject)

    def get(self, _context: Any, uuid: str) -> Row:
        """The envelope of a stored port, at the newest version."""
        made: Row = self._store.row(uuid)[PAYLOAD]
        return made

    def keep(self, _context: Any, port: Row, wanted: Row, call: str, attempt: str) -> None:
        """Put an edited port back, once for each call. wanted: the edit, said aside."""
        base = self._store.revision(label(port))[PAYLOAD]

        def change(row: Row) -> Row | None:
            due = content(port_truth.edited(row, wanted))
            row[PAYLOAD] = self.put_back(row[PAYLOAD], port, base)
            amiss = differing(due, content(row))
            return {"put back": amiss} if amiss else None

        self._store.once(port_truth.contained(port)["$.id"], call, attempt, wanted, change)

    def put_back(self, stored: Row, port: Row, base: Row) -> Row:
        """What is stored, with what was changed in a port since it was sent as `base`."""
        made = self._codec.decode(self._codec.merge(stored, port, base=base))
        made.obj_reset_changes(recursive=True)
        return self.envelope(made)

    def opened(self, envelope: Row) -> Any:
        """The object in an envelope."""
        return self._codec.decode(envelope)

    def envelope(self, port: Any) -> Row:
        """The envelope of an object."""
        made: Row = self._codec.encode(port)
        return made

    @staticmethod
    def serializer() -> VersionedObjectSerializer:
        """What such a node sends and reads with."""
        return _Serializer()


def keeper() -> Keeper:
    """The one of a node, whose environment names the database."""
    return Keeper(open_store())
