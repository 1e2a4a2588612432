"""Draws a record as bars beside Atheris, in SVG: `python -m benchmarks.picture RECORD PICTURE`.

In every panel longer to the right is better for fuzztui, and the line at 1 is Atheris. Where figures differ by orders
of magnitude the scale is logarithmic, and bars begin at that line; otherwise they begin at 0.
"""

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final, NamedTuple

WIDTH: Final = 760
LEFT: Final = 130
"""Where the plots begin; names stand before."""
RIGHT: Final = WIDTH - 190
"""Where they end; numbers stand behind."""
ROW: Final = 22
HEAD: Final = 46
"""Height of a panel's title, and of the mark on its line."""
GAP: Final = 18

STYLE: Final = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.small { font-size: 11px; fill: #57606a }
.better { fill: #2da44e }
.worse { fill: #bc4c00 }
.line { stroke: #57606a; stroke-width: 1 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .small { fill: #9198a1 }
  .better { fill: #3fb950 }
  .worse { fill: #f0883e }
  .line { stroke: #9198a1 }
}
"""
"""No background of its own; text and bars can be read on white and on black."""


class Bar(NamedTuple):
    """One target."""

    name: str
    times: float
    """Atheris; more is better."""
    note: str = ""
    """Follows the number."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One benchmark."""

    title: str
    bar: Callable[[Mapping[str, Any]], Bar | None]
    """From a row of the record; None if that was not compared."""
    logarithmic: bool


def _throughput(row: Mapping[str, Any]) -> Bar | None:
    times = row["times_atheris"]
    return Bar(row["target"], times) if times else None


def _instrumentation(row: Mapping[str, Any]) -> Bar | None:
    atheris = row["atheris"]
    return Bar(row["target"], atheris / row["fuzztui"]) if atheris else None


def _bugs(row: Mapping[str, Any]) -> Bar | None:
    times = row["times_atheris"]
    if not times:
        return None
    ours, peers = (f"{row[f'{who}_found']}/{row[f'{who}_searches']}" for who in ("fuzztui", "atheris"))
    return Bar(row["target"], 1 / times, f"found {ours} : {peers}")


def _coverage(row: Mapping[str, Any]) -> Bar | None:
    times = row["times_atheris"]
    if not times:
        return None
    return Bar(row["target"], times, f"{row['fuzztui']['median']:g} : {row['atheris']['median']:g}")


PANELS: Final = {
    "throughput": Panel("Executions per CPU second", _throughput, logarithmic=True),
    "instrumentation": Panel("Speed of one instrumented call", _instrumentation, logarithmic=True),
    "bugs": Panel("Speed to a planted bug, in CPU seconds", _bugs, logarithmic=True),
    "coverage": Panel("Branches covered after the same CPU time", _coverage, logarithmic=False),
}


def draw(record: Mapping[str, Any]) -> str:
    """An SVG document of what a record (see `benchmarks.record`) compares with Atheris."""
    parts: list[str] = []
    top = GAP
    for name, panel in PANELS.items():
        bars = [bar for bar in map(panel.bar, record["benchmarks"].get(name, ())) if bar is not None]
        if bars:
            parts += _panel(panel, bars, top)
            top += HEAD + ROW * len(bars) + GAP
    if not parts:
        parts.append(_text(GAP, top + ROW, "Nothing was compared with Atheris."))
        top += 2 * ROW
    caption = f"Times Atheris {record['atheris']}. CPython {record['python']}, {record['when'][:10]}. "
    parts.append(_text(GAP, top, caption + "More is better.", "small"))
    height = top + GAP
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
            f"<title>fuzztui beside Atheris</title>\n<style>{STYLE}</style>",
            *parts,
            "</svg>\n",
        ]
    )


def _panel(panel: Panel, bars: list[Bar], top: int) -> Iterator[str]:
    x = scale([bar.times for bar in bars], panel.logarithmic)
    start = x(1.0) if panel.logarithmic else float(LEFT)
    yield _text(GAP, top + 12, panel.title, "title")
    yield _text(x(1.0), top + HEAD - 12, "Atheris", "small", "middle")
    for number, bar in enumerate(bars):
        y = top + HEAD + number * ROW
        low, high = sorted((start, x(bar.times)))
        kind = "better" if bar.times >= 1 else "worse"
        yield _text(LEFT - 10, y + 11, bar.name, anchor="end")
        yield f'<rect class="{kind}" x="{low:.1f}" y="{y}" width="{max(high - low, 1):.1f}" height="{ROW - 8}" rx="2"/>'
        yield _text(RIGHT + 10, y + 11, f"{_number(bar.times)}\u00d7")
        yield _text(RIGHT + 62, y + 11, bar.note, "small")
    bottom = top + HEAD + ROW * len(bars) - 6
    yield f'<line class="line" x1="{x(1.0):.1f}" y1="{top + HEAD - 6}" x2="{x(1.0):.1f}" y2="{bottom}"/>'


def scale(values: list[float], logarithmic: bool) -> Callable[[float], float]:
    """Where a value lies between LEFT and RIGHT; 1 always has a place. Positive values only."""
    if not logarithmic:
        most = max(1.0, *values)
        return lambda value: LEFT + (RIGHT - LEFT) * value / most
    low, high = math.log(min(0.9, *values)), math.log(max(1.2, *values))
    return lambda value: LEFT + (RIGHT - LEFT) * (math.log(value) - low) / (high - low)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 20 else f"{value:.1f}" if value >= 2 else f"{value:.2f}"


def _text(x: float, y: float, content: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(content)}</text>'


if __name__ == "__main__":
    source, picture = map(Path, sys.argv[1:])
    picture.write_text(draw(json.loads(source.read_text("utf-8"))), "utf-8")
