"""Where the demo's releases are, and what `exchanges.json` says of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vobj


class SetupError(Exception):
    """The demo could not be set up; the text says which step failed and what to do."""


SOURCE_ROOT = Path(vobj.__file__).parents[1]
_NO_EXAMPLES = """The demo's releases are not at {place}.
They are in the source tree, not in the installed package. Get it, with a clone or with
  pip download --no-binary :all: --no-deps pyvobj
and run `make demo` there, or name its examples: vobj demo --examples DIR"""


@dataclass(frozen=True)
class Release:
    """One side of an example: its program, and the files that list its packages, if it has any."""

    program: Path
    requirements: Path | None = None
    source: Path | None = None


@dataclass(frozen=True)
class Served:
    """What the conductor is told to serve, in the new release's environment.

    imported and base: as its options say. home: the directory that it is started in, where that
    matters for the import.
    """

    imported: str
    base: str | None = None
    home: Path | None = None


@dataclass(frozen=True)
class Example:
    """Two releases and their exchanges.

    home: the directory `examples/`. database: the environment variable that names the database, if
    there is one. spellings: `{older path: today's}`. refused_newest: the object that the old node
    must refuse as it is. offered: of the old node's own object, which fields the new node `gains`,
    what it reads otherwise (`becomes`), and what the old node gets back otherwise (`returns`).
    exchanges: each an `object` and what of it is `unseen`; the old node's `edits`, the new node's
    `meanwhile`, and how the edits land (`lands`, if not as they are); the rule, or the class of the
    error, by which it is `refused`, if it is: when it is received, if there are no edits, else when
    it is put back. stored: the same of objects that the old node gets from the database and saves
    there, through the conductor.
    """

    home: Path
    title: str
    old: Release
    new: Release
    served: Served
    database: str | None
    spellings: Mapping[str, str]
    refused_newest: str
    offered: Mapping[str, Any]
    exchanges: Sequence[Mapping[str, Any]]
    stored: Sequence[Mapping[str, Any]]

    @property
    def line_node(self) -> Path:
        """The program that runs another one as a node."""
        return self.home / "nodes" / "line_node.py"

    @classmethod
    def load(cls, home: Path | None, name: str) -> Example:
        """The example of a name under `home`, by default under the source tree.

        Raises SetupError.
        """
        home = (SOURCE_ROOT / "examples" if home is None else home).resolve()
        place = home / name
        if not (home / "nodes" / "line_node.py").is_file() or not place.is_dir():
            raise SetupError(_NO_EXAMPLES.format(place=home))
        try:
            told = json.loads((place / "exchanges.json").read_text())
            return cls(
                home,
                told["title"],
                _release(place, told["old"]),
                _release(place, told["new"]),
                _served(place, told["conductor"]),
                told.get("database"),
                told["spellings"],
                told["refused_newest"],
                told["offered"],
                told["exchanges"],
                told.get("stored", []),
            )
        except (OSError, ValueError, KeyError) as error:
            raise SetupError(f"{place / 'exchanges.json'} cannot be read: {error!r}") from None


def _release(place: Path, told: Mapping[str, str]) -> Release:
    found = {name: place / told[name] for name in ("program", "requirements", "source")
             if name in told}  # fmt: skip
    return Release(**found)


def _served(place: Path, told: Mapping[str, str]) -> Served:
    home = place / told["home"] if "home" in told else None
    return Served(told["import"], told.get("base"), home)
