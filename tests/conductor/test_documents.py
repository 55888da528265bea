"""Errors cross as documents and are the same on the other side."""

from __future__ import annotations

from typing import Any

import pytest
from oslo_versionedobjects import exception

from vobj import errors
from vobj.conductor.address import Address
from vobj.conductor.documents import error_document, error_of
from vobj.errors import Key, MethodError, NewerVersionError, RemoteError, UsageError, VobjError

DETAILS = {
    "path": ("nics", 2, Key("a.b")),
    "object_name": "Boat",
    "version": "1.2",
    "target": "1.0",
}


def made(cls: type[VobjError]) -> VobjError:
    error = cls("text", **({} if cls is MethodError else {"rule": "usage/argument"}))
    for name, value in DETAILS.items():
        setattr(error, name, value)
    return error


@pytest.mark.parametrize(
    "cls",
    [found for found in map(errors.__dict__.get, errors.__all__)
     if isinstance(found, type) and issubclass(found, VobjError)],
)  # fmt: skip
def test_every_error_comes_back(cls: type[VobjError]) -> None:
    """Class, message, rule, path and versions survive the way to the caller."""
    sent = made(cls)
    back = error_of(error_document(sent))
    assert isinstance(back, cls)
    assert (str(back), back.rule) == (str(sent), sent.rule)
    assert {name: getattr(back, name) for name in DETAILS} == DETAILS
    assert [type(one) for one in back.path] == [str, int, Key]


def test_what_an_error_carries_comes_back() -> None:
    """The manifest of a newer payload and the class of an exception are told."""
    newer = error_of(error_document(NewerVersionError("newer", manifest={"Boat": "1.1"})))
    assert isinstance(newer, NewerVersionError)
    assert isinstance(newer, exception.IncompatibleObjectVersion)
    assert newer.manifest == {"Boat": "1.1"}
    failed = error_of(error_document(MethodError("gone", exception="NotFound")))
    assert isinstance(failed, MethodError)
    assert failed.exception == "NotFound"


def test_a_bug_says_nothing_of_itself() -> None:
    """Of what is no error of vobj only that it happened crosses."""
    told = error_document(KeyError("the password"))
    assert "password" not in str(told)
    assert told["error"]["rule"] == "conductor/internal"


@pytest.mark.parametrize(
    "document",
    [
        None, [], {}, {"error": None}, {"error": "text"}, {"error": {"class": "VobjError"}},
        {"error": {"class": "Key", "message": "m", "rule": "r"}},
        {"error": {"class": "annotations", "message": "m", "rule": "r"}},
        {"error": {"class": ["VobjError"], "message": "m", "rule": "r"}},
        {"error": {"class": "VobjError", "message": 1, "rule": "r"}},
    ],
)  # fmt: skip
def test_an_answer_that_is_no_error(document: Any) -> None:
    """Any other document is the answer of something that is no conductor."""
    assert error_of(document).rule == "conductor/answer"


def test_a_hostile_error_is_still_an_error() -> None:
    """Parts of the wrong kind are left out; rules of a newer release are kept."""
    told = {"class": "RemoteError", "message": "m", "rule": "new/rule", "path": [{}, None, [1], 2],
            "object": 3, "version": [], "manifest": 5}  # fmt: skip
    error = error_of({"error": told})
    assert isinstance(error, RemoteError)
    assert (error.rule, error.object_name, error.version) == ("new/rule", None, None)
    assert str(error).startswith("m")


@pytest.mark.parametrize(
    ("text", "url", "path", "host", "port"),
    [
        ("unix:/run/a.sock", "http://conductor", "/run/a.sock", "", 0),
        ("localhost:80", "http://localhost:80", None, "localhost", 80),
        ("[::1]:80", "http://[::1]:80", None, "::1", 80),
        ("https://host/path", "https://host/path", None, "", 0),
    ],
)
def test_addresses(text: str, url: str, path: str | None, host: str, port: int) -> None:
    """Each way of saying where a conductor listens."""
    found = Address.parse(text)
    assert (found.url, found.path, found.host, found.port) == (url, path, host, port)


@pytest.mark.parametrize(
    "text",
    ["", "unix:", f"unix:/{'x' * 107}", "host", ":80", "host:", "host:x", "host:65536", "::1:80"],
)
def test_what_is_no_address(text: str) -> None:
    """Anything else is a mistake, and says what is expected."""
    with pytest.raises(UsageError, match="Expected"):
        Address.parse(text)
