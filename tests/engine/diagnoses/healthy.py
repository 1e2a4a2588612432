"""Figures of a run that nothing is wrong with, to be changed in one respect."""

from dataclasses import replace
from typing import Any

from fuzztui.engine.diagnoses.figures import Exceptional, Figures, Glances, Imported, Labour, Reading
from fuzztui.engine.show.text import Visible, label, visible


def readings(
    seconds: float = 300.0, rates: tuple[float, float] = (20_000, 19_000), megabytes: tuple[float, float] = (40, 44)
) -> tuple[Reading, ...]:
    """Of a process whose rate and memory go evenly from one value to another."""
    steps = int(seconds / 3)

    def between(pair: tuple[float, float], i: int) -> float:
        return pair[0] + (pair[1] - pair[0]) * i / max(1, steps - 1)

    return tuple(Reading(10.0 + 3 * i, between(rates, i), int(between(megabytes, i) * 1e6)) for i in range(steps))


def labour(worker: int, **changes: Any) -> Labour:
    """What one of two workers has done in five minutes."""
    values = Labour(worker, 290.0, 5_800_000, 21, 40, 11_600_000, readings())
    return replace(values, **changes)


def seen(looks: int, slow: int, age: float, usual: float) -> Glances:
    """So many looks, of which some found an execution of that age."""
    return Glances(looks, (age,) * slow, usual, visible(repr(b"S" * 9)))


def names(*each: str) -> tuple[Visible, ...]:
    return tuple(map(visible, each))


HEALTHY = Figures(
    elapsed=310.0,
    fuzzing_for=300.0,
    executions=12_000_000,
    rate=40_000.0,
    window=12.0,
    window_executions=480_000,
    window_failures=900,
    failures=(Exceptional(label("ValueError"), 900),),
    edges=214,
    edges_total=339,
    edges_outside=190,
    imports=(
        Imported(label("parser"), True, probes=320, reached=190),
        Imported(label("math"), False, is_compiled=True),
    ),
    since_new=8.0,
    singles=12,
    checked_finds=60,
    unstable_finds=1,
    unstable=names("parser.py:4"),
    labours=(labour(0), labour(1, found=19)),
    glances=seen(1200, 3, 0.02, 0.00005),
)


def figures(**changes: Any) -> Figures:
    """The healthy run, changed."""
    return replace(HEALTHY, **changes)
