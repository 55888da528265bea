"""What a conductor process with given settings would do, and what keeps it from doing it.

Theory
    Settings that are right one by one may still not fit each other or the machine: a key without
    its certificate, a file that is not there. All of that is looked at before anything starts, so
    that `--check` and a start find the same, and each mistake names the setting and where it came
    from. Nothing is made, bound or connected to here.
"""

from __future__ import annotations

import importlib.util
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from vobj.conductor.address import Address
from vobj.conductor.guard import Tokens
from vobj.conductor.settings import SettingError, Settings
from vobj.errors import UsageError

PROCESS, SQLITE, REDIS = "process", "sqlite:", ("redis://", "rediss://", "unix://")


def intentions(settings: Settings) -> list[str]:
    """What a process with these settings would do, a line for each thing.

    Raises SettingError (`conductor/setting`).
    """
    return [
        *_served(settings),
        *_limits(settings),
        *_guarded(settings),
        *_remembering(settings),
        *_watched(settings),
    ]


def _served(settings: Settings) -> Iterator[str]:
    if settings["import"] is None:
        raise SettingError("import: name the module that declares the objects")
    yield f"import {settings['import']}, in {_many(settings['workers'], 'process', 'processes')}"
    if settings["listen"] is None and settings["rpc_url"] is None:
        raise SettingError("listen: say where to listen, or where the broker is, with rpc_url")
    if settings["listen"] is not None:
        address = address_of(settings)
        scheme = "HTTPS" if settings["tls_cert"] is not None else "HTTP"
        yield f"serve {scheme} at {address}"
    if settings["rpc_url"] is not None:
        url = urlsplit(settings["rpc_url"])
        if not url.scheme:
            raise settings.wrong("rpc_url", "not the URL of a transport")
        if settings["rpc_config"] is not None:
            _readable(settings, "rpc_config")
        yield (
            f"serve oslo.messaging over {url.scheme} at {url.netloc.rpartition('@')[2] or '-'},"
            f" topic {settings['rpc_topic']} of exchange {settings['rpc_exchange']}"
        )


def address_of(settings: Settings) -> Address:
    """Where to listen. Raises SettingError."""
    try:
        address = Address.parse(settings["listen"])
    except UsageError as error:
        raise settings.wrong("listen", error.message) from None
    if address.path is None and not address.host:
        raise settings.wrong("listen", "Expected unix:PATH or HOST:PORT to listen at")
    if address.path is not None and not Path(address.path).parent.is_dir():
        raise settings.wrong("listen", "there is no such directory")
    return address


def _limits(settings: Settings) -> Iterator[str]:
    yield (
        f"work on {settings['concurrency']} requests at once in each process, let"
        f" {settings['queue']} wait, and answer within {settings['timeout']:g} s"
    )
    yield (
        f"end {settings['drain_delay']:g} s after SIGTERM, and give requests in flight"
        f" {grace_of(settings):g} s"
    )


def grace_of(settings: Settings) -> float:
    """Seconds that requests in flight have at the end."""
    grace = settings["timeout"] if settings["grace"] is None else settings["grace"]
    return float(grace)


def _guarded(settings: Settings) -> Iterator[str]:
    tls_check(settings)
    if settings["tls_client_ca"] is not None:
        yield "let in who shows a certificate that the client CA has signed"
    if settings["token_file"] is None:
        if settings["listen"] is not None and settings["tls_client_ca"] is None:
            yield "let in everyone who reaches the address"
        return
    tokens_of(settings)
    yield "let in who shows a token"
    address = address_of(settings) if settings["listen"] is not None else None
    if address is not None and address.path is None and settings["tls_cert"] is None:
        yield f"note: tokens cross {address} in clear text"


def tokens_of(settings: Settings) -> Tokens | None:
    """The tokens, if any are asked for. Raises SettingError."""
    if settings["token_file"] is None:
        return None
    try:
        return Tokens.read(Path(settings["token_file"]))
    except UsageError as error:
        raise settings.wrong("token_file", error.message) from None


def tls_check(settings: Settings) -> None:
    """Raises SettingError for files of TLS that are not complete or cannot be used."""
    cert, key, client_ca = (settings[one] for one in ("tls_cert", "tls_key", "tls_client_ca"))
    if (cert is None) != (key is None):
        name, other = ("tls_cert", "tls_key") if key is None else ("tls_key", "tls_cert")
        raise settings.wrong(name, f"it needs {other} beside it")
    if client_ca is not None and cert is None:
        raise settings.wrong("tls_client_ca", "it needs tls_cert and tls_key beside it")
    if cert is None:
        return
    if settings["listen"] is None:
        raise settings.wrong("tls_cert", "it is for HTTP, and listen is not set")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    name = "tls_cert"
    try:
        context.load_cert_chain(cert, key)
        if client_ca is not None:
            name = "tls_client_ca"
            context.load_verify_locations(client_ca)
    except (OSError, ssl.SSLError) as error:
        raise settings.wrong(name, f"cannot be used: {error}") from None


def _remembering(settings: Settings) -> Iterator[str]:
    where = settings["remember"]
    if where is None:
        where = PROCESS if settings["workers"] == 1 else "an SQLite file of its own"
    elif where.startswith(SQLITE):
        path = Path(where.removeprefix(SQLITE))
        if not path.name or not path.parent.is_dir():
            raise settings.wrong("remember", "there is no such directory")
    elif where.startswith(REDIS):
        if importlib.util.find_spec("redis") is None:
            raise settings.wrong("remember", "it needs redis: pip install 'pyvobj[redis]'")
        where = urlsplit(where)._replace(netloc=urlsplit(where).netloc.rpartition("@")[2]).geturl()
    elif where != PROCESS:
        raise settings.wrong("remember", "Expected process, sqlite:PATH or the URL of a Redis")
    yield f"remember what older callers were sent in {where}"
    if where == PROCESS and settings["workers"] > 1:
        yield "note: each process remembers for itself, so put-backs may be told to read anew"


def _watched(settings: Settings) -> Iterator[str]:
    if settings["fleet"] is None:
        return
    if importlib.util.find_spec("sqlalchemy") is None:
        raise settings.wrong("fleet", "it needs SQLAlchemy: pip install 'pyvobj[store]'")
    yield "tell the record of the fleet which backports are asked for, and show its page at /"


def _readable(settings: Settings, name: str) -> None:
    try:
        with Path(settings[name]).open("rb"):
            pass
    except OSError as error:
        raise settings.wrong(name, f"cannot be read: {error.strerror}") from None


def _many(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
