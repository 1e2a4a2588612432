"""Seconds to the first execution."""

import json
import os
from dataclasses import dataclass
from typing import Final

from benchmarks import peer
from benchmarks.arena import Arena, arena, bug_arena
from benchmarks.child import Finished, run
from benchmarks.figures import Spread, Verdict, spread
from benchmarks.plan import NO_PEER, Plan, Report
from benchmarks.table import table

EXPECTED: Final = 0.5
"""Seconds from the command to the first execution with cached code, at most, on every target that does something."""

PACKAGES: Final = ("tomlkit", "dateutil")
"""Released packages that start-up is measured on besides, by the targets with their bugs."""

ROUND: Final = 1.5
"""Seconds of one round, about: for estimates."""

WITHIN: Final = 60.0

_STAMP: Final = "FUZZTUI_BENCHMARK_STAMP"

_EPILOGUE: Final = """

_real = {function}


def {function}(data: bytes) -> None:
    import os, time
    now = time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME)
    with open("/proc/self/stat") as stat, open(os.environ["{stamp}"], "a") as out:
        print(*now, stat.read().rpartition(")")[2].split()[19], file=out)
    _real(data)
"""
"""Has the target note when it is called, and when its process was started (in clock ticks since boot)."""


@dataclass(frozen=True, slots=True)
class StartUp:
    """Seconds, over the rounds."""

    target: str
    command_cold: Spread
    """From the start of `fuzztui run`; nothing is cached."""
    command_warm: Spread
    worker_cold: Spread
    """From the start of the worker's process."""
    worker_warm: Spread
    atheris: Spread | None


def measure(plan: Plan) -> Report:
    """Start each target again and again, for one execution."""
    rows = [_one(target, plan) for target in _targets(plan)]
    missing = "-" if plan.peer else NO_PEER
    text = table(
        "Start-up: seconds to the first execution, without and with cached instrumented code: median (least - most)",
        ("target", "command cold", "command warm", "worker cold", "worker warm", "Atheris"),
        [
            (
                row.target,
                str(row.command_cold),
                str(row.command_warm),
                str(row.worker_cold),
                str(row.worker_warm),
                missing if row.atheris is None else str(row.atheris),
            )
            for row in rows
        ],
    )
    return Report(rows, text, verdicts({row.target: row.command_warm for row in rows}))


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    return plan.rounds * ROUND * len(_targets(plan))


def verdicts(warm: dict[str, Spread]) -> list[Verdict]:
    """Whether nobody waits for a target whose instrumented code is cached."""
    something = {target: seconds for target, seconds in warm.items() if target != "empty"}
    if not something:
        return []
    worst = max(something, key=lambda target: something[target].median)
    name, seconds = f"start-up with cached code, worst target ({worst})", something[worst]
    return [Verdict(name, seconds.median, EXPECTED, at_least=False, unit=" s", spread=seconds)]


def _targets(plan: Plan) -> list[str]:
    return [*plan.targets, *(name for name in PACKAGES if name in plan.bugs)]


def _one(target: str, plan: Plan) -> StartUp:
    place = bug_arena if target in PACKAGES else arena
    cold, warm, peers = [], [], []
    for number in range(plan.rounds):
        plan.progress(f"startup: {target}, round {number + 1} of {plan.rounds}")
        with place(target, _EPILOGUE.format(function=f"fuzz_{target}", stamp=_STAMP)) as made:
            cold.append(_fuzztui(made))
            warm.append(_fuzztui(made))
            if plan.peer:
                peers.append(_atheris(made))
    return StartUp(
        target=target,
        command_cold=spread(command for command, _ in cold),
        command_warm=spread(command for command, _ in warm),
        worker_cold=spread(worker for _, worker in cold),
        worker_warm=spread(worker for _, worker in warm),
        atheris=spread(peers) if peers else None,
    )


def _fuzztui(made: Arena) -> tuple[float, float]:
    arguments = ("run", made.file, "--headless", "-j", 1, "-t", "1x")
    return _first_call(made, run("fuzztui", *arguments, within=WITHIN, environment=_stamp(made)))


def _atheris(made: Arena) -> float:
    packages = ",".join(peer.packages(made))
    options = ("-runs=1", "-verbosity=0", made.seeds)
    arguments = (made.file, packages, *options)
    finished = run("benchmarks.children.peer_fuzz", *arguments, within=WITHIN, environment=_stamp(made))
    return _first_call(made, finished)[0]


def _stamp(made: Arena) -> dict[str, str]:
    return {_STAMP: str(made.folder / "stamp")}


def _first_call(made: Arena, finished: Finished) -> tuple[float, float]:
    """Seconds to the first call since the command was started, and since the process of the target was."""
    stamp = made.folder / "stamp"
    called, since_boot, born = map(json.loads, stamp.read_text().splitlines()[0].split())
    stamp.unlink()
    return called - finished.started, since_boot - born / os.sysconf("SC_CLK_TCK")
