"""The benchmarks compare like with like: the same data, and equal results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest
from oslo_versionedobjects import base

from benchmarks import questions as ask
from benchmarks.contenders import ALL, GROWTH, LIVES, OSLO, TRAITS, Contender
from benchmarks.datasets import DATED, PLAIN, SETS, DataSet, named
from benchmarks.datasets.server import Family, older_by_hand
from benchmarks.peers.bench import Bench, NotAvailableError
from benchmarks.run import invited
from benchmarks.shapes import comparable, shape_of, value
from vobj.codec import executor

SMALL = [name for name in SETS if name not in ("list 10000", "large strings")]
PEERS = [name for name, one in ALL.items() if one.life == "peers"]


@cache
def data_set(name: str) -> DataSet:
    """One copy for all tests, since making one registers its classes."""
    return named(name)


@cache
def bench(name: str, data: str) -> Bench:
    """The work of a contender that runs with any executor."""
    return ALL[name].bench(data_set(data))


OURS = [name for name in ALL if name.startswith(f"vobj {executor}: ")]
NOT_DONE = {
    "msgspec, array": ask.OLDER,
    "pydantic": ask.OLDER,
    "protobuf": ask.OLDER,
    "cattrs": ask.OLDER,
    "orjson": (ask.ENCODE_OLDER,),
    "fastavro": (ask.ENCODE_OLDER,),
    "ormsgpack": (
        ask.ENCODE_OLDER,
        ask.CONSTRUCT,
        *ask.ATTRIBUTES,
        ask.TO_PRIMITIVE,
        ask.FROM_PRIMITIVE,
    ),
}


def cases() -> Iterator[tuple[str, str, str]]:
    """Everything that the contenders of this process are asked."""
    for data in SMALL:
        for question in ask.asked_of(data):
            for one in invited(data, question):
                if one.name in (*PEERS, *OURS) and one.name != OSLO:
                    yield data, question, one.name


@pytest.mark.parametrize(("data", "question", "name"), list(cases()))
def test_every_contender_agrees_with_the_reference(data: str, question: str, name: str) -> None:
    """What a contender gives is what oslo gives; what it does not do is known."""
    found = bench(name, data)
    if question not in found.works:
        by_hand = data == "os-vif" and question in ask.OLDER and "oslo" not in name
        assert by_hand or question in NOT_DONE[name]
        return
    expected, given = bench(OSLO, data).outcome(question), found.outcome(question)
    assert given.data == expected.data
    assert given.envelope in (None, expected.envelope)


@pytest.mark.parametrize("name", PEERS)
def test_peers_are_installed(name: str) -> None:
    """None of them is left out silently in an environment of the project."""
    assert ask.ENCODE in bench(name, ask.SERVER).works


@pytest.mark.parametrize("question", ask.asked_of(ask.SERVER))
def test_a_contender_that_gives_something_else_is_found(question: str) -> None:
    """The same work on other data has another outcome."""
    other = replace(SETS[ask.SERVER], make_plain=renamed)
    assert ALL[OSLO].bench(other).outcome(question) != bench(OSLO, ask.SERVER).outcome(question)


def renamed() -> base.VersionedObject:
    """The object of 32 fields, but for one of them."""
    server = PLAIN.build()
    server.name = "db-2"
    return server


@pytest.mark.parametrize("name", SETS)
def test_the_twin_holds_the_same_data(name: str) -> None:
    """The object of vobj classes equals that of oslo classes, value by value."""
    data = data_set(name)
    assert comparable(value(data.own)) == comparable(data.values)
    assert shape_of(data.own) == data.shape


@pytest.mark.parametrize("family", [PLAIN, DATED], ids=["plain", "dated"])
def test_the_object_is_what_the_page_says(family: Family) -> None:
    """32 fields, all set, three of them nested objects."""
    server = family.build()
    assert len(server.fields) == 32
    assert all(server.obj_attr_is_set(name) for name in server.fields)
    assert sum(hasattr(getattr(server, name), "obj_name") for name in server.fields) == 3


def test_the_edit_by_hand_is_what_the_hooks_do() -> None:
    """The hand-written older form drops three fields, renames one and maps one value."""
    new = comparable(data_set("server").values)
    old = older_by_hand(comparable(data_set("server").values))
    assert new.keys() - old.keys() == {"hidden", "labels", "memory_mb"}
    assert old.keys() - new.keys() == {"ram"}
    assert (new["hypervisor"], old["hypervisor"]) == ("parallels", "vz")
    assert new["flavor"].keys() - old["flavor"].keys() == {"extra_specs"}


def test_what_cannot_take_part_says_why() -> None:
    """A library that is not there and an executor that does not run are no errors."""
    absent = Contender("absent", "peers", "primitives", "bench", "no_such_library")
    with pytest.raises(NotAvailableError, match="no_such_library is not installed"):
        absent.bench(data_set("server"))
    other = next(one for one in ("native", "python") if one != executor)
    with pytest.raises(NotAvailableError, match=f"there is no {other} executor"):
        ALL[f"vobj {other}: vobj class, msgpack"].bench(data_set("server"))


def test_every_contender_has_a_life_and_traits() -> None:
    """Each runs in a known process, and the page says what its library leaves out."""
    assert {one.life for one in ALL.values()} == set(LIVES)
    assert set(GROWTH) <= set(ALL)
    libraries = {re.split("[, ]", name)[0] for name in ALL}
    assert libraries <= set(TRAITS)
