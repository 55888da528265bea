"""Where a conductor listens: `unix:PATH`, `HOST:PORT`, or for a client also an http(s) URL."""

from __future__ import annotations

from dataclasses import dataclass

from vobj.errors import UsageError

_UNIX = "unix:"
_LARGEST_PORT = 65535
_LONGEST_PATH = 107  # what a socket address holds


@dataclass(frozen=True)
class Address:
    """A place to listen at or to connect to.

    path: of the unix socket, or None. host and port: of the TCP port, where there is no path. url:
    what a client's requests start with.
    """

    text: str
    url: str
    path: str | None = None
    host: str = ""
    port: int = 0

    def __str__(self) -> str:
        return self.text

    @classmethod
    def parse(cls, text: str) -> Address:
        """Raises UsageError (`usage/argument`)."""
        if text.startswith(_UNIX):
            path = text.removeprefix(_UNIX)
            if not path or len(path.encode()) > _LONGEST_PATH:
                raise _wrong(text, f"a path of 1 to {_LONGEST_PATH} bytes")
            return cls(text, "http://conductor", path)
        if text.startswith(("http://", "https://")):
            return cls(text, text)
        host, colon, port = text.rpartition(":")
        if not (colon and port.isascii() and port.isdigit() and int(port) <= _LARGEST_PORT):
            raise _wrong(text, "unix:PATH or HOST:PORT")
        bare = host.removeprefix("[").removesuffix("]")
        if not bare or (":" in bare and bare == host):
            raise _wrong(text, "a host before the port, in brackets when it has colons")
        return cls(text, f"http://{host}:{port}", None, bare, int(port))


def _wrong(text: str, expected: str) -> UsageError:
    return UsageError(f"Expected {expected}, got {text!r}", rule="usage/argument")
