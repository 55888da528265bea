"""The service between peers of different versions, and the clients that ask it.

`Conductor` has no I/O. `vobj.conductor.http` serves one as an ASGI app, `vobj.conductor.endpoint`
over oslo.messaging; `vobj.conductor.http_client` and `vobj.conductor.rpc_client` are what
`indirection_api` of a base class is set to on the other side.
"""

from vobj.conductor.mediator import Conductor
from vobj.conductor.remembered import InMemory, Place, Remembered

__all__ = ["Conductor", "InMemory", "Place", "Remembered"]
