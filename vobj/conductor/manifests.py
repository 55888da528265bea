"""Manifests known by their fingerprint, so that a caller sends its own once and names it after.

Theory
    What is kept is keyed by the fingerprint that is computed here, never by one that was claimed:
    no caller can put a manifest under the name of another. Forgetting costs a caller one more
    round trip, so the store is bounded and need not be the same in every worker.

    A caller that sends its manifest with every request sends the same text each time. Reading it
    costs more than a backport, so small ones are found by what stands in them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping

from vobj.errors import ManifestError, UsageError
from vobj.version import Manifest

_READ_MOST = 256
_READ_TEXT = 4_096  # characters of a manifest that is kept as it was read


class KnownManifests:
    """The manifests used last; any thread may use it.

    most: how many manifests are kept (1,024). entries: how many entries they have in all (200,000).
    """

    def __init__(self, *, most: int = 1_024, entries: int = 200_000) -> None:
        """Raises UsageError (`usage/argument`)."""
        for name, value in (("most", most), ("entries", entries)):
            if type(value) is not int or value < 1:
                raise UsageError(
                    f"Expected {name} to be a whole number of at least 1, got {value!r}",
                    rule="usage/argument",
                )
        self._most = most
        self._entries = entries
        self._held = 0
        self._known: OrderedDict[str, Manifest] = OrderedDict()
        self._read: dict[tuple[tuple[str, str], ...], Manifest] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._known)

    def resolve(self, fingerprint: str | None, manifest: Mapping[str, str] | None) -> Manifest:
        """The manifest that a request means: the one that it holds, else the one that it names.

        Raises ManifestError: `manifest/unknown-fingerprint` when there is neither or it is not
        known, `manifest/malformed` when both are there and differ, and what reading one raises.
        """
        if manifest is not None:
            made = manifest if isinstance(manifest, Manifest) else self._made(manifest)
            if fingerprint is not None and fingerprint != made.fingerprint:
                raise ManifestError(
                    f"The manifest has the fingerprint {made.fingerprint}, not {fingerprint!r:.40}",
                    rule="manifest/malformed",
                )
            if fingerprint is not None:
                self._keep(made)
            return made
        with self._lock:
            known = self._known.get(fingerprint or "")
            if known is None:
                raise ManifestError(
                    f"No manifest is known here by {fingerprint!r:.40}: send it once",
                    rule="manifest/unknown-fingerprint",
                )
            self._known.move_to_end(known.fingerprint)
            return known

    def _made(self, given: Mapping[str, str]) -> Manifest:
        if len(given) > _READ_TEXT:
            return Manifest(given)
        key = tuple(given.items())
        try:
            found = self._read.get(key)
        except TypeError:  # lists of versions
            return Manifest(given)
        if found is None:
            found = Manifest(given)
            if sum(len(name) + len(version) for name, version in key) <= _READ_TEXT:
                if len(self._read) >= _READ_MOST:
                    self._read.clear()
                self._read[key] = found
        return found

    def _keep(self, manifest: Manifest) -> None:
        with self._lock:
            if manifest.fingerprint not in self._known:
                self._known[manifest.fingerprint] = manifest
                self._held += len(manifest)
            self._known.move_to_end(manifest.fingerprint)
            while len(self._known) > self._most or (
                self._held > self._entries and len(self._known) > 1
            ):
                _, dropped = self._known.popitem(last=False)
                self._held -= len(dropped)
