"""A fleet as a node sees it that does not reach the database: through a conductor, over HTTP.

Theory
    It has the part of `Fleet` that a node needs: to announce itself and to follow the pin. Both
    behave as they do with a database, since they are the same code; only what is asked is asked
    elsewhere. While no conductor answers, the record counts as away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from vobj.codec import WIRES
from vobj.errors import RULES, FleetError, ManifestError, UsageError, VobjError
from vobj.fleet.announcement import Announcement, announcement
from vobj.fleet.follow import Follow
from vobj.fleet.highest import Highest
from vobj.fleet.lease import Lease
from vobj.fleet.pin import Pin, unchanged
from vobj.version import Manifest

if TYPE_CHECKING:
    import httpx

_SECOND = 1_000_000


class RemoteFleet:
    """Asks a conductor that serves `vobj.fleet.registry.registry_routes`.

    client: an `httpx.Client` with the conductor's address as its base URL, and with what it wants
    for authentication; closing it is up to its owner. prefix: of the routes. lease and refresh: as
    with `Fleet`. Any thread may use it.
    """

    def __init__(
        self,
        client: httpx.Client,
        *,
        prefix: str = "/v1/fleet",
        lease: float = 60.0,
        refresh: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._registry = _Registry(client, prefix)
        self._lease = lease
        self._packed = False
        self._made: Highest | None = None
        self._follow = Follow(self._ask, interval=refresh, name="The pin", clock=clock)
        self.pin: Pin = Pin("conductor", self._follow, lambda: ())

    def announce(
        self,
        service: str,
        manifest: Mapping[str, str],
        *,
        host: str | None = None,
        release: str = "",
        wires: Iterable[str] = tuple(WIRES),
    ) -> Lease:
        """Announce a service of this process; see `Fleet.announce`."""
        made = announcement(service, manifest, host=host, release=release, wires=wires)
        self._registry.announce(made, round(self._lease * _SECOND))
        return Lease(self._registry, made, self._lease)

    def wire(self, otherwise: str = "msgpack") -> str:
        """`packed` when every live service has announced that it reads it, else `otherwise`."""
        try:
            self._follow()
        except VobjError:
            return otherwise
        return "packed" if self._packed else otherwise

    def _ask(self) -> Highest:
        told = self._registry.ask("GET", "pin")
        try:
            manifest, wires = Manifest(told.get("manifest")), told.get("wires", ())
        except VobjError as error:
            raise FleetError(f"The conductor gave no pin: {error}", rule="fleet/away") from error
        self._packed = isinstance(wires, list) and "packed" in wires
        self._made = unchanged(self._made, Highest(manifest))
        return self._made


class _Registry:
    """The record of a fleet, behind a conductor."""

    def __init__(self, client: httpx.Client, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    def announce(self, one: Announcement, lease: int) -> None:
        """Keep an announcement and its lease."""
        self.ask("POST", "announce", {
            "service": one.service, "host": one.host, "release": one.release,
            "manifest": one.manifest.to_dict(), "wires": list(one.wires),
            "instance": one.instance, "lease": lease / _SECOND,
        })  # fmt: skip

    def renew(self, instance: str, lease: int) -> bool:
        """Give an instance a new lease; False when it is not known any more."""
        told = self.ask("POST", "renew", {"instance": instance, "lease": lease / _SECOND})
        return told.get("known") is True

    def withdraw(self, instance: str) -> None:
        """Forget an instance."""
        self.ask("POST", "withdraw", {"instance": instance})

    def ask(self, method: str, what: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer of the conductor. Raises FleetError, UsageError, ManifestError."""
        import httpx

        try:
            answer = self._client.request(method, f"{self._prefix}/{what}", json=body)
            told = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise FleetError(
                f"No conductor answers for the fleet: {error}", rule="fleet/away"
            ) from error
        if answer.is_success and isinstance(told, dict):
            return told
        raise _error_of(answer.status_code, told)


def _error_of(status: int, told: object) -> VobjError:
    """What the conductor says is wrong, as it would be raised here."""
    error = told.get("error") if isinstance(told, dict) else None
    rule = error.get("rule") if isinstance(error, dict) else None
    message = str(error.get("message")) if isinstance(error, dict) else f"HTTP {status}"
    if not isinstance(rule, str) or rule not in RULES or status >= 500:
        known = isinstance(rule, str) and rule.startswith("fleet/") and rule in RULES
        return FleetError(message[:500], rule=str(rule) if known else "fleet/away")
    if rule.startswith("manifest/"):
        return ManifestError(message[:500], rule=rule)
    return UsageError(message[:500], rule=rule)
