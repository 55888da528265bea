"""Named releases: a committed file that says what each of them speaks.

Theory
    The file is JSON, sorted, one object per line, so that a diff shows what a release changed:
    `{"2026.1": {"Server": "1.4"}}`. It is read strictly: a name that stands there twice, a value
    that is no version or anything beside releases is an error, since a pin that is almost right
    sends payloads that are almost readable.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from vobj.errors import UsageError, VobjError
from vobj.fleet.announcement import NAME_LENGTH
from vobj.version import Manifest

RELEASES = "vobj-releases.json"
"""The name of the file, where nothing else is said."""

_LARGEST = 64 * 1024 * 1024


class _Wrong(Exception):
    """What is wrong with a file."""


def read_releases(path: str | Path) -> dict[str, Manifest]:
    """The releases in a file, in its order.

    Raises UsageError (`fleet/releases`) for a file that is missing or not as it should be.
    """
    try:
        document = _json(Path(path))
        if not isinstance(document, dict):
            raise _Wrong("Expected {name of a release: {object: version}}")
        found = {}
        for name, versions in document.items():
            _check_name(name)
            found[name] = _manifest(versions, f"{name}: ")
        return found
    except _Wrong as error:
        raise UsageError(f"{path}: {error}", rule="fleet/releases") from error


def release(path: str | Path, name: str) -> Manifest:
    """One release of a file. Raises UsageError (`fleet/pin`, `fleet/releases`)."""
    found = read_releases(path)
    if name in found:
        return found[name]
    near = get_close_matches(name, found, n=3)
    known = ", ".join(list(found)[-5:]) or "none"
    hint = f" Did you mean {' or '.join(near)}?" if near else f" It has {known}."
    raise UsageError(f"{path} has no release {name!r:.60}.{hint}", rule="fleet/pin")


def read_pin(path: str | Path) -> Manifest:
    """The manifest in a file, `{"Server": "1.4"}`. Raises UsageError (`fleet/pin`)."""
    try:
        return _manifest(_json(Path(path)), "")
    except _Wrong as error:
        raise UsageError(f"{path}: {error}", rule="fleet/pin") from error


def write_release(
    path: str | Path, name: str, manifest: Manifest, *, replace: bool = False
) -> bool:
    """Add a release to a file, which is made if it is not there; True when the file changed.

    replace: a release of that name may be there and say something else. Raises UsageError
    (`fleet/releases`).
    """
    path = Path(path)
    known = read_releases(path) if path.exists() else {}
    if known.get(name) == manifest:
        return False
    try:
        _check_name(name)
        if name in known and not replace:
            raise _Wrong(f"{name} is there already and says {_difference(known[name], manifest)}")
        _write(path, {**known, name: manifest})
    except _Wrong as error:
        raise UsageError(f"{path}: {error}", rule="fleet/releases") from error
    return True


def is_release_name(name: object) -> bool:
    """A release is named in printable characters, and not like the other kinds of pins."""
    return (
        isinstance(name, str)
        and 0 < len(name) <= NAME_LENGTH
        and name.isprintable()
        and name == name.strip()
        and name != "auto"
        and not name.startswith("file:")
    )


def _check_name(name: object) -> None:
    if not is_release_name(name):
        raise _Wrong(f"{name!r:.60} cannot be the name of a release")


def _difference(was: Manifest, now: Manifest) -> str:
    names = [one for one in sorted({*was, *now}) if was.get(one) != now.get(one)]
    one = names[0]
    more = f", and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{one} {was.get(one, 'nothing')}, not {now.get(one, 'nothing')}{more}"


def _write(path: Path, releases: Mapping[str, Manifest]) -> None:
    """Put the new file in the place of the old one at once, so that a reader sees either."""
    document = {name: manifest.to_dict() for name, manifest in releases.items()}
    text = json.dumps(document, indent=2) + "\n"
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=f".{path.name}.", encoding="utf-8", delete=False
        ) as made:
            made.write(text)
        Path(made.name).chmod(mode)
        Path(made.name).replace(path)
    except OSError as error:
        raise _Wrong(f"It cannot be written: {error.strerror}") from error


def _json(path: Path) -> Any:
    try:
        if path.stat().st_size > _LARGEST:
            raise _Wrong(f"It is larger than {_LARGEST} bytes")
        return json.loads(path.read_bytes(), object_pairs_hook=_without_doubles)
    except OSError as error:
        raise _Wrong(f"It cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise _Wrong(f"It is not the JSON it should be: {error}") from error


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        double = next(one for one in names if names.count(one) > 1)
        raise ValueError(f"{double!r:.60} stands there twice")
    return made


def _manifest(versions: object, where: str) -> Manifest:
    if not isinstance(versions, dict) or not all(isinstance(one, str) for one in versions.values()):
        raise _Wrong(f"{where}Expected {{object: version}}")
    try:
        return Manifest(versions)
    except VobjError as error:
        raise _Wrong(f"{where}{error.message}") from error
