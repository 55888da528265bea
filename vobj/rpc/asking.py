"""Asking a conductor for an object that is too new here, with as few words as it takes.

Theory
    A manifest of a large tree is longer than most objects, and the same in every request of one
    peer. So a peer names it by its fingerprint, and sends it only to a conductor that does not know
    it: one that has restarted, or one that this peer asks for the first time. A backport changes
    nothing anywhere, so asking a second time is safe.

    Indirection clients of services know nothing of fingerprints, and conductors of an older release
    do not either; they are asked as oslo asks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeGuard

from oslo_versionedobjects import base

from vobj.errors import NewerVersionError, VobjError
from vobj.version import Manifest

UNKNOWN = "manifest/unknown-fingerprint"
NOT_SPOKEN = frozenset({"conductor/answer", "conductor/request"})
"""What an older conductor says to a request that names a fingerprint."""

Payload = dict[str, Any] | bytes


class Fingerprinted(Protocol):
    """A client whose conductor remembers manifests."""

    def backport(
        self,
        context: Any,
        payload: Payload,
        *,
        fingerprint: str,
        manifest: Mapping[str, str] | None = None,
    ) -> Any:
        """The object in an envelope or in a packed payload, in the versions of a manifest.

        Raises ManifestError (`manifest/unknown-fingerprint`) when the manifest is not given and not
        known.
        """
        ...


def backported(
    asked: base.VersionedObjectIndirectionAPI,
    context: Any,
    payload: Payload,
    error: NewerVersionError,
    name: str,
) -> Any:
    """The object in `payload`, which raised `error` here, in versions that this process reads.

    name: of that object, for clients that take one version only. Raises what the client does, and
    `error` when the payload is packed and the client takes envelopes alone.
    """
    if _takes_fingerprints(asked):
        speaks = Manifest(error.manifest)
        try:
            return _by_fingerprint(asked, context, payload, speaks)
        except VobjError as refused:
            if refused.rule not in NOT_SPOKEN or isinstance(payload, bytes):
                raise
    if isinstance(payload, bytes):
        raise error
    # The interface speaks of objects; oslo passes the envelope, since there is no object yet.
    envelope: Any = payload
    try:
        return asked.object_backport_versions(context, envelope, error.manifest)
    except NotImplementedError:
        return asked.object_backport(context, envelope, error.manifest[name])


def _takes_fingerprints(asked: object) -> TypeGuard[Fingerprinted]:
    # The class is asked, since an object may answer to every name: proxies do, and mocks.
    return callable(getattr(type(asked), "backport", None))


def _by_fingerprint(asked: Fingerprinted, context: Any, payload: Payload, speaks: Manifest) -> Any:
    try:
        return asked.backport(context, payload, fingerprint=speaks.fingerprint)
    except VobjError as refused:
        if refused.rule != UNKNOWN:
            raise
    return asked.backport(
        context, payload, fingerprint=speaks.fingerprint, manifest=speaks.to_dict()
    )
