"""Eight nodes that are whole runs, each in a network of its own, tormented over a server and over a folder.

Half of them have another version of the target, half of them a clock that is an hour ahead. The server is killed, its
disk is really full, its memory limit is reached, links are cut, and nodes are killed all the time: what one node has on
its disk is on all others in the end.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from tests.engine.share.servers import RealServer, needs_server
from tests.support import wait_for

pytestmark = [pytest.mark.soak, pytest.mark.processes]

NODES = 8
KILLS = 200
CUT_SECONDS = 30.0

GATES, BUGS = 512, 32
ODDS = 1 << 20
"""Inputs among which each gate and each bug is met once, in the mean."""

MOST_GROWTH = 24 << 20
"""Bytes by which the coordinator of the node that is never killed may grow while others come and go."""

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


def tree(low: int, high: int, indent: int, is_second: bool) -> list[str]:
    """Statements that reach a line of its own for each number."""
    space = "    " * indent
    if high - low == 1:
        if low < GATES:
            return [f"{space}reached = {low}"]
        is_mended = is_second and low % 2 == 0
        return [f"{space}reached = {low}" if is_mended else f"{space}raise ValueError({low})"]
    middle = (low + high) // 2
    first, second = (tree(*part, indent + 1, is_second) for part in ((low, middle), (middle, high)))
    return [f"{space}if number < {middle}:", *first, f"{space}else:", *second]


def source(is_second: bool) -> str:
    return "\n".join(
        [
            "from zlib import crc32",
            "",
            *(["# Another version, in which half of the bugs are mended."] * 3 if is_second else []),
            "def fuzz_gates(data: bytes) -> None:",
            f"    number = crc32(data) % {ODDS}",
            f"    if number >= {GATES + BUGS}:",
            "        return",
            *tree(0, GATES + BUGS, 1, is_second),
            "",
        ]
    )


def run_as_root(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


class Node:
    """A run that is started again whenever it is killed, with what it has on its disk."""

    def __init__(self, number: int, folder: Path, place: str, prefix: tuple[str, ...]) -> None:
        self.name = f"n{number}"
        self.is_second = number >= NODES // 2
        self.folder = folder / self.name
        self._place = place
        self._prefix = prefix
        self._is_ahead = number % 2 == 1
        self.folder.mkdir(parents=True)
        (self.folder / "pyproject.toml").touch()
        (self.folder / "fuzz_gates.py").write_text(source(self.is_second))
        self.log = self.folder / "log"
        self._began_at = 0
        self.start()

    def start(self) -> None:
        environment = dict(os.environ, NO_FAKE_STAT="1", DONT_FAKE_MONOTONIC="1")
        if self._is_ahead and FAKETIME is not None:
            environment.update(LD_PRELOAD=str(FAKETIME), FAKETIME="+1h")
        command = [*self._prefix, sys.executable, "-m", "fuzztui", "run", "fuzz_gates.py", "-j", "1", "--json"]
        self._began_at = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--keep-fuzzing", "--share", self._place, "--node", self.name],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def told(self) -> list[dict[str, Any]]:
        """What the run that goes on has told."""
        with self.log.open("rb") as log:
            log.seek(self._began_at)
            lines = log.read().splitlines()
        return [json.loads(line) for line in lines if line.startswith(b"{") and line.endswith(b"}")]

    def is_fuzzing(self) -> bool:
        assert self.process.poll() is None, f"{self.name} has ended by itself:\n{self.log.read_text()[-3000:]}"
        return any(line.get("event") == "phase" and line.get("phase") == "fuzzing" for line in self.told())

    def has(self, known: set[int]) -> bool:
        return known <= self.knows()

    def has_executed_more_than(self, executions: int) -> bool:
        return self.executions > executions

    @property
    def executions(self) -> int:
        return max((int(str(line["execs"])) for line in self.told() if line.get("event") == "stats"), default=0)

    def wait(self, condition: Callable[[], bool], what: str, seconds: float = 300.0) -> None:
        wait_for(condition, f"{self.name}: {what}", seconds)

    @property
    def memory(self) -> int:
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def knows(self) -> set[int]:
        """Gates and bugs that inputs on its disk reach, but for the gate of the empty input: who has begun with that
        need not keep it.
        """
        found = set()
        for path in self.folder.rglob("*"):
            if len(path.name) == 64 and path.is_file():
                number = crc32(path.read_bytes()) % ODDS
                if 0 < number < GATES + BUGS:
                    found.add(number)
        return found


@contextmanager
def networks(count: int) -> Iterator[tuple[str, list[tuple[str, ...]], Callable[[int, str], None]]]:
    """So many networks that reach one address of this machine: that, what to run a command in each by, and what sets
    the link of one `up` or `down`.
    """
    mark = f"{os.getpid() % 10_000}"
    bridge, address = f"fzb{mark}", f"10.213.{os.getpid() % 250}"
    with ExitStack() as undo:
        try:
            run_as_root("ip", "link", "add", bridge, "type", "bridge")
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("networks can be made by root only")
        undo.callback(run_as_root, "ip", "link", "del", bridge)
        run_as_root("ip", "addr", "add", f"{address}.1/24", "dev", bridge)
        run_as_root("ip", "link", "set", bridge, "up")
        for number in range(count):
            space, here, there = f"fz{mark}-{number}", f"fzh{mark}-{number}", f"fzt{mark}-{number}"
            run_as_root("ip", "netns", "add", space)
            undo.callback(run_as_root, "ip", "netns", "del", space)
            run_as_root("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", space)
            run_as_root("ip", "link", "set", here, "master", bridge, "up")
            within = ("ip", "netns", "exec", space)
            run_as_root(*within, "ip", "addr", "add", f"{address}.{number + 10}/24", "dev", there)
            run_as_root(*within, "ip", "link", "set", there, "up")
            run_as_root(*within, "ip", "link", "set", "lo", "up")
        yield (
            f"{address}.1",
            [("ip", "netns", "exec", f"fz{mark}-{number}") for number in range(count)],
            lambda number, state: run_as_root("ip", "link", "set", f"fzh{mark}-{number}", state),
        )


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    folder.mkdir()
    try:
        run_as_root("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder))
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("file systems can be mounted by root only")
    try:
        yield folder
    finally:
        run_as_root("umount", str(folder))


@contextmanager
def campaign(folder: Path, place: str, prefixes: list[tuple[str, ...]]) -> Iterator[list[Node]]:
    """Nodes at work, which have all that any of them has in the end."""
    nodes: list[Node] = []
    try:
        for number in range(NODES):
            nodes.append(Node(number, folder, place, prefixes[number]))
        for node in nodes:
            node.wait(node.is_fuzzing, "at work")
        yield nodes
        known = set[int]().union(*(node.knows() for node in nodes))
        executions = {node.name: node.executions for node in nodes}
        for node in nodes:
            node.wait(partial(node.has, known), f"all of {len(known)} finds")
            node.wait(partial(node.has_executed_more_than, executions[node.name]), "more executions")
        assert len(known) > GATES // 4, "hardly anything was found"
        for node in nodes:
            node.process.send_signal(signal.SIGTERM)  # which who runs this in the background does not ignore
        for node in nodes:
            assert node.process.wait(300) in (0, 1), f"{node.name}: {node.log.read_text()[-3000:]}"
    finally:
        for node in nodes:
            if node.process.poll() is None:
                node.kill()


def torment(nodes: list[Node], kills: int, events: dict[int, Callable[[], object]]) -> None:
    """Kill a random node but the first again and again; `events`: what else happens before the kill of that number."""
    chance = random.Random(1)
    before = 0
    for number in range(kills):
        events.get(number, lambda: None)()
        victim = chance.choice(nodes[1:])
        victim.wait(victim.is_fuzzing, "at work")
        time.sleep(chance.random() * 0.4)
        victim.kill()
        victim.start()
        if number == kills // 4:
            before = nodes[0].memory
    grown = nodes[0].memory - before
    assert grown < MOST_GROWTH, f"the first node has grown by {grown:,} bytes"


@needs_server
@pytest.mark.skipif(shutil.which("ip") is None, reason="there is no program `ip` here")
def test_nothing_is_lost_over_a_server_whatever_becomes_of_it(tmp_path: Path) -> None:
    valkey = pytest.importorskip("valkey", reason="the package valkey is not installed")
    with (
        networks(NODES) as (address, prefixes, link),
        small_disk(tmp_path / "server") as disk,
    ):
        server = RealServer(disk, "--protected-mode", "no", host=address)
        server.start()
        ballast = disk / "ballast"

        def fill() -> None:
            with pytest.raises(OSError, match="No space left"):
                ballast.write_bytes(bytes(16 << 20))

        def allow(memory: str) -> None:
            with valkey.Valkey(host=address, port=server.port) as client:
                client.config_set("maxmemory", memory)

        def cut() -> None:
            for number in (1, 2, 5):
                link(number, "down")
                threading.Timer(CUT_SECONDS, link, (number, "up")).start()

        try:
            with campaign(tmp_path / "nodes", server.url, prefixes) as nodes:
                torment(
                    nodes,
                    KILLS,
                    {
                        KILLS // 10: server.kill,
                        KILLS // 8: server.start,
                        KILLS * 3 // 10: fill,
                        KILLS * 4 // 10: ballast.unlink,
                        KILLS // 2: lambda: allow("1"),
                        KILLS * 6 // 10: lambda: allow("0"),
                        KILLS * 7 // 10: cut,
                    },
                )
        finally:
            server.stop()


def test_nothing_is_lost_over_a_folder_that_is_away_for_a_while(tmp_path: Path) -> None:
    place, away, lost = tmp_path / "shared", tmp_path / "away", tmp_path / "lost"
    place.mkdir()
    kills = KILLS // 4

    def unmount() -> None:
        place.rename(away)
        place.mkdir(exist_ok=True)  # what lies under the mount, in which the nodes go on

    def mount() -> None:
        place.rename(lost)
        away.rename(place)

    with campaign(tmp_path / "nodes", str(place), [()] * NODES) as nodes:
        torment(nodes, kills, {kills // 4: unmount, kills // 2: mount})
