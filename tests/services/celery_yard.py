"""A Celery app whose tasks take and give versioned objects, at the release that YARD_RELEASE says.

The newer release sends what YARD_PIN says that all read. Its worker runs from this module.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery

import vobj
import vobj.rpc.kombu
from vobj import Added, Renamed

if os.environ.get("YARD_RELEASE") == "old":

    @vobj.register
    class DockCrane(vobj.VersionedObject):
        VERSION = "1.0"
        name: str
        load: int

else:

    @vobj.register
    class DockCrane(vobj.VersionedObject):
        VERSION = "1.1"
        name: str
        load_kg: int = vobj.field(Renamed("load", since="1.1"))
        operator: str = vobj.field(Added(since="1.1", backfill="nobody"))


app = Celery("yard")
app.conf.update(
    broker_url=os.environ.get("YARD_BROKER", "memory://"),
    result_backend=os.environ.get("YARD_RESULTS", "rpc://"),
    task_default_queue=os.environ.get("YARD_QUEUE", "yard"),
    task_serializer="vobj",
    result_serializer="vobj",
    accept_content=["vobj"],
    broker_connection_retry_on_startup=True,
)
if "YARD_WIRE" in os.environ:
    vobj.rpc.kombu.configure(wire=os.environ["YARD_WIRE"])


@app.task(name="yard.lift")
def lift(crane: DockCrane, by: int, *, more: Any = None) -> dict[str, Any]:
    """The crane with more on it, and what else came."""
    field = "load" if hasattr(crane, "load") else "load_kg"
    setattr(crane, field, getattr(crane, field) + by)
    return {"crane": crane, "version": crane.VERSION, "more": more}


@app.task(name="yard.second")
def second(told: dict[str, Any], by: int) -> dict[str, Any]:
    """What follows `lift` in a chain."""
    return lift(told["crane"], by)


@app.task(name="yard.strange")
def strange() -> object:
    """A result that no body holds."""
    return object()


@app.task(name="yard.refuse")
def refuse(crane: DockCrane) -> None:
    """An error of vobj."""
    raise vobj.RefusedError(f"{crane.name} is closed")
