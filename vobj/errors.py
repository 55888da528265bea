"""Every exception of vobj, and the stable ids of the rules they stand for.

Theory
    An error answers three questions. *Whose fault is it?* is the class: `DeclarationError` (the
    class body), `LocalError` (the running program), `RemoteError` (what a peer sent). *Where?* is
    `.path`, segments from the top object down: a `str` is a field, an `int` an element, a `Key` a
    dict key. *Which rule?* is `.rule`, an id of `RULES` that never changes once released; tests and
    callers match on it, the prose may improve.

    A path is built on unwind: code that descends catches `VobjError`, calls `within(segment)` and
    raises again, so the way without errors pays nothing.

    The parts of an error are what they are, whoever wrote them; its text, `str(error)`, is one line
    without control codes, for a log or a terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self

__all__ = [
    "RULES",
    "ConductorError",
    "ConversionError",
    "DeclarationError",
    "FleetError",
    "Key",
    "LimitError",
    "LocalError",
    "ManifestError",
    "MergeConflict",
    "MergeError",
    "MethodError",
    "NewerVersionError",
    "PayloadError",
    "RefusedError",
    "RemoteError",
    "Segment",
    "UnknownClassError",
    "UnknownMethodError",
    "UnrepresentableEdit",
    "UsageError",
    "VobjError",
    "printable",
    "render_path",
]


class Key(str):
    """A dict key inside a path, so that `$.tags["a"]` differs from `$.tags.a`."""

    __slots__ = ()


Segment = str | int

RULES: Mapping[str, str] = MappingProxyType(
    {
        "declare/annotation": "An annotation is a type that has a field type.",
        "declare/change": "A change is one of the closed set and stands where it has a meaning.",
        "declare/child-versions": "ChildVersions dates versions of the child, oldest first.",
        "declare/clash": "Two fields never share a name in one version.",
        "declare/converter": "A converter has both directions and says what the type was.",
        "declare/duplicate": "A field has at most one change of a kind per version.",
        "declare/future": "A change is dated at or below the VERSION of its class.",
        "declare/hook": "A class has a hand-written compatibility hook or changes, not both.",
        "declare/inherited": "A dated inherited field is dated again, or mapped with Inherits.",
        "declare/key": "A key field is required, scalar and has no lossy change.",
        "declare/lifecycle": "Added and Removed alternate; a change needs the field on both sides.",
        "declare/order": "The changes of a field stand in ascending order of version.",
        "declare/overlap": "One version changes the value of a field in one way only.",
        "declare/unexplained": "Every version above the oldest supported one is explained.",
        "declare/unknown-field": "A change belongs to a field that the class has or had.",
        "declare/version": "A version is X.Y, or X.Y.Z for VERSION, in whole numbers.",
        "declare/was": "A change of type or value set says what it was.",
        "conductor/answer": "What answers is a conductor.",
        "conductor/arguments": "A remotable method is called with the arguments it takes.",
        "conductor/away": "A conductor can be reached.",
        "conductor/busy": "A conductor has room for one more request.",
        "conductor/died": "A conductor lives until it has answered.",
        "conductor/failed": "A remotable method returns.",
        "conductor/internal": "A conductor answers every request, or says what is wrong with it.",
        "conductor/method": "A peer calls methods that are marked remotable, and no others.",
        "conductor/request": "A request is an object with the parts of its operation.",
        "conductor/setting": "A setting of a conductor is of its kind, and fits the others.",
        "conductor/slow": "A conductor, and who talks to it, is done within the time limit.",
        "conductor/token": "A caller shows the token that a conductor asks for.",
        "convert/failed": "A converter returns a value for every value of its type.",
        "fleet/announcement": "A service announces who it is, in short names, and what it reads.",
        "fleet/away": "The record of the fleet can be reached.",
        "fleet/damaged": "The record of the fleet holds what was written there.",
        "fleet/empty": "A pin is made of what live services read.",
        "fleet/pin": "A pin is auto, a named release, or a file that holds a manifest.",
        "fleet/releases": "A releases file maps names of releases to manifests, each name once.",
        "manifest/child-unnamed": "A child that the manifest does not name needs a policy.",
        "manifest/limit": "A manifest has at most the configured number of entries.",
        "manifest/major": "A backport stays inside one major version.",
        "manifest/malformed": "A manifest maps object names to versions.",
        "manifest/object-unnamed": "The manifest names the object that is sent.",
        "manifest/unknown-class": "A manifest is made of registered classes.",
        "manifest/unknown-fingerprint": "A manifest named by its fingerprint is one that is known.",
        "manifest/version": "A manifest holds versions of the form X.Y or X.Y.Z.",
        "merge/class": "The edited payload is of the same object as the current one.",
        "merge/conflict": "Two callers did not change the same data differently.",
        "merge/duplicate-key": "Elements of a list have distinct keys.",
        "merge/newer": "The edited payload is not newer than the current one.",
        "merge/unrepresentable": "The newer version can hold what the older caller wrote.",
        "packed/fingerprint": "The schema that a packed payload was written with is known.",
        "packed/format": "A packed payload is in a format that this release reads.",
        "packed/resolver": "A resolver gives the schema that it was asked for.",
        "payload/class": "A payload names a registered class of the codec's base.",
        "payload/convert": "A payload holds values that its own version allows.",
        "payload/count": "A payload has at most the configured number of values.",
        "payload/depth": "A payload is nested at most to the configured depth.",
        "payload/envelope": "A payload is an envelope: name, namespace, version and data.",
        "payload/malformed": "A payload is complete text of its wire.",
        "payload/namespace": "A payload is of the project namespace of its base.",
        "payload/size": "A payload has at most the configured number of bytes.",
        "payload/value": "A field of a payload holds a value that its type takes.",
        "refused/converter": "A converter may refuse a value that an older version cannot express.",
        "refused/oldest": "Nothing is sent below the oldest supported version.",
        "refused/present": "A field that an older version must not see is not set.",
        "refused/value": "An older version can express the value.",
        "usage/argument": "A call takes the arguments its documentation names.",
        "usage/policy": "A policy is one of those the call names, and can be followed there.",
        "version/malformed": "A version is X.Y or X.Y.Z in whole numbers.",
        "version/newer": "A payload is not newer than the class that reads it.",
        "version/unsupported": "A payload is of a version that the class still explains.",
        "wire/unknown": "A codec is made for a known wire.",
    }
)


def render_path(path: tuple[Segment, ...]) -> str:
    """The text of a path, on one line: `$.nics[2].mac`, `$.tags["a.b"]`."""
    text = "$"
    for segment in path:
        match segment:
            case Key():
                text += '["' + segment.replace("\\", "\\\\").replace('"', '\\"') + '"]'
            case int():
                text += f"[{segment}]"
            case _:
                text += f".{segment}"
    return printable(text)


def printable(text: str) -> str:
    """`text` on one line, with an escape for all that a terminal or a log would act on.

    Names, keys and messages come from peers, who may put line ends and control codes into them.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else _escape(one) for one in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


