"""The oldest version of a data set, for libraries whose readers resolve schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SchemaEdits:
    """What the schema of an older reader says otherwise; all by the name of the shape.

    choices: the values of an enum. Its last one stands for those that the reader does not know.
    """

    dropped: Mapping[str, frozenset[str]] = field(default_factory=dict)
    renamed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
