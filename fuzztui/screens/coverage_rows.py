"""Functions, lines and branches of the coverage as rows and words. Pure functions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from fuzztui.engine.show.coverage import Amount, Function, LineState, SourceLine, Way
from fuzztui.engine.show.text import NOTHING, Visible, count, joined, label, say
from fuzztui.widgets.table import Column, Row
from fuzztui.widgets.tone import Line, Span, Tone, span
from fuzztui.widgets.wording import NONE, ago
from fuzztui.words.sentences import plural

RECENT: Final = 120.0
"""Seconds for which a line counts as covered only lately."""

FUNCTION_COLUMNS: Final = (
    Column("", 1),
    Column("function", 10, grows=True, cut="front", wish=24),
    Column("lines", 9, right=True),
    Column("branches", 8, right=True, rank=3),
    Column("covered", 7, right=True),
    Column("newest", 10, right=True, rank=4),
    Column("where", 12, grows=True, cut="front", rank=5, wish=24),
)

SOURCE_COLUMNS: Final = (
    Column("line", 5, right=True),
    Column("", 1),
    Column("inputs", 6, right=True, rank=1),
    Column("", 20, grows=True),
)

GLYPHS: Final[dict[LineState, Span]] = {
    LineState.BLANK: span("plain", " "),
    LineState.UNCOVERED: span("bad", "-"),
    LineState.LOADED: span("muted", "·"),
    LineState.COVERED: span("good", "+"),
}
FRESH: Final = span("accent", "*")
FRONTIER: Final = span("warn", "?")

GLYPH_MEANINGS: Final = (
    (GLYPHS[LineState.COVERED], "covered"),
    (FRESH, "covered only in the last two minutes"),
    (GLYPHS[LineState.UNCOVERED], "not covered"),
    (FRONTIER, "decides, and has done so in one way only"),
    (GLYPHS[LineState.LOADED], "runs when the module is loaded"),
)


def same_function(shown: Function, functions: Sequence[Function]) -> Function | None:
    """The function of that name in the same file, the nearest of several; for a file as a whole, the whole of it."""
    of_file = [function for function in functions if function.file == shown.file]
    if not shown.name:
        return replace(shown, last=max(function.last for function in of_file)) if of_file else None
    same = [function for function in of_file if function.name == shown.name]
    return min(same, key=lambda function: abs(function.first - shown.first), default=None)


def function_rows(functions: Sequence[Function], folded: set[str], is_searched: bool, elapsed: float) -> list[Row[str]]:
    """A row for each file, and for each function of those that are not folded; of all where somebody searches."""
    rows: list[Row[str]] = []
    by_file: dict[str, list[Function]] = {}
    for function in functions:
        by_file.setdefault(function.file, []).append(function)
    for file, of_file in by_file.items():
        amount = sum((function.amount for function in of_file), Amount())
        newest = max((function.newest for function in of_file if function.newest is not None), default=None)
        place = of_file[0].place
        is_folded = file in folded
        missing = amount.missing + amount.missing_branches
        heads = ((-missing, place), (place.startswith("/"), place), (amount.share, place), (-(newest or -1.0), place))
        heading: Span = place, "strong"
        nothing: Span = NONE, "muted"
        head = span("accent", "▸" if is_folded else "▾")
        cells: tuple[Span, ...] = (head, heading, *_figures(amount, newest, elapsed, "strong"), nothing)
        rows.append(Row(file, cells, ranks=tuple((*each, 0, 0, 0) for each in heads)))
        if is_folded and not is_searched:
            continue
        for function in of_file:
            missed = function.amount.missing + function.amount.missing_branches
            own = (-missed, function.first, function.amount.share, -(function.newest or -1.0))
            tone: Tone = "muted" if not function.amount.covered else "plain"
            where = span("muted", "{}:{}", place, function.first)
            name: Span = function.name, tone
            cells = (
                span("plain", " "), name,
                *_figures(function.amount, function.newest, elapsed, tone), where,
            )  # fmt: skip
            ranks = tuple((*each, 1, rank, function.first) for each, rank in zip(heads, own, strict=True))
            rows.append(Row(f"{file}\0{function.first}", cells, ranks=ranks))
    return rows


def _figures(amount: Amount, newest: float | None, elapsed: float, tone: Tone) -> tuple[Span, Span, Span, Span]:
    lines = (say("{}/{}", count(amount.covered), count(amount.statements)), tone)
    branches = (say("{}/{}", count(amount.taken), count(amount.branches)) if amount.branches else NONE, tone)
    share: Tone = "good" if not amount.missing and not amount.missing_branches else tone
    is_recent = newest is not None and elapsed - newest <= RECENT
    return lines, branches, (percent(amount), share), (ago_words(newest, elapsed), "accent" if is_recent else "muted")


def function_words(function: Function, open_key: str) -> Line:
    """What is missing in a function, and how one comes to see it."""
    amount = function.amount
    name = function.name or label("this file")
    if not amount.statements:
        return (span("plain", "{}", name), span("muted", ": {} reads its source", open_key))
    missing = [plural(amount.missing, "line")] if amount.missing else []
    missing += [say("{:,} {}", amount.missing_branches, "branch" if amount.missing_branches == 1 else "branches")
                ] if amount.missing_branches else []  # fmt: skip
    words = say("{} not covered", joined(" and ", missing)) if missing else label("all covered")
    return (span("plain", "{}: {}", name, words), span("muted", "; {} reads its source", open_key))


def ago_words(found: float | None, elapsed: float) -> Visible:
    """How long ago an input was found; of one that was there before the run, that."""
    if found is None:
        return NONE
    return ago(elapsed - found) if found else label("before")


def percent(amount: Amount) -> Visible:
    """The covered share, rounded down: only what is complete is 100%."""
    return say("{}%", int(100 * amount.share)) if amount.statements else NONE


def source_row(line: SourceLine, elapsed: float) -> Row[int]:
    """One line with its sign and how many inputs reach it."""
    glyph, tone = sign(line, elapsed)
    text: Tone = "muted" if line.state in (LineState.LOADED, LineState.BLANK) else "plain"
    if line.state is LineState.UNCOVERED:
        text = "bad"
    inputs = span("muted", "{}", count(line.inputs) if line.inputs else NOTHING)
    source: Span = line.text, text
    return Row(line.number, (span("muted", "{}", line.number), (glyph, tone), inputs, source))


def sign(line: SourceLine, elapsed: float) -> Span:
    """What a line is marked with."""
    if line.is_frontier:
        return FRONTIER
    if line.state is LineState.COVERED and line.first and elapsed - line.first <= RECENT:
        return FRESH
    return GLYPHS[line.state]


def line_words(line: SourceLine, elapsed: float) -> list[Line]:
    """What is known of one line, in words. Each input has been run once, so they reach it so often then."""
    words = [label(line.state.value)]
    if line.inputs:
        words.append(say("reached by {}, {}", plural(line.inputs, "input"), plural(line.times, "time")))
        words.append(say("first {}", ago_words(line.first, elapsed)))
    lines: list[Line] = [((say("line {}: {}", line.number, joined(", ", words)), "plain"),)]
    if line.ways:
        tone: Tone = "warn" if line.is_frontier else "muted"
        lines.append(((say("goes on to {}", joined("; ", [way_words(way) for way in line.ways])), tone),))
    return lines


def way_words(way: Way) -> Visible:
    """`70: 41 inputs`."""
    to = say("{}", way.to) if way.to > 0 else label("the function's end")
    return say("{}: {}", to, plural(way.inputs, "input") if way.inputs else label("never"))
