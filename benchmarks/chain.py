"""What a chain of bugs, each of which needs the find before, costs several nodes of one worker in CPU seconds, beside
one node with as many workers.
"""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.child import ROOT, MeasurementError
from benchmarks.figures import Spread, Verdict, spread
from benchmarks.plan import START, Effort, Plan, Report
from benchmarks.sharing import place_of, store, stores
from benchmarks.table import table

LEVELS: Final = 12
TRIES: Final = 400
"""Values of a block that all nodes together have to try until one leads on; half as many until another one is a bug."""

SLOTS: Final = 64
"""Processes that count their tries at a block, each by itself."""

_BUGS: Final = 32
"""Where the values that are bugs are kept, behind those that lead on; the counts follow."""

NODES: Final = (2, 4)
MOST_COST: Final = 1.3
"""Times the CPU seconds of one node with as many workers."""

QUICK: Final = Effort(seeds=3, limit=300.0)
FULL: Final = Effort(seeds=10, limit=300.0)

_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Chain:
    """One way to search for the chain."""

    nodes: int
    workers: int
    """Of each node."""
    store: str
    """Empty where there is one node."""
    cpu: Spread
    """Seconds of all nodes with all that belongs to them, of each from when it has loaded the target, until all bugs
    are known to one node or another.
    """
    start: float
    """Seconds that all of them took to load it, in the mean."""


def measure(plan: Plan) -> Report:
    """Search in each way, in turn, with as many random seeds as are wanted."""
    effort = plan.effort(QUICK, FULL)
    kinds = _kinds()
    found: dict[tuple[int, int, str], list[tuple[float, float]]] = {kind: [] for kind in kinds}
    for seed in range(1, effort.seeds + 1):
        for kind in kinds:
            nodes, workers, name = kind
            plan.progress(f"chain: {nodes} x {workers} {name}, seed {seed} of {effort.seeds}")
            found[kind].append(search(nodes, workers, name, seed, effort.limit))
    rows = [
        Chain(nodes, workers, name, spread(cpu for cpu, _ in these), sum(start for _, start in these) / len(these))
        for (nodes, workers, name), these in found.items()
    ]
    text = table(
        f"CPU seconds of all nodes to the last of {LEVELS} bugs, each of which needs the find before "
        f"({effort.seeds} random seeds: median, least - most), and to start",
        ("nodes", "workers of each", "store", "CPU seconds", "start"),
        [(str(row.nodes), str(row.workers), row.store or "-", str(row.cpu), f"{row.start:.1f}") for row in rows],
    )
    return Report(rows, text, verdicts(rows))


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    return plan.effort(QUICK, FULL).seeds * sum(20.0 + nodes * START for nodes, _, _ in _kinds())


def _kinds() -> list[tuple[int, int, str]]:
    alone = [(1, workers, "") for workers in (1, *NODES)]
    return alone + [(nodes, 1, name) for name in stores() for nodes in NODES]


def verdicts(rows: Sequence[Chain]) -> list[Verdict]:
    """Whether nodes need hardly more than workers do."""
    alone = {row.workers: row.cpu.median for row in rows if row.nodes == 1}
    return [
        Verdict(
            f"CPU of {row.nodes} nodes to the end of a chain, {row.store}",
            row.cpu.median / alone[row.nodes],
            MOST_COST,
            at_least=False,
            unit="x",
            of=f" one node with {row.nodes} workers",
        )
        for row in rows
        if row.nodes > 1
    ]


