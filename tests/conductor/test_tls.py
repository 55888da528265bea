"""TLS, mutual TLS and tokens, with certificates of a real authority of their own."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.conductor import fleet_now
from tests.conductor.conftest import Start
from tests.conductor.fleet_now import Fleet, FleetBoat
from tests.conductor.processes import ANNA, Running
from vobj.conductor.http_client import HttpConductor
from vobj.errors import ConductorError

TODAY = {"FleetBoat": "1.2", "FleetBunk": "1.1"}
TOKEN = "a-token-for-the-tests"


class Authority:
    """Signs what the tests need, and writes it to files."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self.root = trustme.CA()
        self.ca = self._file("ca.pem", [self.root.cert_pem])
        made = self.root.issue_cert("127.0.0.1")
        self.cert = self._file("cert.pem", made.cert_chain_pems)
        self.key = self._file("key.pem", [made.private_key_pem])

    def _file(self, name: str, blobs: list[Any]) -> str:
        path = self._place / name
        path.write_bytes(b"".join(blob.bytes() for blob in blobs))
        return str(path)

    def trusted(self) -> ssl.SSLContext:
        """What a caller needs to know the conductor."""
        context = ssl.create_default_context()
        self.root.configure_trust(context)
        return context


@pytest.fixture
def authority(tmp_path: Path, database: Path) -> Authority:
    fleet_now.store(ANNA)
    return Authority(tmp_path)


def ask(running: Running, **settings: Any) -> FleetBoat:
    asked = HttpConductor(f"https://{running.address}", Fleet, timeout=20, **settings)
    made = asked.object_class_action_versions({}, "FleetBoat", "get", TODAY, (ANNA,), {})
    assert isinstance(made, FleetBoat)
    return made


def test_tls(start: Start, authority: Authority) -> None:
    """Callers that trust the authority are served; others do not trust the conductor."""
    running = start("--tls-cert", authority.cert, "--tls-key", authority.key,
                    listen="127.0.0.1:0")  # fmt: skip
    assert ask(running, tls=authority.trusted()).name == "Anna"
    with pytest.raises(ConductorError, match="conductor/away"):
        ask(running)


def test_mutual_tls(start: Start, authority: Authority) -> None:
    """Callers have to show a certificate of the authority."""
    running = start("--tls-cert", authority.cert, "--tls-key", authority.key,
                    "--tls-client-ca", authority.ca, listen="127.0.0.1:0")  # fmt: skip
    known, stranger = authority.trusted(), authority.trusted()
    authority.root.issue_cert("node@example.org").configure_cert(known)
    trustme.CA().issue_cert("node@example.org").configure_cert(stranger)
    assert ask(running, tls=known).name == "Anna"
    for context in (authority.trusted(), stranger):
        with pytest.raises(ConductorError, match=r"conductor/(away|died)"):
            ask(running, tls=context)


@pytest.fixture
def token_file(tmp_path: Path) -> str:
    path = tmp_path / "tokens"
    path.write_text(TOKEN)
    path.chmod(0o600)
    return str(path)


def test_tokens(start: Start, authority: Authority, token_file: str) -> None:
    """A client shows its token; without it, or with another, nothing runs."""
    running = start("--tls-cert", authority.cert, "--tls-key", authority.key,
                    "--token-file", token_file, listen="127.0.0.1:0")  # fmt: skip
    context = authority.trusted()
    assert ask(running, tls=context, token=TOKEN).name == "Anna"
    for token in (None, TOKEN + "x"):
        with pytest.raises(ConductorError, match="conductor/token"):
            ask(running, tls=context, token=token)
