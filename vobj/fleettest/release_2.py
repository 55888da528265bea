"""Release 2 of the service: what its nodes know, and what conductors run."""

from __future__ import annotations

import time
from typing import Any

from oslo_versionedobjects import base as oslo

import vobj
from vobj import Added, ChildVersions, Mapped, Refused, Renamed
from vobj.fleettest.base import Bench
from vobj.fleettest.store import open_store
from vobj.fleettest.truth import Row, decided, edited, make, seal, seen_at_1, seen_at_2

RELEASE = 2
_SEALS = ("seal", "full_seal")
_OLD = ("1.0",)


@vobj.register
class BenchDisk(Bench):
    """A disk of a server; `wear` is hidden from release 1."""

    VERSION = "1.1"

    number: int = vobj.field(key=True)
    size: int
    label: str
    wear: int = vobj.field(Added(since="1.1", backfill=-1))


@vobj.register
class BenchServer(Bench):
    """A server; `owner` is hidden from release 1, and a fusion engine is nothing for it."""

    VERSION = "1.2"

    uuid: vobj.UUID = vobj.field(key=True)
    name: str
    memory_mb: int = vobj.field(Renamed("ram", since="1.1"))
    state: str = vobj.field(Mapped({"suspended": "paused"}, since="1.2"))
    engine: str = vobj.field(Refused({"fusion"}, since="1.1"))
    note: str | None
    owner: str = vobj.field(Added(since="1.1", backfill="nobody"))
    runs: int
    disks: list[BenchDisk] = vobj.field(ChildVersions({"1.0": "1.0", "1.2": "1.1"}))
    seal: str
    full_seal: str = vobj.field(Added(since="1.1", backfill=""))

    @classmethod
    @oslo.remotable
    def get(cls, context: Any, uuid: str) -> BenchServer:
        """The stored server."""
        return _filled(_blank(cls, context), open_store().row(uuid))

    @classmethod
    def obj_load_current(cls, context: Any, received: BenchServer) -> BenchServer:
        """What is stored of a server that an older peer sends."""
        return _filled(_blank(cls, context), open_store().row(received.uuid))

    @oslo.remotable
    def keep(self, call: str, attempt: str, wanted: Row) -> None:
        """Write what was changed, once for each call. wanted: the same, said aside."""
        changes = {
            name: getattr(self, name)
            for name in self.obj_what_changed() - {"disks", "uuid", "runs", *_SEALS}
        }
        disks = {
            disk.number: {name: getattr(disk, name) for name in disk.obj_what_changed()}
            for disk in self.disks
        }

        def change(row: Row) -> Row | None:
            amiss = _amiss(self, row, wanted)
            row.update(changes)
            for disk in row["disks"]:
                disk.update(disks.get(disk["number"], {}))
            return amiss

        _filled(self, open_store().once(self.uuid, call, attempt, wanted, change))

    @classmethod
    @oslo.remotable
    def run(cls, _context: Any, uuid: str, by: int, call: str, attempt: str) -> None:
        """Add to the number of runs, once for each call."""

        def change(row: Row) -> None:
            row["runs"] += by

        open_store().once(uuid, call, attempt, {"field": "runs", "value": by}, change)

    @classmethod
    @oslo.remotable
    def hold(cls, _context: Any, seconds: float) -> None:
        """Take time."""
        time.sleep(seconds)


def _amiss(server: BenchServer, row: Row, wanted: Row) -> Row | None:
    """What is wrong with the object that a method is run on.

    Made from what is stored now, it has to be that with the edit, and nothing else; and that of an
    older caller has to be made from something that was stored.
    """
    made = shown(server)
    if server.full_seal == row["full_seal"]:
        due = seen_at_2(edited(row, wanted))
        return None if made == due else {"due": due, "got": made}
    put_back = server.obj_received_version not in _OLD or server.full_seal != ""
    return None if put_back else {"due": "put back into what is stored", "got": made}


def _blank(cls: Any, context: Any) -> BenchServer:
    """A server without any field, which the type checker would not let pass."""
    made: BenchServer = cls(context)
    return made


def _filled(server: BenchServer, row: Row) -> BenchServer:
    for name, value in row.items():
        if name == "disks":
            value = [BenchDisk(**one) for one in value]
            for disk in value:
                disk.obj_reset_changes()
        setattr(server, name, value)
    server.obj_reset_changes(recursive=True)
    return server


def shown(server: BenchServer) -> Row:
    """All that is read of a server, without the seals."""
    made = {name: getattr(server, name) for name in server.fields if name not in ("disks", *_SEALS)}
    return {**made, "disks": [{name: getattr(disk, name) for name in disk.fields}
                              for disk in server.disks]}  # fmt: skip


def is_true(server: BenchServer) -> bool:
    """Whether everything that is read of a server is as it was written."""
    return server.full_seal == seal(shown(server))


def is_true_as_sent(server: BenchServer) -> bool:
    """The same of a server that another node sent: from release 1, or held to it, it has nothing
    of what is hidden there."""
    if server.obj_received_version not in _OLD:
        return is_true(server)
    row = shown(server)
    hidden = (row["owner"], server.full_seal, *(disk["wear"] for disk in row["disks"]))
    return server.seal == seal(seen_at_1(row)) and hidden == ("nobody", "", -1, -1, -1)


def edit(server: BenchServer, wanted: Row) -> Row:
    """Make an edit, and give it back as it was decided. Raises UnknownField."""
    return decided(wanted, other=make(server, wanted))
