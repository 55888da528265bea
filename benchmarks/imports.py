"""How long a new process takes to import each library, beyond what an empty one takes."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Mapping

from pyperf import perf_counter

from benchmarks.questions import IMPORT
from benchmarks.results import Figure

STATEMENTS: Mapping[str, str] = {
    "oslo.versionedobjects": "import oslo_versionedobjects.base",
    "oslo.versionedobjects and oslo.serialization": (
        "import oslo_versionedobjects.base, oslo_serialization.msgpackutils"
    ),
    "vobj": "import vobj",
    "vobj, with the codec and classes": "import vobj; vobj.Codec, vobj.VersionedObject",
    "msgspec": "import msgspec",
    "pydantic": "import pydantic; pydantic.BaseModel",
    "protobuf": "import google.protobuf.message_factory",
    "cattrs": "import cattrs.preconf.msgpack",
    "ormsgpack": "import ormsgpack",
    "orjson": "import orjson",
    "fastavro": "import fastavro",
}
REFERENCE = "oslo.versionedobjects and oslo.serialization"
_EMPTY = "pass"


def import_figures(*, starts: int) -> list[Figure]:
    """starts: how many processes are started for each library; they take turns."""
    found = {name: line for name, line in STATEMENTS.items() if _installed(line)}
    empty: list[float] = []
    taken: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(starts):
        empty.append(_start(_EMPTY))
        for name, line in found.items():
            taken[name].append(_start(line))
    least = min(empty)
    # A module as small as a few files can be as fast as nothing at all: never below a microsecond.
    figures = [
        Figure("", IMPORT, name, "second", tuple(max(1e-6, one - least) for one in values))
        for name, values in taken.items()
    ]
    missing = [name for name in STATEMENTS if name not in found]
    return figures + [Figure("", IMPORT, name, missing="it is not installed") for name in missing]


def _installed(line: str) -> bool:
    """Whether the package that a statement imports is there."""
    package = line.removeprefix("import ").split(";")[0].split(",")[0].split(".")[0]
    return importlib.util.find_spec(package) is not None


def _start(line: str) -> float:
    start = perf_counter()
    # Without a timeout: with one, the end of the process is looked for in steps of up to 50 ms.
    subprocess.run([sys.executable, "-W", "ignore", "-c", line], check=True)
    return perf_counter() - start
