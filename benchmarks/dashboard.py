"""What the dashboard costs: what it writes into the terminal, how soon it answers a key, what it takes from the run."""

import os
import re
import sys
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks.arena import Arena, arena
from benchmarks.child import ROOT, MeasurementError, run
from benchmarks.figures import Verdict
from benchmarks.plan import START, Plan, Report
from benchmarks.table import table
from benchmarks.terminal import Terminal

SIZE: Final = (100, 30)
TARGET: Final = "json"
CROWD: Final = "crowd"
"""A scripted run: 64 workers, 1,000 events a second, 300 crashers at once."""

WORKERS: Final = (2, 32)
KEYS: Final = 60
WARM_UP: Final = 6.0
"""Seconds in which much is found, and so much changes."""

BYTES: Final = 5_000
"""A second, at most, in a steady run."""
ANSWER: Final = 0.1
"""Seconds to the answer of a key, at most: the median among real workers, the 95th percentile in a crowd."""
SHARE: Final = 10.0
"""Per cent of a processor, at most."""
TOLD: Final = re.compile(rb"([\d,]+) executions")
KEPT: Final = 0.97
"""Of the executions without a dashboard, at least."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run in the dashboard."""

    run: str
    bytes_per_second: float
    processor: float
    """Per cent of one."""
    memory: int
    """Bytes of the coordinator."""
    answer: float
    """Seconds to the answer of a key: the median."""
    slow_answer: float
    """The 95th percentile."""
    kept: float | None
    """Executions as a part of those without a dashboard; None where that was not measured."""


def measure(plan: Plan) -> Report:
    """Watch some runs."""
    rows = []
    for workers in WORKERS:
        plan.progress(f"dashboard, {workers} workers")
        with arena(TARGET) as made:
            command = command_of(made, workers)
            kept = _kept(made, workers, plan) if workers <= (os.cpu_count() or 1) else None
            with Terminal(command, made.folder, *SIZE) as terminal:
                rows.append(_watch(f"{workers} workers", terminal, plan, kept))
    plan.progress("dashboard, a scripted crowd")
    with Terminal([sys.executable, "-m", "tests.ui.crowd", "600"], ROOT, *SIZE) as terminal:
        rows.append(_watch(CROWD, terminal, plan, None))
    text = table(
        f"Dashboard at {SIZE[0]} x {SIZE[1]}",
        ("run", "kB/s written", "% of a processor", "MiB", "key ms", "95 %", "executions kept"),
        [
            (
                row.run,
                f"{row.bytes_per_second / 1000:.1f}",
                f"{row.processor:.1f}",
                f"{row.memory / 2**20:.0f}",
                f"{row.answer * 1000:.0f}",
                f"{row.slow_answer * 1000:.0f}",
                "-" if row.kept is None else f"{row.kept:.2f}",
            )
            for row in rows
        ],
    )
    return Report(rows, text, verdicts({row.run: row for row in rows}))


def verdicts(costs: dict[str, Cost]) -> list[Verdict]:
    """What is expected, by the names of the runs."""
    few, many, crowd = costs[f"{WORKERS[0]} workers"], costs[f"{WORKERS[1]} workers"], costs[CROWD]
    expected = [
        Verdict("bytes written in a steady run", few.bytes_per_second, BYTES, at_least=False, unit=" B/s"),
        Verdict(f"a key with {WORKERS[1]} workers", many.answer, ANSWER, at_least=False, unit=" s"),
        Verdict("95 % of the keys in a crowd", crowd.slow_answer, ANSWER, at_least=False, unit=" s"),
        Verdict("a crowd's share of a processor", crowd.processor, SHARE, at_least=False, unit=" %"),
    ]
    if few.kept is not None:
        expected.append(Verdict("executions with a dashboard", few.kept, KEPT, at_least=True, unit="x"))
    return expected


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    watched = 3 * (WARM_UP + plan.seconds + KEYS * 0.2)
    return watched + 4 * plan.rounds * (plan.seconds + START)


def command_of(made: Arena, workers: int, *options: str) -> list[str]:
    return [sys.executable, "-m", "fuzztui", "run", str(made.file), "--workers", f"{workers}", *options]


def _watch(name: str, terminal: Terminal, plan: Plan, kept: float | None) -> Cost:
    terminal.wait_for("FUZZING", 60.0)
    terminal.read(WARM_UP)
    written, processor = terminal.written, terminal.cpu
    terminal.read(plan.seconds)
    written, processor = terminal.written - written, terminal.cpu - processor
    answers = sorted(_answers(terminal))
    return Cost(
        name,
        written / plan.seconds,
        100 * processor / plan.seconds,
        terminal.memory,
        median(answers),
        answers[int(len(answers) * 0.95) - 1],
        kept,
    )


def _answers(terminal: Terminal) -> list[float]:
    """The seconds that the mark of the selected row takes to the next row and back, at different moments of a tick."""
    mark = "▸".encode()
    answers = []
    for number in range(KEYS):
        terminal.read(0.05 * (1 + number % 5))
        answers.append(terminal.answer("jk"[number % 2], until=lambda seen: mark in seen))
    return answers


def _kept(made: Arena, workers: int, plan: Plan) -> float:
    """Executions in the dashboard over those without one, taken in turns, for a machine is not always as fast."""
    ratios = []
    for _ in range(plan.rounds):
        shown, plain = (_executions(made, workers, plan.seconds, headless=headless) for headless in (False, True))
        ratios.append(shown / plain)
    return median(ratios)


def _executions(made: Arena, workers: int, seconds: float, *, headless: bool) -> int:
    made.forget()
    if headless:
        # As nice as the others, whose part of a busy machine would be smaller for it.
        given = (made.file, made.function, made.cache, workers, seconds)
        return int(run("benchmarks.children.headless", *given, within=seconds + 60.0).result())
    limits = ("--fuzz-time", f"{seconds:g}s", "--seed", "1")
    with Terminal(command_of(made, workers, *limits), made.folder, *SIZE) as terminal:
        terminal.wait_for("Timelimitreached", seconds + 60.0, step=0.5)
        terminal.press("q")
        told = TOLD.search(terminal.read(3.0))
        if told is None:
            raise MeasurementError("the dashboard has not told of its executions")
        return int(told[1].replace(b",", b""))
