"""Who takes part, in which process, and what each of them leaves undone."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.datasets import DataSet
from benchmarks.peers.bench import Bench, NotAvailableError

LIVES: Mapping[str, Mapping[str, str]] = {
    "peers": {},
    "native": {"VOBJ_EXECUTOR": "native"},
    "python": {"VOBJ_EXECUTOR": "python"},
    "accelerated": {},
}
"""The processes of a run, and what is set in the environment of each."""


@dataclass(frozen=True)
class Traits:
    """What comes with an object of a library. Each is the text of a cell."""

    construct: str
    assign: str
    changes: str
    unset: str
    versions: str
    note: str = ""


@dataclass(frozen=True)
class Contender:
    """One way to do the work.

    name: unique. life: the process it runs in. module and make: the function in `benchmarks.peers`
    that makes its benches; form: its second argument. thing: what its objects are, for the
    questions that are not about a wire; empty when another contender answers these.
    """

    name: str
    life: str
    module: str
    make: str
    form: str
    thing: str = ""

    @property
    def executor(self) -> str:
        """Which executor of vobj it needs; empty for others."""
        return self.life if self.life in ("native", "python") else ""

    def bench(self, data: DataSet) -> Bench:
        """Its work on a data set. Raises NotAvailableError."""
        if self.executor:
            running = importlib.import_module("vobj.codec").executor
            if running != self.executor:
                raise NotAvailableError(f"there is no {self.executor} executor")
        try:
            module = importlib.import_module(f"benchmarks.peers.{self.module}")
            made: Bench = getattr(module, self.make)(data, self.form)
        except ModuleNotFoundError as error:
            raise NotAvailableError(f"{error.name} is not installed") from None
        return made


def _vobj(life: str) -> tuple[Contender, ...]:
    names = (
        ("oslo class, msgpack", "unmodified", "msgpack", ""),
        ("oslo class, JSON", "unmodified", "json", ""),
        ("vobj class, msgpack", "own", "msgpack", f"vobj class ({life})"),
        ("vobj class, JSON", "own", "json", ""),
        ("vobj class, packed", "own", "packed", ""),
    )
    return tuple(
        Contender(f"vobj {life}: {name}", life, "vobj", make, form, thing)
        for name, make, form, thing in names
    )


OSLO = "oslo, msgpack"
MSGSPEC_MAP, MSGSPEC_ARRAY = "msgspec, map", "msgspec, array"
ACCELERATED = "oslo accelerated, msgpack"

ALL: Mapping[str, Contender] = {
    one.name: one
    for one in (
        Contender(OSLO, "peers", "oslo", "bench", "msgpack", "oslo class"),
        Contender("oslo, JSON", "peers", "oslo", "bench", "json"),
        Contender(
            ACCELERATED, "accelerated", "vobj", "accelerated", "msgpack", "oslo class, accelerated"
        ),
        *_vobj("native"),
        *_vobj("python"),
        Contender(MSGSPEC_MAP, "peers", "msgspec", "bench", "map", "msgspec Struct"),
        Contender(MSGSPEC_ARRAY, "peers", "msgspec", "bench", "array"),
        Contender("pydantic", "peers", "pydantic", "bench", "json", "pydantic model"),
        Contender("protobuf", "peers", "protobuf", "bench", "upb", "protobuf message"),
        Contender("cattrs", "peers", "cattrs", "bench", "msgpack", "attrs class"),
        Contender("ormsgpack", "peers", "primitives", "bench", "ormsgpack", "dict"),
        Contender("orjson", "peers", "primitives", "bench", "orjson"),
        Contender("fastavro", "peers", "fastavro", "bench", "schemaless"),
    )
}

GROWTH = (
    OSLO,
    ACCELERATED,
    "vobj native: oslo class, msgpack",
    "vobj native: vobj class, msgpack",
    "vobj native: vobj class, packed",
    "vobj python: oslo class, msgpack",
    "vobj python: vobj class, msgpack",
    "vobj python: vobj class, packed",
    MSGSPEC_MAP,
    "protobuf",
)
"""Who is asked how the work grows."""

_YES, _NO = "yes", "**no**"
_OSLO_TRAITS = Traits("all fields", "yes", _YES, _YES, "hand-written hooks")

TRAITS: Mapping[str, Traits] = {
    "vobj": Traits("all fields", "yes", _YES, _YES, "declared, both ways"),
    "vobj, oslo class": _OSLO_TRAITS,
    "oslo": _OSLO_TRAITS,
    "msgspec": Traits(
        _NO,
        _NO,
        _NO,
        _NO,
        _NO,
        "checks types on decode only, and no formats (UUID, MAC and IP addresses are text)."
        " Its backport is a hand-written edit of a dict",
    ),
    "pydantic": Traits(
        "types", _NO, "names of set fields", "defaults", _NO, "JSON; checks no formats here"
    ),
    "protobuf": Traits(
        "types",
        "types",
        _NO,
        "presence",
        _NO,
        "upb. Decodes lazily: a Python object for a nested message, list or text is made when it is"
        " first read, which is not in the time. Old readers skip fields by number",
    ),
    "cattrs": Traits(_NO, _NO, _NO, _NO, _NO, "attrs classes; converts types on decode only"),
    "ormsgpack": Traits(
        _NO,
        _NO,
        _NO,
        _NO,
        _NO,
        "dicts of primitives, no objects; times are text already. Its backport is a hand-written"
        " edit of a dict",
    ),
    "orjson": Traits(_NO, _NO, _NO, _NO, _NO, "as ormsgpack, in JSON"),
    "fastavro": Traits(
        _NO,
        _NO,
        _NO,
        _NO,
        "readers resolve schemas",
        "dicts, no objects; both sides need the writer's schema, which is not in the bytes. Drops"
        " and renames, and knows a default for an unknown enum value, but maps no values",
    ),
}
"""What each library does besides moving the data; the less, the less its times say."""
