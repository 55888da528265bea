"""The boundary to callers of oslo."""

from __future__ import annotations

import pytest
from oslo_versionedobjects import exception

from vobj import errors
from vobj.model import from_oslo, translate, translated
from vobj.model.errors import FieldValueError, UnknownObjectError


@pytest.mark.parametrize(
    ("core", "theirs"),
    [
        (
            errors.NewerVersionError("m", object_name="A", version="2.0"),
            "IncompatibleObjectVersion",
        ),
        (errors.UnknownClassError("m", rule="payload/class"), "UnsupportedObjectError"),
        (errors.RefusedError("m", rule="refused/value"), "ObjectActionError"),
        (errors.ConversionError("m", rule="convert/failed"), "ObjectActionError"),
        (errors.ManifestError("m", rule="manifest/major"), "InvalidTargetVersion"),
        (errors.RemoteError("m", rule="version/unsupported"), "IncompatibleObjectVersion"),
    ],
)
def test_translate(core: errors.VobjError, theirs: str) -> None:
    """The translated error is of both worlds, and says the same; translating again is the same."""
    core.within("nics", 2)
    ours = translate(core)
    assert isinstance(ours, type(core))
    assert isinstance(ours, getattr(exception, theirs))
    assert (str(ours), ours.path, ours.rule) == (str(core), core.path, core.rule)
    assert ours.kwargs["code"] == 500  # type: ignore[attr-defined]
    assert translate(ours) is ours


def test_values_and_envelopes() -> None:
    """A value that does not fit is a ValueError too, a missing part of an envelope a KeyError."""
    value = translate(errors.PayloadError("m", rule="payload/value"))
    envelope = translate(errors.PayloadError("m", rule="payload/envelope"))
    assert isinstance(value, ValueError)
    assert isinstance(envelope, KeyError)
    assert str(envelope) == "m [payload/envelope]"
    assert translate(envelope) is envelope


def test_what_has_no_translation_stays() -> None:
    """Errors that callers of oslo do not know stay what they are."""
    limit = errors.LimitError("m", rule="payload/size")
    assert translate(limit) is limit
    with pytest.raises(errors.LimitError, match="payload/size"), translated():
        raise limit


def test_translated_keeps_the_cause() -> None:
    """The error that a converter raised stays the cause of what its caller sees."""
    cause = OSError("disk")
    with pytest.raises(exception.ObjectActionError, match="m") as caught, translated():
        raise errors.ConversionError("m", rule="convert/failed") from cause
    assert caught.value.__cause__ is cause


def test_from_oslo() -> None:
    """What oslo says of a look-up or a value is told in vobj's words."""
    known = UnknownObjectError("m", rule="payload/class")
    assert from_oslo(known, "A", "1.0") is known
    read_only = from_oslo(exception.ReadOnlyFieldError(field="a"), "A", "1.0")
    assert isinstance(read_only, FieldValueError)
    assert read_only.rule == "payload/value"
