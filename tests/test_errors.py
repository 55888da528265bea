"""What an error says: whose fault, where, which rule; and that the list of rules is complete."""

from __future__ import annotations

import ast
import copy
import pickle
from pathlib import Path

import pytest

import vobj
from docs.raising import raised_by
from vobj import errors
from vobj.errors import (
    RULES,
    ConductorError,
    Key,
    MethodError,
    NewerVersionError,
    PayloadError,
    RefusedError,
    Segment,
    VobjError,
    printable,
    render_path,
)

PACKAGE = Path(vobj.__file__).parent


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), "$"),
        (("nics", 2, "mac"), "$.nics[2].mac"),
        (("tags", Key("a.b")), '$.tags["a.b"]'),
        (("tags", Key('a"b\\c')), '$.tags["a\\"b\\\\c"]'),
        ((Key("1"), 1, "1"), '$["1"][1].1'),
    ],
)
def test_a_path_as_text(path: tuple[Segment, ...], text: str) -> None:
    """Fields, elements and dict keys look different, and a key cannot end its own quotes."""
    assert render_path(path) == text


@pytest.mark.parametrize("kind", [str, Key])
@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("a\nb", "a\\nb"),
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("a\r\x00\x7fb", "a\\r\\x00\\x7fb"),
        ("a\x9bb", "a\\x9bb"),
        ("a\u2028b", "a\\u2028b"),
        ("a\u202eb", "a\\u202eb"),
        ("a\ud800b", "a\\ud800b"),
    ],
    ids=["newline", "escape", "controls", "C1", "line separator", "right to left", "surrogate"],
)
def test_no_key_breaks_out_of_a_path(kind: type[str], hostile: str, shown: str) -> None:
    """A field or key that a peer made up puts no line end and no control code into a log."""
    text = render_path(("tags", kind(hostile)))
    assert shown in text
    assert text.isprintable()


def test_a_path_tells_an_escape_from_a_backslash() -> None:
    """A line end in a key and a backslash with an n after it are not shown alike."""
    assert render_path((Key("\n"),)) != render_path((Key("\\n"),))


def test_the_text_of_an_error_is_one_line() -> None:
    """What a peer made up in a name, in a key or as a rule puts no control code into a log."""
    error = PayloadError("Net\n\x1b[31mwork is new", rule="a/\nb", path=(Key("\r"),))
    assert str(error) == 'Net\\n\\x1b[31mwork is new - at `$["\\r"]` [a/\\nb]'
    assert error.message == "Net\n\x1b[31mwork is new"
    assert error.path == ("\r",)


def test_text_that_prints_stays() -> None:
    """Letters of every language, quotes and backslashes are left as they are."""
    assert printable('Zürich 東京 "\\"') == 'Zürich 東京 "\\"'


def test_an_error_without_a_path_names_none() -> None:
    """The text of an error about the object itself is its message and its rule."""
    assert str(VobjError("It is broken", rule="payload/value")) == "It is broken [payload/value]"


def test_a_path_is_built_from_the_inside() -> None:
    """Each level puts its segments before those of the level below."""
    error = PayloadError("no", rule="payload/value", path=("mac",))
    assert error.within(2) is error
    error.within("server", "nics")
    assert error.path == ("server", "nics", 2, "mac")


def _examples() -> list[VobjError]:
    plain = [
        kind("text", rule="payload/value", path=("a", 1, Key("b")), object_name="Server",
             version="1.2", target="1.1")
        for name in errors.__all__
        if isinstance(kind := getattr(errors, name), type)
        and issubclass(kind, VobjError)
        and kind not in (NewerVersionError, MethodError)
    ]  # fmt: skip
    newer = NewerVersionError("text", manifest={"Server": "1.2"}, object_name="Server")
    failed = MethodError("text", exception="KeyError", object_name="Server")
    return [*plain, newer.within("server"), failed.within("server")]


@pytest.mark.parametrize("error", _examples(), ids=lambda error: type(error).__name__)
def test_an_error_survives_copies_and_processes(error: VobjError) -> None:
    """A copy and an unpickled error have the class, the text, the path and everything else."""
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(other) is type(error)
        assert (str(other), other.args, vars(other)) == (str(error), error.args, vars(error))
        assert [type(one) for one in other.path] == [type(one) for one in error.path]


def test_a_refusal_needs_only_its_text() -> None:
    """A converter refuses with a text alone."""
    error = RefusedError("no such speed")
    assert (error.rule, error.path) == ("refused/converter", ())


def test_a_newer_payload_comes_with_a_manifest() -> None:
    """The error carries what is spoken here, in a dict of its own."""
    spoken = {"Server": "1.2"}
    error = NewerVersionError("newer", manifest=spoken)
    assert (error.rule, error.manifest) == ("version/newer", spoken)
    assert error.manifest is not spoken
    assert NewerVersionError("newer").manifest == {}


def test_a_method_error_names_what_was_raised() -> None:
    """The name of the exception is there, or None when it is not for the caller."""
    assert MethodError("m", exception="NotFound").exception == "NotFound"
    assert (MethodError("m").exception, MethodError("m").rule) == (None, "conductor/failed")


def test_every_error_says_whose_fault_it_is() -> None:
    """Each class is the declaration's fault, the program's, a peer's, a conductor's, or lies in
    the record of a fleet.
    """
    faults = (errors.DeclarationError, errors.LocalError, errors.RemoteError, ConductorError,
              MethodError, errors.FleetError)  # fmt: skip
    classes = [one for one in map(type, _examples()) if one is not VobjError]
    assert classes
    for kind in classes:
        assert sum(issubclass(kind, fault) for fault in faults) == 1


def test_every_rule_is_raised_somewhere() -> None:
    """No entry of RULES stands for code that is gone."""
    assert [rule for rule, names in raised_by(PACKAGE, RULES).items() if not names] == []


def _rules_in(tree: ast.AST) -> list[str]:
    """Text given as `rule=`, as the default of `rule`, or first to a function that fails."""
    found: list[ast.expr | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found += [one.value for one in node.keywords if one.arg == "rule"]
            if ast.unparse(node.func) in ("fail", "mistake") and node.args:
                found.append(node.args[0])
        if isinstance(node, ast.FunctionDef):
            named = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            found += [default for argument, default in named if argument.arg == "rule"]
    branches = [
        one
        for each in found
        for one in ((each.body, each.orelse) if isinstance(each, ast.IfExp) else (each,))
    ]
    return [str(one.value) for one in branches if isinstance(one, ast.Constant)]


def test_every_rule_that_is_raised_is_explained() -> None:
    """Whatever the package writes as a rule is a key of RULES."""
    used = {
        rule: source.name
        for source in PACKAGE.rglob("*.py")
        for rule in _rules_in(ast.parse(source.read_text()))
    }
    assert len(used) > 40
    assert {rule: name for rule, name in used.items() if rule not in RULES} == {}


def test_every_rule_is_explained_in_a_sentence() -> None:
    """The explanation of a rule is a sentence on one line, its id an area and a name."""
    for rule, sentence in RULES.items():
        area, name = rule.split("/")
        assert area.isalpha()
        assert name.replace("-", "").isalpha()
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert sentence.isprintable()
