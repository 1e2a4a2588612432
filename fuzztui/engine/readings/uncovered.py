"""Which functions of the code under test are not covered to the end, by their sources. For diagnoses."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from fuzztui.engine.diagnoses.figures import Missing
from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.readings.functions import Place, functions_of, parsed
from fuzztui.engine.show.text import label, one_line, say
from fuzztui.engine.work.line_coverage import FileLines

MOST_FILES: Final = 8
"""Files that are looked into: those that lack most."""

MOST: Final = 20
"""Functions that are told of."""

NOTHING_KNOWN: Final[Mapping[str, FileLines]] = {}


def missing(lines: Mapping[str, Sequence[int]], known: Mapping[str, FileLines] = NOTHING_KNOWN) -> tuple[Missing, ...]:
    """The functions that lack most; `lines`: by file the line of each probe that nothing has covered; `known`: what was
    measured by line, which tells what keeps inputs out of the first of them.
    """
    found: list[Missing] = []
    spots: dict[Missing, tuple[str, int, int]] = {}
    for file, uncovered in sorted(lines.items(), key=lambda each: -len(each[1]))[:MOST_FILES]:
        functions = functions_of(parsed(Path(file)))
        by_function: dict[str, list[int]] = {}
        for line in uncovered:
            by_function.setdefault(_name_at(functions, line) or os.path.basename(file), []).append(line)  # noqa: PTH119
        shown = one_line(shown_path(Path(file)))
        for name, each in by_function.items():
            one = Missing(one_line(name), shown, len(each), min(each))
            first, last, _ = next((known for known in functions if known[2] == name), (min(each), max(each), name))
            found.append(one)
            spots[one] = file, first, last
    ranked = sorted(found, key=lambda each: (-each.probes, each.file, each.line))[:MOST]
    if ranked and (measured := known.get(spots[ranked[0]][0])) is not None:
        ranked[0] = _guarded(ranked[0], measured, *spots[ranked[0]][1:])
    return tuple(ranked)


def _guarded(one: Missing, measured: FileLines, first: int, last: int) -> Missing:
    """With the line that decides and was always seen to decide alike, that most inputs of these lines come to."""
    best: tuple[int, int, int] | None = None
    for line in measured.ways:
        ways = measured.ways_of(line) if first <= line <= last else ()
        inputs = sum(way.inputs for way in ways)
        never = next((way.to for way in ways if not way.times), None)
        if inputs and never is not None and (best is None or inputs > best[0]):
            best = inputs, line, never
    if best is None:
        return one
    _, line, to = best
    outcome = say("never goes on to line {}", to) if to > 0 else label("never leaves the function from there")
    return replace(one, line=line, times=measured.times(line), outcome=outcome)


def _name_at(functions: Sequence[Place], line: int) -> str:
    """The innermost function that a line belongs to; empty for none."""
    around = [function for function in functions if function[0] <= line <= function[1]]
    return min(around, key=lambda function: function[1] - function[0])[2] if around else ""
