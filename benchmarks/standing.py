"""Whether a dashboard can be left: one whose terminal stops reading holds up no worker, one that is open for an hour
holds no more than after ten minutes.
"""

import sys
import time
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks.arena import Arena, arena
from benchmarks.child import ROOT, MeasurementError
from benchmarks.dashboard import SIZE, TARGET, TOLD, command_of
from benchmarks.figures import Verdict
from benchmarks.plan import START, Plan, Report
from benchmarks.table import table
from benchmarks.terminal import Terminal

KEPT: Final = 0.95
"""Of the executions of a dashboard that is read, at least."""
GROWTH: Final = 3.0
"""Per cent of memory, at most."""
HOUR: Final = 3_600_000
"""Events of an hour, at 1,000 a second."""
SHARE: Final = 20
"""Which part of them goes by before memory is looked at first: what is kept, such as the log, is full then."""
HURRY: Final = 20
"""So many times faster than that they come."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of a dashboard that was left alone."""

    kept: float
    """Executions while the terminal was not read, over those while it was."""
    unread_growth: float
    """Per cent of memory over that time."""
    hour_growth: float
    """Per cent of memory over an hour's events."""
    hour_memory: int
    """Bytes after them."""


def measure(plan: Plan) -> Report:
    """Leave some dashboards alone."""
    plan.progress("a terminal that is not read")
    ratios, growths = [], []
    with arena(TARGET) as made:
        for _ in range(plan.rounds):
            (read, _), (unread, growth) = (
                _executions(made, plan.seconds, is_read=is_read) for is_read in (True, False)
            )
            ratios.append(unread / read)
            growths.append(growth)
    plan.progress("an hour's events")
    before, after = _hour()
    result = Standing(median(ratios), max(growths), 100 * (after / before - 1), after)
    text = table(
        f"Dashboard that is left alone, at {SIZE[0]} x {SIZE[1]}",
        ("", "figure"),
        [
            (f"executions while it is not read for {plan.seconds:g} s", f"{result.kept:.2f} x"),
            ("growth of memory meanwhile", f"{result.unread_growth:.1f} %"),
            (f"growth of memory over {HOUR:,} events", f"{result.hour_growth:.1f} %"),
            ("memory after them", f"{result.hour_memory / 2**20:.0f} MiB"),
        ],
    )
    expected = [
        Verdict("executions with a terminal that is not read", result.kept, KEPT, at_least=True, unit="x"),
        Verdict("memory with a terminal that is not read", result.unread_growth, GROWTH, at_least=False, unit=" %"),
        Verdict("memory over an hour's events", result.hour_growth, GROWTH, at_least=False, unit=" %"),
    ]
    return Report([result], text, expected)


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    return 2 * plan.rounds * (plan.seconds + START) + HOUR / 1000 / HURRY


def _executions(made: Arena, seconds: float, *, is_read: bool) -> tuple[int, float]:
    """Executions of a run of so many seconds, and the per cent by which the coordinator's memory has grown."""
    made.forget()
    limits = ("--fuzz-time", f"{seconds:g}s", "--seed", "1")
    with Terminal(command_of(made, 1, *limits), made.folder, *SIZE) as terminal:
        terminal.wait_for("FUZZING", 60.0)
        terminal.read(min(2.0, seconds / 4))
        before = terminal.memory
        terminal.press("41" * 10)  # what that draws is more than the kernel keeps for a terminal
        if not is_read:
            time.sleep(seconds)
            after = terminal.memory
        terminal.wait_for("Timelimitreached", seconds + 60.0, step=0.5)
        if is_read:
            after = terminal.memory
        terminal.press("q")
        told = TOLD.search(terminal.read(3.0))
        if told is None:
            raise MeasurementError("the dashboard has not told of its executions")
        return int(told[1].replace(b",", b"")), 100 * (after / before - 1)


def _hour() -> tuple[int, int]:
    """Bytes of a dashboard after a part of an hour's events, and after all of them."""
    command = [sys.executable, "-m", "tests.ui.crowd", "1000000", f"{HURRY}", f"{HOUR}"]
    with Terminal(command, ROOT, *SIZE) as terminal:
        terminal.wait_for("FUZZING", 60.0)
        marks: list[int] = []
        begin = time.monotonic()
        while "ENDED" not in terminal.read(0.5).decode("utf-8", "replace"):
            marks.append(terminal.memory)
            if time.monotonic() - begin > 60 * HOUR / 1000 / HURRY:
                raise MeasurementError("the events of an hour did not come to an end")
        return marks[len(marks) // SHARE], marks[-1]
