"""The socket that a conductor listens at.

Theory
    It is bound before anything else, so that what is printed is true and a second conductor on one
    path is refused.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from pathlib import Path

from vobj.conductor.address import Address
from vobj.errors import UsageError

_BACKLOG = 512
_KNOCK_SECONDS = 1.0


def listen(address: Address) -> socket.socket:
    """A socket bound to an address; a unix socket is for its owner and group.

    A socket file that nobody listens at any more is replaced. Raises UsageError (`usage/argument`).
    """
    if address.path is None and not address.host:
        raise UsageError(
            f"Expected unix:PATH or HOST:PORT to listen at, got {address}", rule="usage/argument"
        )
    try:
        if address.path is None:
            return socket.create_server(
                (address.host, address.port),
                family=socket.AF_INET6 if ":" in address.host else socket.AF_INET,
                backlog=_BACKLOG,
            )
        return _listen_at(Path(address.path))
    except OSError as error:
        raise UsageError(
            f"Cannot listen at {address}: {error.strerror or error}", rule="usage/argument"
        ) from error


def _listen_at(path: Path) -> socket.socket:
    if path.exists() and stat.S_ISSOCK(path.stat().st_mode) and not _is_answered(path):
        path.unlink()
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o117)
    try:
        made.bind(str(path))
    except OSError:
        made.close()
        raise
    finally:
        os.umask(before)
    made.listen(_BACKLOG)
    return made


def _is_answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        knock.settimeout(_KNOCK_SECONDS)
        try:
            knock.connect(str(path))
        except OSError as error:
            return error.errno != errno.ECONNREFUSED
    return True


def told(bound: socket.socket, address: Address) -> str:
    """Where a bound socket listens, as a client is told it; with the port that port 0 became."""
    if address.path is not None:
        return str(address)
    port: int = bound.getsockname()[1]
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"{host}:{port}"


def remove(address: Address) -> None:
    """Remove the socket file of an address, if it has one."""
    if address.path is not None:
        Path(address.path).unlink(missing_ok=True)