class VobjError(Exception):
    """Root of all errors.

    Attributes
        path: where, as a tuple of segments from the top object; empty for the object itself.
        rule: the id of the broken rule, a key of `RULES`.
        object_name: the registry name of the object at fault, if one is known.
        version: the version of that object as it was received or declared, if known.
        target: the version that was asked for, if one was.
    """

    def __init__(
        self,
        message: str,
        *,
        rule: str,
        path: tuple[Segment, ...] = (),
        object_name: str | None = None,
        version: str | None = None,
        target: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.rule = rule
        self.path = path
        self.object_name = object_name
        self.version = version
        self.target = target

    def within(self, *segments: Segment) -> Self:
        """Put `segments` before the path; returns self, to be raised again."""
        self.path = (*segments, *self.path)
        return self

    def __str__(self) -> str:
        where = f" - at `{render_path(self.path)}`" if self.path else ""
        return printable(f"{self.message}{where} [{self.rule}]")

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.message, dict(self.__dict__)))


def _rebuild(cls: type[VobjError], message: str, state: dict[str, Any]) -> VobjError:
    error = cls.__new__(cls, message)
    error.args = (message,)
    error.__dict__.update(state)
    return error


class DeclarationError(VobjError):
    """A class body is wrong; raised at registration. Names class, field, version and the mend."""


class LocalError(VobjError):
    """The running program asked for what cannot be done."""


class UsageError(LocalError, ValueError):
    """An argument is wrong: an unknown wire, an invalid policy, an object of another kind."""


class RefusedError(LocalError):
    """An object holds what the asked version cannot express, and the declaration refuses it.

    A converter raises it with a text alone; its rule is then `refused/converter`.
    """

    def __init__(self, message: str, *, rule: str = "refused/converter", **details: Any) -> None:
        super().__init__(message, rule=rule, **details)


class ConversionError(LocalError):
    """A converter raised, or returned what its declared type does not take."""


class RemoteError(VobjError):
    """What a peer sent is wrong. Nothing of it was applied."""


class PayloadError(RemoteError):
    """A payload is malformed, truncated, or holds a value that its type does not take."""


class LimitError(PayloadError):
    """A payload is larger, deeper or has more values than the codec's limits allow."""


class UnknownClassError(RemoteError):
    """A payload names a class that is not registered, or is outside the codec's base."""


class NewerVersionError(RemoteError):
    """A payload is newer than the class that would read it.

    `.manifest` is what this process speaks for that object and its children
    (`{object name: version}`): send it to a conductor, or back to the sender, to get a backport.
    """

    def __init__(
        self,
        message: str,
        *,
        rule: str = "version/newer",
        manifest: Mapping[str, str] | None = None,
        object_name: str | None = None,
        version: str | None = None,
        target: str | None = None,
    ) -> None:
        super().__init__(
            message, rule=rule, object_name=object_name, version=version, target=target
        )
        self.manifest: dict[str, str] = dict(manifest or {})


class ManifestError(RemoteError):
    """A manifest cannot be read, or does not say what the exchange needs."""


class MergeError(RemoteError):
    """An edit cannot be put back; the current object is as it was."""


class MergeConflict(MergeError):
    """The older caller and somebody else changed the same data differently."""


class UnrepresentableEdit(MergeError):
    """The newer version has no place for what the older caller wrote."""


class UnknownMethodError(RemoteError):
    """A peer calls what is no remotable method of the class."""


class ConductorError(VobjError):
    """A conductor was asked and gave no answer; `.rule` tells whether the method may have run.

    It has not with `conductor/away` and `conductor/busy`; it may have with any other.
    """


class FleetError(VobjError):
    """The record of the fleet cannot be reached or read, or says nothing yet."""


class MethodError(VobjError):
    """A remotable method raised, on the conductor, what is no error of vobj.

    `.exception` is the name of the class it raised, or None when that is for the conductor's log
    alone.
    """

    def __init__(
        self,
        message: str,
        *,
        rule: str = "conductor/failed",
        exception: str | None = None,
        object_name: str | None = None,
    ) -> None:
        super().__init__(message, rule=rule, object_name=object_name)
        self.exception = exception
