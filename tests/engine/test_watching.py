"""A session that watches a campaign: it shows what nodes tell, and tells nothing as long as nobody steers one."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from fuzztui.engine.live.wishes import AddWorker, OrderNode
from fuzztui.engine.share import exchange as exchange_module
from fuzztui.engine.share.campaigns import Found, campaigns_at
from fuzztui.engine.share.exchange import Exchange
from fuzztui.engine.share.folder import FolderStore
from fuzztui.engine.share.messages import Crash, Find, MalformedMessageError, Order, decode_beat, decode_message, encode
from fuzztui.engine.share.messages import topic_of as topic
from fuzztui.engine.share.place import FolderPlace
from fuzztui.engine.show.crasher import Confirmation
from fuzztui.engine.show.events import CrasherConfirmed, CrasherFound, Ended, Event, NodeChanged, Steered, Warned
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.text import label
from fuzztui.engine.watched import Watched
from fuzztui.engine.watching import WatchSession
from fuzztui.plain.json_lines import json_lines
from fuzztui.plain.watch_lines import WatchLines
from fuzztui.protocol.identity import identity
from tests.engine.share.memory_store import MemoryStore, Server, beat
from tests.engine.share.test_records import BUCKET, record
from tests.support import wait_for

A, B = "a.00000000", "b.11111111"
TARGET = "fuzz_it.py::fuzz_it"
PLACE = FolderPlace(Path("/nowhere"))
FOUND = Found(topic(TARGET, ["bytes"]), TARGET, ("bytes",), 2)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange_module, "FIRST_RETRY", 0.01)
    monkeypatch.setattr(exchange_module, "BEAT", 0.02)
    monkeypatch.setattr("fuzztui.engine.watching.STEP", 0.01)


class Watcher:
    def __init__(self, server: Server, limit: float | None = None) -> None:
        self.id = ""
        self.events: list[Event] = []
        self.outcome: Outcome | None = None

        def exchange(_: Found, node: str) -> Exchange:
            self.id = node
            return Exchange(lambda: MemoryStore(server, node))

        self.session = WatchSession(PLACE, FOUND, limit, exchange=exchange)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self.outcome = self.session.run(self.events.append)

    def end(self) -> Outcome:
        self.session.stop()
        self._thread.join(20)
        assert self.outcome is not None
        return self.outcome

    def until(self, condition: Callable[[], object], what: str) -> None:
        wait_for(condition, what)


@contextmanager
def watching(server: Server) -> Iterator[Watcher]:
    watcher = Watcher(server)
    try:
        yield watcher
    finally:
        watcher.end()


def crash(data: bytes = b"bad", bucket: str = BUCKET, smallest: bytes = b"", **changes: object) -> bytes:
    told = replace(record(data, bucket), **changes)  # type: ignore[arg-type]
    return encode(Crash(data, [], told.to_json(), smallest))


def test_what_nodes_tell_is_shown_and_nothing_is_written() -> None:
    server = Server()
    server.says(A, encode(Find(b"x")), crash())
    server.beats[A] = beat(A, executions=1_000, rate=10.0, edges=7, corpus=3, edges_total=9)
    server.says(B, crash(confirmation=Confirmation(3, 3)))
    server.beats[B] = beat(B, executions=500, rate=5.0, edges=5, corpus=4, state="ended")
    with watching(server) as watcher:
        shown = watcher.session.snapshot
        watcher.until(lambda: shown().crashers and shown().crashers[0].confirmation, "what is known of the crasher")
        watcher.until(lambda: len(shown().sharing.nodes) == 2, "both nodes")
        snapshot = shown()
    (crasher,) = snapshot.crashers
    assert (crasher.data, crasher.failure.title, sorted(crasher.nodes)) == (b"bad", "ValueError in decode", ["a", "b"])
    assert crasher.hits == 4  # two on each
    assert not crasher.is_lost
    assert [(row.name, row.words) for row in snapshot.sharing.nodes] == [("a", "fuzzing"), ("b", "ended")]
    assert (snapshot.executions, snapshot.rate, snapshot.edges, snapshot.edges_total, snapshot.corpus) == (
        1_500, 10.0, 7, 9, 4,
    )  # fmt: skip
    assert snapshot.is_watched
    assert snapshot.sharing.words == "1 node"
    told = [event for event in watcher.events if isinstance(event, CrasherFound | CrasherConfirmed)]
    assert [type(event) for event in told] in (
        [CrasherFound, CrasherConfirmed],
        [CrasherFound, CrasherConfirmed, CrasherConfirmed],  # that of a came later, and knew less
    )
    assert {event.node.name for event in watcher.events if isinstance(event, NodeChanged)} == {"a", "b"}
    assert set(server.logs) == set(server.beats) == {A, B}


def test_its_exit_status_says_whether_there_is_a_crasher() -> None:
    server = Server()
    server.says(A)
    watcher = Watcher(server, limit=0.3)
    watcher.until(lambda: watcher.outcome, "the limit")
    assert watcher.outcome is not None
    assert (watcher.outcome.reason, watcher.outcome.exit_code) == (StopReason.TIME_LIMIT, 0)
    assert isinstance(watcher.events[-1], Ended)
    server.says(A, crash())
    with watching(server) as again:
        again.until(lambda: again.session.snapshot().crashers, "the crasher")
        assert again.end().exit_code == 1


def test_a_node_is_asked_by_somebody_who_is_no_node_to_others() -> None:
    server = Server()
    server.says(A)
    with watching(server) as watcher:
        watcher.until(lambda: watcher.session.snapshot().sharing.nodes, "the node")
        watcher.session.steer(AddWorker())  # of a run, and there is none
        watcher.session.steer(OrderNode(label(A), 1, "pause"))
        watcher.until(lambda: server.logs.get(watcher.id), "the order")
        watcher.until(lambda: watcher.id in server.beats, "its word")
        with watching(server) as other:
            other.until(lambda: other.session.snapshot().sharing.nodes, "the node")
            assert [row.name for row in other.session.snapshot().sharing.nodes] == ["a"]
        told = decode_beat(server.beats[watcher.id])
        assert told is not None
        assert told.watches
    assert [decode_message(content) for content in server.logs[watcher.id]] == [Order(A, 1, "pause")]
    assert b"ended" in server.beats[watcher.id]
    (steered,) = [event for event in watcher.events if isinstance(event, Steered)]
    assert steered.message == "node a.00000000 is asked to pause worker 1"


def test_a_store_that_goes_away_is_told_of_and_ends_nothing() -> None:
    server = Server()
    server.says(A)
    with watching(server) as watcher:
        shown = watcher.session.snapshot
        watcher.until(lambda: shown().sharing.nodes, "the node")
        server.is_away = True
        watcher.until(lambda: shown().sharing.words == "store away", "the break")
        watcher.session.steer(OrderNode(label(A), 1, "pause"))
        watcher.until(lambda: any(isinstance(event, Steered) and event.is_refused for event in watcher.events), "that")
        server.is_away = False
        watcher.until(lambda: shown().sharing.words == "1 node", "the end of it")
    assert [event.message for event in watcher.events if isinstance(event, Warned)] == ["/nowhere: it is away"]


def test_lines_say_what_nodes_do() -> None:
    server = Server()
    server.says(A, crash())
    with watching(server) as watcher:
        watcher.until(lambda: watcher.session.snapshot().crashers, "the crasher")
        watcher.until(lambda: watcher.session.snapshot().sharing.nodes, "the node")
    lines = WatchLines()
    printed = "\n".join(filter(None, map(lines, watcher.events)))
    assert "--- crasher: ValueError: /etc/passwd is no number" in printed
    assert "    kept by: node a" in printed
    assert "node a on far: fuzzing, 1 worker" in printed
    assert printed.splitlines()[-2].startswith(
        "    execs: 10 (5/sec), corpus: 2, edges: 3, crashers: 1 (2 hits), 1 node"
    )
    assert "NOT STORED" not in printed
    in_json = "\n".join(map(json_lines, watcher.events))
    assert '"event": "node"' in in_json
    assert '"nodes": ["a"]' in in_json


# Crashers -------------------------------------------------------------------------------------------------------------


def heard(watched: Watched, content: bytes) -> object:
    message = decode_message(content)
    assert isinstance(message, Crash)
    return watched.hear(A, label("a"), message, 1.0)


def test_the_smallest_input_is_shown_if_it_is_the_one_that_the_record_names() -> None:
    from fuzztui.engine.keep.record import Smallest

    watched = Watched(("bytes",))
    least = Smallest(sha256(b"b").hexdigest(), 1, before=3, values=label("b'b'"), executions=9, is_smallest=True)
    heard(watched, crash(minimized=least, smallest=b"other"))
    (before,) = watched.crashers
    assert before.minimized is None
    heard(watched, crash(minimized=least, smallest=b"b"))
    minimized = watched.crashers[0].minimized
    assert minimized is not None
    assert (minimized.data, minimized.sentence) == (b"b", "minimized: 3 B -> 1 B in 9 executions")


def test_what_is_no_crasher_is_refused_and_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(())
    with pytest.raises(MalformedMessageError):
        watched.hear(A, label("a"), Crash(b"x", [], record(b"y").to_json()), 0.0)
    monkeypatch.setattr("fuzztui.engine.watched.MOST_BYTES", 10_000)
    for number in range(20):
        heard(watched, crash(b"%d" % number, identity("bucket", [str(number)])))
    assert 1 < len(watched.crashers) < 20
    assert watched.left_out == 20 - len(watched.crashers)


# Which campaign -------------------------------------------------------------------------------------------------------


def come(folder: Path, target: str, *nodes: str, told: str | None = None) -> str:
    name = topic(target, ["bytes"])
    for node in nodes:
        store = FolderStore(folder, name, node)
        store.open()
        store.tell(beat(node, target=told if told is not None else target, parameters=["bytes"]))
    return name


def test_campaigns_are_named_by_what_their_nodes_tell_if_that_is_true(tmp_path: Path) -> None:
    first = come(tmp_path, "b.py::fuzz", A, B)
    second = come(tmp_path, "a.py::fuzz", A)
    lying = come(tmp_path, "c.py::fuzz", A, told="b.py::fuzz")
    (tmp_path / ("f" * 32)).mkdir()
    (tmp_path / "something else").mkdir()
    assert campaigns_at(FolderPlace(tmp_path)) == [
        Found(lying, "", (), 1),
        Found(second, "a.py::fuzz", ("bytes",), 1),
        Found(first, "b.py::fuzz", ("bytes",), 2),
    ]


def test_a_campaign_may_begin_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fuzztui.engine.watching.FIND_AGAIN", 0.01)
    session = WatchSession(FolderPlace(tmp_path), None)
    assert session.snapshot().target_id == "no node yet"
    thread = threading.Thread(target=session.run, args=(lambda _: None,))
    thread.start()
    try:
        wait_for(lambda: session.snapshot().version > 2, "a look")
        come(tmp_path, TARGET, A)
        wait_for(lambda: session.snapshot().sharing.nodes, "the node")
        assert session.snapshot().target_id == TARGET
    finally:
        session.stop()
        thread.join(20)