def source(levels: int = LEVELS, tries: int = TRIES) -> str:
    """A target whose levels are blocks of four bytes: nothing but trying gets through one, and nothing of one tells of
    the next.

    Which value leads on is decided when so many have been tried: the one that comes then, for all nodes. So how much
    has to be done until the end is no matter of luck, and all that differs is what was tried where somebody else had
    gone on already.
    """
    lines = [
        "from mmap import mmap",
        "from os import getpid",
        "from pathlib import Path",
        "from zlib import crc32",
        "",
        'with Path(__file__).with_name("state").open("r+b") as file:',
        '    state = memoryview(mmap(file.fileno(), 0)).cast("I")',
        "",
        "",
        "def leads_on(level: int, here: int) -> bool:",
        "    if decided := state[level]:",
        "        return here == decided",
        f"    first = {SLOTS} * level",
        f"    state[first + getpid() % {SLOTS}] += 1",
        f"    tried = sum(state[first : first + {SLOTS}])",
        f"    if tried >= {tries // 2} and not state[{_BUGS} + level]:",
        f"        state[{_BUGS} + level] = here",
        f"    if tried >= {tries}:",
        "        state[level] = here",
        f"    return tried >= {tries}",
        "",
        "",
    ]
    for level in range(levels, 0, -1):
        lines += [
            f"def level_{level}(data: bytes, before: int) -> None:",
            f"    here = crc32(data[{4 * level - 4}:{4 * level}], before) or 1",
            f"    if len(data) >= {4 * level} and leads_on({level}, here):",
            f"        {f'level_{level + 1}(data, here)' if level < levels else 'pass'}",
            f"    elif len(data) >= {4 * level} and here == state[{_BUGS} + {level}]:",
            f"        raise RuntimeError({f'bug {level}'!r})",
            "",
            "",
        ]
    return "\n".join([*lines, "def fuzz_chain(data: bytes) -> None:", "    level_1(data, 0)", ""])


def search(nodes: int, workers: int, name: str, seed: int, limit: float) -> tuple[float, float]:
    """CPU seconds of one search, and of its start. MeasurementError if it takes more than `limit` seconds of them."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="fuzztui-benchmark-")))
        (folder / "pyproject.toml").touch()
        (folder / "fuzz_chain.py").write_text(source(), "utf-8")
        (folder / "state").write_bytes(bytes(4 * SLOTS * (LEVELS + 1)))
        place = place_of(name, stack.enter_context(store(name)), 0) if name else "-"
        return stack.enter_context(_searching(folder, nodes, workers, place, seed)).run(limit)


class _Search:
    """Nodes that are at work."""

    def __init__(self, nodes: Sequence["subprocess.Popen[str]"]) -> None:
        self._nodes = nodes
        self._said: Queue[tuple[int, str]] = Queue()
        for number, node in enumerate(nodes):
            threading.Thread(target=self._listen, args=(number, node), daemon=True).start()

    def _listen(self, number: int, node: "subprocess.Popen[str]") -> None:
        assert node.stdout is not None, "it is a pipe"
        for line in node.stdout:
            self._said.put((number, line.strip()))
        self._said.put((number, "ended"))

    def run(self, limit: float) -> tuple[float, float]:
        """See `search`."""
        starts: dict[int, float] = {}
        bugs = set[str]()
        while len(bugs) < LEVELS:
            with contextlib.suppress(Empty):
                number, word = self._said.get(timeout=1.0)
                if word == "ended":
                    raise MeasurementError("a node of the chain ended by itself")
                if word == "ready":
                    starts[number] = _of_tree(self._nodes[number].pid)
                else:
                    bugs.add(word)
            if self.cpu() > limit:
                raise MeasurementError(f"{len(bugs)} of {LEVELS} bugs of the chain in {limit:g} CPU seconds")
        used = [_of_tree(node.pid) for node in self._nodes]
        start = sum(starts.get(number, seconds) for number, seconds in enumerate(used))
        return sum(used) - start, start

    def cpu(self) -> float:
        """Seconds that all nodes have had, with those that belong to them."""
        return sum(map(_of_tree, (node.pid for node in self._nodes)))


def _of_tree(pid: int) -> float:
    """Of a process and those that it has started, ended ones included."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    seconds = sum(map(int, fields[11:15])) / _TICKS
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # a thread that has just ended, or a child that counts with its parent now
            for child in (task / "children").read_text("ascii").split():
                seconds += _of_tree(int(child))
    return seconds


@contextlib.contextmanager
def _searching(folder: Path, nodes: int, workers: int, place: str, seed: int) -> Iterator[_Search]:
    command = [sys.executable, "-m", "benchmarks.children.sharing_chain", str(folder / "fuzz_chain.py"), "fuzz_chain"]
    started = [
        subprocess.Popen(
            [*command, str(folder), place, str(workers), str(100 * seed + number), f"n{number}"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(nodes)
    ]
    try:
        yield _Search(started)
    finally:
        for node in started:
            assert node.stdin is not None, "it is a pipe"
            with contextlib.suppress(OSError):
                node.stdin.close()
        until = time.monotonic() + 30.0
        for node in started:
            try:
                node.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                node.kill()
