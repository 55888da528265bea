"""The plot of a run: horizontal bars on a logarithmic scale, grouped by question, as SVG.

The picture brings its own background and a second set of colours for dark pages, so that it can be
read wherever it is shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

from benchmarks import questions as ask
from benchmarks.contenders import ACCELERATED, MSGSPEC_ARRAY, MSGSPEC_MAP, OSLO
from benchmarks.goals import times
from benchmarks.results import Results
from benchmarks.tables import MISSING, microseconds

WIDTH, LEFT, RIGHT = 920, 236, 150
TOP, BAR, GAP, GROUP = 96, 15, 4, 40
_FAMILIES = ("oslo", "native", "python", "peer")

STYLE = """
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
.title { font-size: 17px; font-weight: 600 }
.group { font-size: 13.5px; font-weight: 600 }
.quiet { fill: #59636e }
.page { fill: #ffffff }
.grid { stroke: #d1d9e0; stroke-width: 1 }
.oslo { fill: #8c959f }
.native { fill: #0a6d3c }
.python { fill: #7cc29a }
.peer { fill: #6e9bd1 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .quiet { fill: #9198a1 }
  .page { fill: #0d1117 }
  .grid { stroke: #30363d }
  .oslo { fill: #6e7681 }
  .native { fill: #3fb96f }
  .python { fill: #23683f }
  .peer { fill: #3f6ea8 }
}
"""

LEGEND = {
    "oslo": "oslo.versionedobjects",
    "native": "vobj, native executor",
    "python": "vobj, Python executor",
    "peer": "other libraries, which do less",
}

_VOBJ = {
    "vobj: oslo class unmodified": "oslo class, msgpack",
    "vobj: vobj class, msgpack": "vobj class, msgpack",
    "vobj: vobj class, packed": "vobj class, packed",
}
_PEERS = {
    MSGSPEC_MAP: MSGSPEC_MAP,
    MSGSPEC_ARRAY: MSGSPEC_ARRAY,
    "protobuf": "protobuf",
    "pydantic": "pydantic",
    "cattrs": "cattrs",
    "fastavro": "fastavro",
}
_OWN = {"vobj: vobj class": "vobj class, msgpack"}
_MODELS = {"msgspec": MSGSPEC_MAP, "protobuf": "protobuf", "pydantic": "pydantic"}


@dataclass(frozen=True)
class Bar:
    """One bar. seconds: None where the contender was not available. note: after the time."""

    label: str
    family: str
    seconds: float | None
    note: str = ""


def plot(results: Results) -> str:
    """An SVG document of the object of 32 fields."""
    groups = [(question, list(_bars(results, question))) for question in _shown()]
    times_of = [bar.seconds for _, bars in groups for bar in bars if bar.seconds]
    low = math.floor(math.log10(min(times_of)))
    high = math.ceil(math.log10(max(times_of)))
    scale = _Scale(low, high)
    parts: list[str] = []
    at = TOP
    for question, bars in groups:
        parts.append(_text(16, at + 12, question, "group"))
        at += 22
        for bar in bars:
            parts += _drawn(bar, at, scale)
            at += BAR + GAP
        at += GROUP - 22
    height = at + 30
    return "\n".join(_framed(height, [*_axis(scale, height), *parts])) + "\n"


def _shown() -> tuple[str, ...]:
    return (*ask.WIRE, ask.CONSTRUCT, ask.SET)


def _bars(results: Results, question: str) -> Iterator[Bar]:
    wire = question in ask.WIRE
    yield _bar(results, question, "oslo.versionedobjects", "oslo", OSLO)
    for label, who in (_VOBJ if wire else _OWN).items():
        for life in ("native", "python"):
            yield _bar(results, question, f"{label}, {life}", life, f"vobj {life}: {who}")
    if not wire:
        yield _bar(results, question, "vobj: oslo class accelerated", "native", ACCELERATED)
    for label, who in (_PEERS if wire else _MODELS).items():
        if results.least(ask.SERVER, question, who) is not None or results.missing(
            ask.SERVER, question, who
        ):
            yield _bar(results, question, label, "peer", who)


def _bar(results: Results, question: str, label: str, family: str, who: str) -> Bar:
    found = results.least(ask.SERVER, question, who)
    reference = results.least(ask.SERVER, question, OSLO)
    if found is None or reference is None or who == OSLO:
        return Bar(label, family, found)
    return Bar(label, family, found, times(reference / found))


@dataclass(frozen=True)
class _Scale:
    """Seconds to pixels. low, high: powers of ten."""

    low: int
    high: int

    def x(self, seconds: float) -> float:
        share = (math.log10(seconds) - self.low) / (self.high - self.low)
        return LEFT + share * (WIDTH - LEFT - RIGHT)


def _drawn(bar: Bar, at: float, scale: _Scale) -> Iterable[str]:
    middle = at + BAR - 3.5
    yield _text(LEFT - 8, middle, bar.label, anchor="end")
    if bar.seconds is None:
        yield _text(LEFT + 6, middle, MISSING, "quiet")
        return
    end = scale.x(bar.seconds)
    width = max(1.0, end - LEFT)
    yield (
        f'<rect class="{bar.family}" x="{LEFT}" y="{at}" width="{width:.1f}" height="{BAR}"'
        ' rx="2"/>'
    )
    note = f"  ({bar.note})" if bar.note else ""
    yield _text(end + 6, middle, f"{microseconds(bar.seconds)} µs{note}")


def _axis(scale: _Scale, height: float) -> Iterator[str]:
    for power in range(scale.low, scale.high + 1):
        x = scale.x(10.0**power)
        yield (f'<line class="grid" x1="{x:.1f}" y1="{TOP - 14}" x2="{x:.1f}" y2="{height - 30}"/>')
        for y in (TOP - 20, height - 14):
            yield _text(x, y, _unit(power), "quiet", anchor="middle")


def _unit(power: int) -> str:
    """A power of ten of seconds: 10 ns, 1 µs, 100 ms."""
    for least, name in ((0, "s"), (-3, "ms"), (-6, "µs"), (-9, "ns")):
        if power >= least:
            return f"{10 ** (power - least)} {name}"
    return f"1e{power} s"


def _framed(height: float, parts: Iterable[str]) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}"'
        f' viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-labelledby="title">'
    )
    yield '<title id="title">Time for the object of 32 fields, by question and library</title>'
    yield f"<style>{STYLE}</style>"
    yield f'<rect class="page" width="{WIDTH}" height="{height:.0f}" rx="6"/>'
    title = "Time for one object of 32 fields, logarithmic; shorter is faster"
    yield _text(16, 28, title, "title")
    x = 16.0
    for family in _FAMILIES:
        yield f'<rect class="{family}" x="{x:.0f}" y="43" width="12" height="12" rx="2"/>'
        yield _text(x + 18, 53.5, LEGEND[family], "quiet")
        x += 18 + 6.6 * len(LEGEND[family]) + 22
    yield from parts
    yield "</svg>"


def _text(x: float, y: float, text: str, kind: str = "", *, anchor: str = "start") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text{style} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
