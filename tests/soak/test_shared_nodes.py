"""Eight nodes over one store, killed at random, the store killed, full and cut off meanwhile: nothing is lost.

The nodes are processes that have the exchange and nothing of the engine: what they find lies in a file, as the corpus
does, and is offered again by whoever comes after a killed one. The clocks of half of them are an hour ahead, as far as
the exchange looks at any.
"""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.engine.share.servers import RealServer, needs_server, server
from tests.support import wait_for

pytestmark = [pytest.mark.soak, pytest.mark.processes]

__all__ = ["server"]

NODES = 8
KILLS = 200

NODE = """
import sys, time
from pathlib import Path
from fuzztui.engine.share.exchange import Exchange
from fuzztui.engine.share.messages import Beat, Find, encode
from fuzztui.engine.share.place import parse_place
from fuzztui.engine.share.stores import store_at

name, place, folder, ahead = sys.argv[1], parse_place(sys.argv[2], Path("/")), Path(sys.argv[3]), float(sys.argv[4])
identity = f"{name}.{time.time_ns() & 0xFFFFFFFF:08x}"
exchange = Exchange(lambda: store_at(place, "0" * 32, identity), clock=lambda: time.monotonic() + ahead)
exchange.begin()
found, heard = folder / f"{name}.found", folder / f"{name}.heard"
known = set(heard.read_bytes().split()) if heard.exists() else set()
mine = found.read_bytes().split() if found.exists() else []
unsent = list(mine)
beats = 0
with found.open("ab", buffering=0) as disk, heard.open("ab", buffering=0) as log:
    while not (folder / "end").exists():
        if not (folder / "quiet").exists():
            find = b"%s-%d" % (name.encode(), len(mine))
            disk.write(find + b"\\n")
            mine.append(find)
            unsent.append(find)
        if exchange.has_lost_all:
            exchange.has_lost_all = False
            unsent = list(mine)
        while unsent and exchange.offer(encode(Find(unsent[0]))):
            unsent.pop(0)
        for _, message in exchange.take(1000):
            if message.data not in known:
                known.add(message.data)
                log.write(message.data + b"\\n")
        beats += 1
        exchange.tell(encode(Beat(name, "h", 1, beats, 2.0, "fuzzing", 1, 1, 1.0, 1, 1, 0, "1", "3")))
        time.sleep(0.05)
exchange.close(5.0)
while not exchange.has_ended:
    time.sleep(0.01)
assert not exchange.failure, exchange.failure
"""


class Campaign:
    """Nodes that are started anew when they are killed."""

    def __init__(self, folder: Path, place: str) -> None:
        self.folder = folder
        self._place = place
        self.nodes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        ahead = "3600" if int(name[1:]) % 2 else "0"
        command = [sys.executable, "-c", NODE, name, self._place, str(self.folder), ahead]
        self.nodes[name] = subprocess.Popen(command, stderr=subprocess.PIPE)

    def kill(self, name: str) -> None:
        node = self.nodes[name]
        node.send_signal(signal.SIGKILL)
        node.communicate()

    def lines(self, kind: str) -> dict[str, set[bytes]]:
        return {path.stem: set(path.read_bytes().split()) for path in self.folder.glob(f"*.{kind}")}

    def has_heard_all(self) -> bool:
        found, heard = self.lines("found"), self.lines("heard")
        return all(
            heard.get(name, set()) >= set().union(*(finds for other, finds in found.items() if other != name))
            for name in self.nodes
        )


@contextmanager
def campaign(folder: Path, place: str) -> Iterator[Campaign]:
    folder.mkdir()
    made = Campaign(folder, place)
    try:
        for number in range(NODES):
            made.start(f"n{number}")
        yield made
        (folder / "quiet").touch()
        wait_for(made.has_heard_all, "all finds on all nodes", 180.0)
        (folder / "end").touch()
        for name, node in made.nodes.items():
            _, errors = node.communicate(timeout=30)
            assert node.returncode == 0, f"{name}: {errors.decode()}"
    finally:
        for node in made.nodes.values():
            if node.poll() is None:
                node.kill()
                node.communicate()


def torment(made: Campaign, kills: int, events: dict[int, Callable[[], None]]) -> None:
    """Kill a random node again and again; `events`: what else happens before the kill of that number."""
    chance = random.Random(1)
    for number in range(kills):
        events.get(number, lambda: None)()
        name = chance.choice(list(made.nodes))
        wait_for((made.folder / f"{name}.heard").exists, f"{name} at work")
        time.sleep(chance.random() * 0.4)
        made.kill(name)
        made.start(name)


@needs_server
def test_nothing_is_lost_over_a_server_that_is_killed_full_stopped_and_emptied(
    tmp_path: Path, server: RealServer
) -> None:
    valkey = pytest.importorskip("valkey", reason="the package valkey is not installed")

    def configure(name: str, value: str) -> None:
        client = valkey.Valkey(port=server.port)
        client.config_set(name, value)
        client.close()

    def hold(seconds: float) -> None:
        """As a network that is cut: nobody answers, nobody is refused."""
        assert server.process is not None
        server.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        server.process.send_signal(signal.SIGCONT)

    def empty() -> None:
        client = valkey.Valkey(port=server.port)
        client.flushall()
        client.close()
        server.kill()  # so that nodes look whether it is the same one
        server.start()

    with campaign(tmp_path / "nodes", server.url) as made:
        torment(
            made,
            KILLS,
            {
                20: server.kill,
                25: server.start,
                60: lambda: configure("maxmemory", "1"),
                80: lambda: configure("maxmemory", "0"),
                110: lambda: hold(30.0),
                150: empty,
            },
        )


def test_nothing_is_lost_over_a_folder(tmp_path: Path) -> None:
    place = tmp_path / "shared"
    place.mkdir()
    away = tmp_path / "away"
    with campaign(tmp_path / "nodes", str(place)) as made:
        torment(made, KILLS // 4, {10: lambda: void(place.rename(away)), 15: lambda: void(away.rename(place))})


def void(_: object) -> None:
    """What comes back is not needed."""
