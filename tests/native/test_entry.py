"""The calls of a codec: what they answer at once, and what they leave to the long way."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import vobj
from tests.differential.compare import own_registry
from vobj import Added, ManifestError, Refused, RefusedError, UsageError, native

pytestmark = pytest.mark.skipif(not native.active, reason=str(native.reason))

MANY = [f"1.{minor}" for minor in range(13)]


class Tub(vobj.VersionedObject):
    VERSION = "1.12"
    size: int
    for_each: str = vobj.field(Refused({"never"}, since="1.12"))
    history = [vobj.NoChange(version) for version in MANY[2:-1]]
    colour: str | None = vobj.field(Added(since="1.1"))


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    with own_registry():
        vobj.register(Tub)
        yield


class Named(Mapping[str, str]):
    """A manifest of somebody else's making."""

    def __init__(self, **named: str) -> None:
        self.named = named

    def __getitem__(self, name: str) -> str:
        return self.named[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.named)

    def __len__(self) -> int:
        return len(self.named)


def tub(**more: Any) -> Tub:
    return Tub(size=1, for_each="a", colour="red", **more)


@pytest.mark.parametrize("wire", ["msgpack", "packed"])
def test_many_targets(wire: str) -> None:
    """More than are kept, in every form and in turns, each as Python answers it."""
    fast, slow = vobj.Codec(wire), vobj.Codec(wire, executor="python")
    wanted = {version: slow.encode(tub(), to=version) for version in MANY}
    assert len(set(wanted.values())) > 11
    data = fast.encode(tub())
    for _ in range(3):
        for version, expected in wanted.items():
            targets = (
                version,
                {"Tub": version},
                vobj.Manifest({"Tub": version}),
                Named(Tub=version),
            )
            for to in (*targets, lambda to=targets[1]: to):
                assert fast.encode(tub(), to=to) == expected
                assert fast.backport(data, to=to) == expected


def test_a_dict_that_changes() -> None:
    """It is what it says now, not what it said before."""
    codec, to = vobj.Codec(), {"Tub": "1.0"}
    old = codec.encode(tub(), to=to)
    to["Tub"] = "1.1"
    new = codec.encode(tub(), to=to)
    assert (old, new) == (codec.encode(tub(), to="1.0"), codec.encode(tub(), to="1.1"))
    assert old != new


def test_a_pin_that_moves() -> None:
    """A codec asks its callable on each call, and one that gives nothing asks for no target."""
    now: list[Any] = ["1.0"]
    codec = vobj.Codec(to=lambda: now[0])
    for to in ("1.0", "1.1", {"Tub": "1.0"}, None, "1.0"):
        now[0] = to
        assert codec.encode(tub()) == vobj.Codec(executor="python").encode(tub(), to=to)


def test_errors_are_those_of_the_long_way() -> None:
    """Whatever is wrong with a call is said as ever."""
    codec = vobj.Codec()
    with pytest.raises(RefusedError, match="cannot express"):
        codec.encode(Tub(for_each="never"), to="1.11")
    with pytest.raises(UsageError, match="Expected an object of"):
        codec.encode(object())  # type: ignore[arg-type]
    with pytest.raises(ManifestError, match="malformed|version"):
        codec.encode(tub(), to={"Tub": "one"})
    with pytest.raises(ManifestError, match="malformed|Expected"):
        codec.encode(tub(), to=7)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="needs a target"):
        codec.backport(codec.encode(tub()))
    with pytest.raises(UsageError, match="needs a target"):
        codec.backport(codec.encode(tub()), to=lambda: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(vobj.PayloadError, match="Expected msgpack"):
        codec.decode(b"\x81")
    with pytest.raises(TypeError, match="hide"):
        codec.encode(tub(), hide="drop")  # type: ignore[call-arg]


def test_the_methods_are_documented() -> None:
    """Signatures and docstrings are those of the methods that a reader finds in the source."""
    for name in ("encode", "decode", "backport"):
        method = getattr(vobj.Codec, name)
        assert method.__qualname__ == f"Codec.{name}"
        assert method.__doc__ == inspect.unwrap(method).__doc__
        assert "self" in inspect.signature(method).parameters
        assert inspect.signature(method).return_annotation == "Any"
