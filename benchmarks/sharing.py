"""What sharing costs two nodes in executions a CPU second, and how soon a find of one is executed by the other.

The store is a folder, and a server where `valkey-server` or `redis-server` is installed. What a worker executes in a
second differs by a fifth from run to run, for it depends on the inputs that luck has led to. What a node takes beside
its worker, for the same number of executions, does not: what sharing adds to that is what it costs.
"""

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.arena import Arena, arena, bare_arena
from benchmarks.child import Finished, MeasurementError, run
from benchmarks.figures import Spread, Verdict, spread
from benchmarks.plan import START, Plan, Report
from benchmarks.table import table

TARGETS: Final = ("html", "json")
EXECUTIONS: Final = 200_000
"""Of each node: some seconds, in which nodes tell each other most."""

SECONDS: Final = 10.0
"""That they take, about."""

PINGS: Final = 40
WITHIN: Final = 180.0

MOST_COST: Final = {"folder": 0.03, "server": 0.05}
"""Share of the executions a CPU second that sharing may cost."""

SOON: Final = 1.0
"""Seconds after which 95 of 100 finds are executed elsewhere."""

_EPILOGUE: Final = """

_real = fuzz_empty


def fuzz_empty(data: bytes) -> None:
    if data.startswith(b"PING"):
        import os, time
        with open(os.environ["PINGS"], "a") as out:
            print(ascii(data)[2:-1], time.time(), file=out)
    _real(data)
"""


@dataclass(frozen=True, slots=True)
class Shared:
    """One kind of store."""

    store: str
    cost: dict[str, Spread]
    """By target, CPU seconds of the nodes without their workers that sharing adds, of all that they take without it;
    negative where it saves some.
    """
    foreign: dict[str, float]
    """By target, inputs of the other node that were run, in the mean."""
    latency: Spread
    """Seconds from an execution on the one node to that on the other."""
    late: float
    """The same, which 95 of 100 come below."""


def measure(plan: Plan) -> Report:
    """Run pairs of nodes, alone and sharing, in turn."""
    rows = []
    for name in stores():
        with store(name) as place:
            rows.append(_one(name, place, plan))
    text = table(
        "Sharing between two nodes of one worker each: executions a CPU second that it costs (median of rounds), "
        "inputs of the other that were run, and seconds until a find is executed by the other",
        ("store", *(f"cost, {target}" for target in _targets(plan)), "inputs", "median", "95 of 100"),
        [
            (
                row.store,
                *(f"{row.cost[target].median:+.1%}" for target in row.cost),
                " ".join(f"{number:.0f}" for number in row.foreign.values()),
                f"{row.latency.median:.2f} s",
                f"{row.late:.2f} s",
            )
            for row in rows
        ],
    )
    return Report(rows, text, verdicts(rows))


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    pair = 2 * (SECONDS + 4 * START)
    return len(stores()) * (plan.rounds * len(_targets(plan)) * pair + PINGS * 0.3 + 6)


def verdicts(rows: list[Shared]) -> list[Verdict]:
    """Whether it costs little, and finds are heard of soon."""
    found = []
    for row in rows:
        for target, cost in row.cost.items():
            most = MOST_COST[row.store]
            found.append(
                Verdict(f"cost of sharing over a {row.store} ({target})", cost.median, most, at_least=False, unit="")
            )
        found.append(Verdict(f"find to execution elsewhere, {row.store}", row.late, SOON, at_least=False, unit=" s"))
    return found


def stores() -> list[str]:
    """Those that can be had here."""
    return ["folder", "server"] if _program() and find_spec("valkey") else ["folder"]


def _program() -> str | None:
    return shutil.which("valkey-server") or shutil.which("redis-server")


def _targets(plan: Plan) -> list[str]:
    return [target for target in TARGETS if target in plan.targets]


@contextlib.contextmanager
def store(name: str) -> Iterator[str]:
    """A place to share at for as long as the context lasts."""
    with TemporaryDirectory(prefix="fuzztui-benchmark-store-") as folder:
        if name == "folder":
            yield folder
            return
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        program = _program()
        assert program is not None, "it was looked for"
        command = [
            program,
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--dir",
            folder,
            "--save",
            "",
            "--databases",
            "64",
        ]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            try:
                _await(port)
                yield f"valkey://127.0.0.1:{port}"
            finally:
                server.terminate()


def _await(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise MeasurementError(f"no server answers on port {port}")


def _one(name: str, place: str, plan: Plan) -> Shared:
    cost: dict[str, Spread] = {}
    foreign: dict[str, float] = {}
    fresh = _fresh(name, place)
    for target in _targets(plan):
        costs, inputs = [], []
        for number in range(plan.rounds):
            plan.progress(f"sharing: {name}, {target}, round {number + 1} of {plan.rounds}")
            alone, shared = _used(target, "-"), _used(target, next(fresh))
            costs.append((shared.own - alone.own) / alone.cpu)
            inputs.append(shared.run)
        cost[target] = spread(costs)
        foreign[target] = sum(inputs) / len(inputs)
    plan.progress(f"sharing: {name}, latency")
    seconds = _latencies(next(fresh))
    return Shared(name, cost, foreign, spread(seconds), sorted(seconds)[int(0.95 * len(seconds))])


def _fresh(name: str, place: str) -> Iterator[str]:
    """Places of which nobody knows anything: folders, or databases of the server."""
    for number in count():
        yield place_of(name, place, number)


def place_of(name: str, place: str, number: int) -> str:
    """One of the places within a store of which nobody knows anything."""
    if name != "folder":
        return f"{place}/{number}"
    folder = Path(place, str(number))
    folder.mkdir()
    return str(folder)


@dataclass(frozen=True, slots=True)
class _Used:
    """What two nodes have used."""

    own: float
    """CPU seconds of an execution, without their workers."""
    cpu: float
    """With them."""
    run: int
    """Inputs of the other that were run."""


def _used(target: str, place: str) -> _Used:
    with arena(target) as made:
        arguments = (made.file, made.function, EXECUTIONS, made.folder, place)
        result = run("benchmarks.children.shared_nodes", *arguments, within=WITHIN).result()
        executions = result["executions"]
        return _Used(result["own"] / executions, result["cpu"] / executions, result["run"])


def _latencies(place: str) -> list[float]:
    with bare_arena("empty", epilogue=_EPILOGUE) as made:
        seconds: list[float] = _pinged(made, place).result()
    if len(seconds) < PINGS:
        raise MeasurementError(f"{len(seconds)} of {PINGS} inputs were executed on both nodes")
    return seconds


def _pinged(made: Arena, place: str) -> Finished:
    arguments = (made.file, made.function, made.folder, place, PINGS)
    return run("benchmarks.children.sharing_latency", *arguments, within=WITHIN)
