"""Seconds to the first execution."""

import json
import os
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks import peer
from benchmarks.arena import Arena, arena
from benchmarks.child import Finished, run
from benchmarks.plan import NO_PEER, Plan, Report
from benchmarks.table import cell, table

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
    """Medians over the rounds, in seconds."""

    target: str
    command_cold: float
    """From the start of `fuzztui run`; nothing is cached."""
    command_warm: float
    worker_cold: float
    """From the start of the worker's process."""
    worker_warm: float
    atheris: float | None


def measure(plan: Plan) -> Report:
    """Start each target again and again, for one execution."""
    rows = [_one(target, plan) for target in plan.targets]
    missing = "-" if plan.peer else NO_PEER
    text = table(
        "Start-up: seconds to the first execution, without and with cached instrumented code",
        ("target", "command cold", "command warm", "worker cold", "worker warm", "Atheris"),
        [
            (
                row.target,
                cell(row.command_cold, ".2f"),
                cell(row.command_warm, ".2f"),
                cell(row.worker_cold, ".2f"),
                cell(row.worker_warm, ".2f"),
                cell(row.atheris, ".2f", missing),
            )
            for row in rows
        ],
    )
    return Report(rows, text, [])


def _one(target: str, plan: Plan) -> StartUp:
    cold, warm, peers = [], [], []
    for number in range(plan.rounds):
        plan.progress(f"startup: {target}, round {number + 1} of {plan.rounds}")
        with arena(target, _EPILOGUE.format(function=f"fuzz_{target}", stamp=_STAMP)) as made:
            cold.append(_fuzztui(made))
            warm.append(_fuzztui(made))
            if plan.peer:
                peers.append(_atheris(made))
    return StartUp(
        target=target,
        command_cold=median(command for command, _ in cold),
        command_warm=median(command for command, _ in warm),
        worker_cold=median(worker for _, worker in cold),
        worker_warm=median(worker for _, worker in warm),
        atheris=median(peers) if peers else None,
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
