"""The boundary to callers of oslo: every error is vobj's and oslo's at once.

Theory
    Code written against oslo.versionedobjects catches oslo's exceptions. What crosses this boundary
    is therefore an instance of the vobj class that says whose fault it is, and of the oslo class,
    or the builtin one, that such code catches in the same place. `translated` is the one way
    across; exceptions that are not vobj's (the user's own refusals, a bug) pass as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from oslo_versionedobjects import exception

from vobj.errors import (
    ConversionError,
    ManifestError,
    NewerVersionError,
    PayloadError,
    RefusedError,
    RemoteError,
    UnknownClassError,
    UsageError,
    VobjError,
)


class UnknownObjectError(UnknownClassError, exception.UnsupportedObjectError):
    """A payload names a class that is not registered, or is outside the base."""


class NewerObjectError(NewerVersionError, exception.IncompatibleObjectVersion):
    """A payload is newer than the class that reads it; `.manifest` is what is spoken here."""


class UnexplainedVersionError(RemoteError, exception.IncompatibleObjectVersion):
    """A payload is of a version that the class does not explain any more, or of another major."""


class TargetError(UsageError, exception.InvalidTargetVersion):
    """An object was asked for in a version that it cannot have: newer, or none at all."""


class ManifestTargetError(
    ManifestError, exception.InvalidTargetVersion, exception.ObjectActionError
):
    """A manifest asks for what cannot be given, or does not name a child."""


class RefusedAction(RefusedError, exception.ObjectActionError):
    """An object holds what the asked version cannot express."""


class ConversionActionError(ConversionError, exception.ObjectActionError):
    """A converter failed on the way to an older version."""


class FieldValueError(PayloadError, ValueError):
    """A payload holds a value that its field does not take."""


class EnvelopeError(PayloadError, KeyError):
    """A payload is no envelope, or a part of it is missing."""

    __str__ = VobjError.__str__


_TRANSLATIONS: tuple[tuple[type[VobjError], type[VobjError]], ...] = (
    (NewerVersionError, NewerObjectError),
    (UnknownClassError, UnknownObjectError),
    (RefusedError, RefusedAction),
    (ConversionError, ConversionActionError),
    (ManifestError, ManifestTargetError),
)
_BY_RULE: dict[str, type[VobjError]] = {
    "payload/envelope": EnvelopeError,
    "payload/value": FieldValueError,
    "payload/convert": FieldValueError,
    "version/malformed": FieldValueError,
    "version/unsupported": UnexplainedVersionError,
}


def translate(error: VobjError) -> VobjError:
    """The same error as an instance of the class that callers of oslo catch as well."""
    if isinstance(error, exception.VersionedObjectsException | LookupError):
        return _with_arguments(error)
    target = next((ours for core, ours in _TRANSLATIONS if type(error) is core), None)
    if target is None and type(error) in (PayloadError, RemoteError):
        target = _BY_RULE.get(error.rule)
    if target is None:
        return error
    made = target.__new__(target, error.message)
    made.args = error.args
    made.__dict__.update(error.__dict__)
    return _with_arguments(made.with_traceback(error.__traceback__))


def _with_arguments(error: VobjError) -> VobjError:
    """The error with what oslo's own exceptions carry, for callers that read it."""
    if not isinstance(error, exception.VersionedObjectsException):
        return error
    manifest = getattr(error, "manifest", {})
    known = {
        "objname": error.object_name,
        "objtype": error.object_name,
        "objver": error.version,
        "version": error.target,
        "supported": manifest.get(error.object_name),
        "reason": error.message,
    }
    error.kwargs = {
        "code": 500,
        **{name: value for name, value in known.items() if value is not None},
    }
    return error


@contextmanager
def translated() -> Iterator[None]:
    """Whatever vobj raises inside leaves as an error that callers of oslo catch."""
    try:
        yield
    except VobjError as error:
        ours = translate(error)
        if ours is error:
            raise
        raise ours from error.__cause__


def from_oslo(error: exception.VersionedObjectsException, name: str, version: str) -> VobjError:
    """What oslo says about a class look-up or a value in a payload, in our words."""
    match error:
        case VobjError():
            return error
        case exception.UnsupportedObjectError():
            return UnknownObjectError(
                f"No class is registered as {name}", rule="payload/class", object_name=name
            )
        case exception.IncompatibleObjectVersion():
            return UnexplainedVersionError(
                f"{name} {version} is not explained here; the newest is"
                f" {error.kwargs.get('supported', 'another')}",
                rule="version/unsupported",
                object_name=name,
                version=version,
            )
        case _:
            return FieldValueError(str(error), rule="payload/value", object_name=name)
