"""Which exception classes stand for which rules, read off the source.

Theory
    A rule is a text constant in the call that makes its error: `LimitError(rule="payload/size")`.
    Three other forms occur. A rule may be chosen before, in a local variable; it may be the default
    of `rule` in the constructor of an exception; and the checks of declarations hand it to a
    function of their own (`fail`, `mistake`) that makes a DeclarationError. Whatever passes on the
    rule of another error (`rule=error.rule`) says nothing new.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

Raised = tuple[str, str]


def raised_by(package: Path, rules: Mapping[str, str]) -> dict[str, list[str]]:
    """`{rule: names of exception classes}`, sorted; none for a rule that no code stands for."""
    found: dict[str, set[str]] = {rule: set() for rule in rules}
    for source in sorted(package.rglob("*.py")):
        tree = ast.parse(source.read_text(), str(source))
        for rule, name in _in_tree(tree, rules):
            found[rule].add(name)
    return {rule: sorted(names) for rule, names in found.items()}


def _in_tree(tree: ast.Module, rules: Mapping[str, str]) -> Iterator[Raised]:
    for node in ast.walk(tree):
        match node:
            case ast.Call():
                yield from _in_call(node, rules)
            case ast.FunctionDef():
                yield from _through_variables(node, rules)
            case ast.ClassDef():
                yield from _in_constructor(node, rules)


def _in_call(call: ast.Call, rules: Mapping[str, str]) -> Iterator[Raised]:
    for keyword in call.keywords:
        if keyword.arg == "rule":
            for rule in _constants(keyword.value, rules):
                yield rule, _called(call)
    for argument in call.args:
        for rule in _constants(argument, rules):
            if rule.startswith("declare/"):
                yield rule, "DeclarationError"


def _through_variables(function: ast.FunctionDef, rules: Mapping[str, str]) -> Iterator[Raised]:
    chosen: dict[str, set[str]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for name, value in _pairs(node.targets[0], node.value):
                chosen.setdefault(name, set()).update(_constants(value, rules))
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "rule" and isinstance(keyword.value, ast.Name):
                    for rule in chosen.get(keyword.value.id, ()):
                        yield rule, _called(node)


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, other in zip(target.elts, value.elts, strict=True):
            yield from _pairs(one, other)


def _in_constructor(owner: ast.ClassDef, rules: Mapping[str, str]) -> Iterator[Raised]:
    for node in owner.body:
        if isinstance(node, ast.FunctionDef) and node.name == "__init__":
            for default in node.args.kw_defaults:
                if default is not None:
                    for rule in _constants(default, rules):
                        yield rule, owner.name


def _constants(node: ast.expr, rules: Mapping[str, str]) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)) if text in rules:
            yield text
        case ast.IfExp():
            yield from _constants(node.body, rules)
            yield from _constants(node.orelse, rules)


def _called(call: ast.Call) -> str:
    """`X` of `X(...)`, `module.X(...)` and `_maker(...)`."""
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)
