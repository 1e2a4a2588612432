"""What stands beside the lists where there is room: what is selected, in short. Pure functions."""

from typing import Final

from textual.content import Content

from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import label
from fuzztui.engine.show.worker_row import WorkerRow
from fuzztui.screens.decider import Verdict
from fuzztui.screens.sections import FAILURE, INPUT, Look, Section, headline
from fuzztui.screens.worker import worker_lines
from fuzztui.widgets.tone import content, span

MIN_WIDTH: Final = 120
MIN_HEIGHT: Final = 40
"""Cells of a screen from which on there is room."""

_PARTS: Final = (*((name, INPUT[name]) for name in ("call", "arguments", "smallest", "bytes")),
                 *((name, FAILURE[name]) for name in ("note", "traceback", "inside", "variants", "facts")))  # fmt: skip
"""Of a crasher: the input comes first, the traceback next."""


def crasher_beside(crasher: Crasher, snapshot: Snapshot, verdict: Verdict, cells: int) -> Content:
    """What is known of a crasher, the input before the traceback, in so many cells of a line."""
    look = Look.at(snapshot, verdict=verdict, cells=cells)
    sections = [section for _, build in _PARTS if (section := build(crasher, look)) is not None]
    return Content("\n\n").join([content(headline(crasher, look)), *map(_titled, sections)])


def _titled(section: Section) -> Content:
    return Content("\n").join([content([(span("accent", "{}", section.title),)]), section.text])


def worker_beside(row: WorkerRow, open_key: str) -> Content:
    """A worker's figures, and the way to the rest: the key that opens what is selected."""
    return content([*worker_lines(row), (), (span("muted", "  {} shows what it printed", open_key),)])


NOTHING_SELECTED: Final = content([(span("muted", "{}", label("Nothing is selected.")),)])
