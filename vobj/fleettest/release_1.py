"""Release 1 of the service: what a node of it knows. Its methods run at a conductor."""

from __future__ import annotations

from typing import Any

from oslo_versionedobjects import base as oslo

import vobj
from vobj.fleettest.base import Bench
from vobj.fleettest.truth import Row, at_1, decided, make, seal

RELEASE = 1


@vobj.register
class BenchDisk(Bench):
    """A disk of a server."""

    VERSION = "1.0"

    number: int = vobj.field(key=True)
    size: int
    label: str


@vobj.register
class BenchServer(Bench):
    """A server."""

    VERSION = "1.0"

    uuid: vobj.UUID = vobj.field(key=True)
    name: str
    ram: int
    state: str
    engine: str
    note: str | None
    runs: int
    disks: list[BenchDisk]
    seal: str

    @classmethod
    @oslo.remotable
    def get(cls, _context: Any, uuid: str) -> BenchServer:
        """The stored server."""
        raise NotImplementedError

    @oslo.remotable
    def keep(self, call: str, attempt: str, wanted: Row) -> None:
        """Write what was changed, once for each call. wanted: the same, said aside."""
        raise NotImplementedError

    @classmethod
    @oslo.remotable
    def run(cls, _context: Any, uuid: str, by: int, call: str, attempt: str) -> None:
        """Add to the number of runs, once for each call."""
        raise NotImplementedError

    @classmethod
    @oslo.remotable
    def hold(cls, _context: Any, seconds: float) -> None:
        """Take time."""
        raise NotImplementedError


def shown(server: BenchServer) -> Row:
    """All that is read of a server, without the seal."""
    made = {name: getattr(server, name) for name in server.fields if name not in ("disks", "seal")}
    return {**made, "disks": [{name: getattr(disk, name) for name in disk.fields}
                              for disk in server.disks]}  # fmt: skip


def is_true(server: BenchServer) -> bool:
    """Whether everything that is read of a server is as it was written."""
    return server.seal == seal(shown(server))


is_true_as_sent = is_true


def edit(server: BenchServer, wanted: Row) -> Row:
    """Make an edit, and give it back as it was decided. Raises UnknownField."""
    return decided(wanted, other=make(server, at_1(wanted)))
