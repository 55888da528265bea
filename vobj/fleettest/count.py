"""What a run did, counted: the ledger of the callers against the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vobj.errors import RULES
from vobj.fleettest.calls import OK, OPEN, REFUSED, Call, Outcome
from vobj.fleettest.rows import differing, edited, is_port, values
from vobj.fleettest.store import Effect, Stored
from vobj.fleettest.truth import Row

_SHOWN = 20


@dataclass
class Count:
    """What there is to say against a run; every list is empty when there is nothing.

    lost: answered calls without an effect. doubled: calls with more than one. refused_and_done:
    calls that were refused and took effect all the same. wrong: what the database should say and
    does not. untrue: objects that were not read as they were written. unnamed: errors whose cause
    has no name. never: faults, and calls, that did not come about. of_ports: how much of all that
    was about ports of os-vif.
    """

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    refused_and_done: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    never: list[str] = field(default_factory=list)
    numbers: dict[str, Any] = field(default_factory=dict)
    of_ports: dict[str, int] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, doubled or wrong, and everything came about."""
        return not any(self.findings().values())

    def findings(self) -> dict[str, list[str]]:
        """What there is to say against the run."""
        names = ("lost", "doubled", "refused_and_done", "wrong", "untrue", "unnamed", "never")
        return {name: getattr(self, name) for name in names}

    def document(self) -> dict[str, Any]:
        """Everything as plain data; of each finding the first few."""
        found = {name: {"count": len(all_), "first": all_[:_SHOWN]}
                 for name, all_ in self.findings().items()}  # fmt: skip
        return {"ok": self.is_clean, **self.numbers, "findings": found}


def count(
    calls: Mapping[str, Call],
    outcomes: Mapping[str, Outcome],
    stored: Stored,
    first: Iterable[Row],
    copied: set[str],
) -> Count:
    """Compare what callers were told with what is stored.

    first: the rows before the run. copied: calls whose messages arrived twice by intent, one of
    which may have been refused and the other carried out.
    """
    made = Count()
    effects = Counter(one.call for one in stored.effects)
    for name, call in calls.items():
        outcome = outcomes[name]
        if outcome.status == OK and call.changes and not effects[name]:
            made.lost.append(f"{name} {call.kind} {call.wanted}")
        if effects[name] > 1:
            made.doubled.append(f"{name} took effect {effects[name]} times")
        if outcome.status == REFUSED and effects[name] and name not in copied:
            made.refused_and_done.append(f"{name} {call.kind}: {', '.join(outcome.errors)}")
        made.untrue += [f"{name}: {one}" for one in outcome.untrue]
        made.unnamed += [f"{name}: {one}: {outcome.detail}"
                         for one in outcome.errors if one.startswith("unnamed")]  # fmt: skip
    made.wrong += [f"a call made another object than it should, or of another: {one}"
                   for one in stored.amiss]  # fmt: skip
    made.wrong += _strange(calls, stored.effects)
    made.wrong += _differences(_replayed(first, stored.effects), stored.rows)
    made.numbers = _numbers(calls, outcomes, stored)
    made.of_ports = _of_ports(calls, outcomes, stored)
    return made


def _strange(calls: Mapping[str, Call], effects: Iterable[Effect]) -> list[str]:
    """Effects that are not what their callers wanted."""
    found = []
    for one in effects:
        call = calls.get(one.call)
        if call is None or call.uuid != one.uuid:
            found.append(f"{one.call} took effect on {one.uuid}, and nobody asked for that")
            continue
        allowed = [call.wanted.get("value"), call.wanted.get("or", call.wanted.get("value"))]
        asked = [call.wanted.get(name) for name in ("field", "disk")]
        if asked != [one.wanted.get(name) for name in ("field", "disk")] or (
            one.wanted["value"] not in allowed
        ):
            found.append(f"{one.call} did {one.wanted} where {call.wanted} was wanted")
    return found


def _replayed(first: Iterable[Row], effects: Iterable[Effect]) -> dict[str, Row]:
    """The rows as they are after these effects, one after the other."""
    rows = {row["uuid"]: row for row in first}
    for one in effects:
        rows[one.uuid] = edited(rows[one.uuid], one.wanted)
    return rows


def _differences(wanted: Mapping[str, Row], stored: Mapping[str, Row]) -> list[str]:
    found = []
    for uuid, row in wanted.items():
        found += [
            f"{uuid} has {place} {got!r} where {due!r} was written"
            for place, (due, got) in differing(values(row), values(stored.get(uuid, {}))).items()
        ]
    return found


def _numbers(
    calls: Mapping[str, Call], outcomes: Mapping[str, Outcome], stored: Stored
) -> dict[str, Any]:
    statuses = Counter(one.status for one in outcomes.values())
    errors = Counter(error for one in outcomes.values() for error in one.errors)
    done = {one.call for one in stored.effects}
    return {
        "calls": {
            "made": len(calls),
            "ok": statuses[OK],
            "refused": statuses[REFUSED],
            "open": statuses[OPEN],
            "open_and_done": sum(1 for name, one in outcomes.items()
                                 if one.status == OPEN and name in done),
            "answered_at_a_later_attempt": sum(1 for one in outcomes.values()
                                               if one.status == OK and one.errors),
            "by_kind": dict(Counter(one.kind for one in calls.values())),
        },
        "effects": len(stored.effects),
        "would_have_doubled": stored.repeats,
        "errors_at_attempts": dict(errors.most_common()),
        "rules": {name: RULES[name] for name in sorted(errors) if name in RULES},
    }  # fmt: skip


def _of_ports(
    calls: Mapping[str, Call], outcomes: Mapping[str, Outcome], stored: Stored
) -> dict[str, int]:
    ports = {uuid for uuid, row in stored.rows.items() if is_port(row)}
    statuses = Counter(outcomes[name].status for name, one in calls.items() if one.uuid in ports)
    return {
        "calls": statuses.total(),
        "ok": statuses[OK],
        "refused": statuses[REFUSED],
        "open": statuses[OPEN],
        "effects": sum(one.uuid in ports for one in stored.effects),
    }
