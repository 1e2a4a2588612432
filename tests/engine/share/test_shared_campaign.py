"""A run as a node: what it publishes, what it says at its end, what it shows of the others."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fuzztui.engine.live.wishes import OrderNode
from fuzztui.engine.running.clock import RunClock
from fuzztui.engine.running.composer import Composer
from fuzztui.engine.running.run_state import RunState
from fuzztui.engine.share import exchange as exchange_module
from fuzztui.engine.share.exchange import Exchange
from fuzztui.engine.share.messages import LONGEST, Claim, Crash, Find, Order, decode_message, encode
from fuzztui.engine.share.place import FolderPlace, Place, ServerPlace
from fuzztui.engine.sharing import SharedCampaign
from fuzztui.engine.show.crasher import Confirmation
from fuzztui.engine.show.sharing import NodeRow
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import label
from fuzztui.engine.work.baseline import Baseline
from fuzztui.engine.work.from_others import FromOthers
from tests.engine.share.memory_store import MemoryStore, Server, beat
from tests.engine.work.scripted import Work, failure
from tests.support import wait_for

OTHER = "other.11111111"


class Node:
    """A run without processes that is a node of a campaign."""

    def __init__(self, folder: Path, server: Server, place: Place | None = None, *, is_fuzzing: bool = True) -> None:
        self.work = Work(folder, share=place or FolderPlace(folder))
        self.worker = self.work.fuzzing(b"seed") if is_fuzzing else self.work.begin(b"seed", b"more").worker()
        self.warnings: dict[str, str] = {}
        self.woken = 0
        self.ordered: list[str] = []
        self.shared = SharedCampaign(
            place or FolderPlace(folder),
            replace(self.work.options, node="me"),
            self.work.search,
            self.work.job(FromOthers),
            self.work.job(Baseline),
            RunClock(self.work.clock),
            lambda topic, sentence: self.warnings.update({topic: sentence}),
            self._wake,
            self,
            Exchange(lambda: MemoryStore(server, self.shared.id)),
        )
        self.shared.begin()
        self._server = server

    def stop_worker(self, worker: int) -> None:
        self.ordered.append(f"stop {worker}")

    def pause_worker(self, worker: int, paused: bool) -> None:
        self.ordered.append(f"{'pause' if paused else 'resume'} {worker}")

    def _wake(self) -> None:
        self.woken += 1

    def snapshot(self) -> Snapshot:
        composer = Composer(self.work.options, RunClock(self.work.clock))
        return composer.compose(RunState(stop_on_crash=False), self.work.search, None, ())

    def look(self, **given: bool) -> None:
        self.work.clock.now += 1.0
        self.shared.look(self.snapshot(), **given)

    def published(self) -> list[object]:
        wait_for(self.has_heard, "what was told before")
        self.look()
        wait_for(lambda: self.is_published(), "all of it")
        return [message for message in self.all_published() if not isinstance(message, Claim)]

    def all_published(self) -> list[object]:
        return [decode_message(content) for content in self._server.logs.get(self.shared.id, [])]

    def has_heard(self) -> bool:
        self.look()
        exchange = self.shared._exchange
        return exchange is not None and exchange.has_caught_up

    def is_published(self) -> bool:
        exchange = self.shared._exchange
        return exchange is not None and exchange.is_connected and not exchange.waiting

    def finds(self, data: bytes, *edges: int) -> None:
        self.worker.ask()
        self.worker.finds(data, *edges)
        self.worker.done()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange_module, "FIRST_RETRY", 0.01)
    monkeypatch.setattr(exchange_module, "BEAT", 0.02)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def node(tmp_path: Path, server: Server) -> Iterator[Node]:
    made = Node(tmp_path, server)
    yield made
    made.shared.abandon()


def test_what_the_corpus_has_and_what_is_found_is_published_once(node: Node) -> None:
    assert node.published() == [Find(b"seed")]
    node.finds(b"new", 7)
    node.finds(b"newer", 8)
    assert node.published() == [Find(b"seed"), Find(b"new"), Find(b"newer")]
    assert len(node.published()) == 3


def test_what_a_node_has_on_its_disk_is_not_told_again_where_somebody_has_told_it(
    tmp_path: Path, server: Server
) -> None:
    server.says(OTHER, *(encode(Find(b"filler %d" % number)) for number in range(200)), encode(Find(b"seed")))
    server.is_away = True
    node = Node(tmp_path, server)
    try:
        node.finds(b"new", 7)
        node.look()
        server.is_away = False
        assert node.published() == [Find(b"new")]
        server.is_away = True
        exchange = node.shared._exchange
        assert exchange is not None
        wait_for(lambda: not exchange.is_connected, "the break")
        server.lose_all()
        server.is_away = False
        wait_for(lambda: exchange.has_lost_all, "the loss")
        assert Find(b"seed") in node.published()  # whoever has told it may have ended
    finally:
        node.shared.abandon()


def test_what_others_have_found_is_run_and_not_published_again(node: Node, server: Server) -> None:
    node.published()
    server.says(OTHER, encode(Find(b"theirs")))

    def has_come() -> int:
        node.look()
        return node.woken

    wait_for(has_come, "what the other has found")
    assert node.worker.ask() == [b"theirs"]
    node.worker.clean(9)
    node.worker.done()
    assert node.published() == [Find(b"seed")]
    shown = node.shared.shown(node.snapshot())
    assert (shown.received, shown.run, shown.taken, shown.failing) == (1, 1, 1, 0)


def test_nothing_is_taken_that_nobody_will_run(node: Node, server: Server) -> None:
    node.published()
    server.says(OTHER, encode(Find(b"theirs")))
    exchange = node.shared._exchange
    assert exchange is not None
    wait_for(lambda: any(peer.unread for peer in exchange.peers().values()), "what the other has found")
    node.look(takes=False)
    assert not node.woken


def test_a_crasher_is_published_when_it_is_met_and_when_more_is_known_of_it(node: Node) -> None:
    node.published()
    node.worker.ask()
    node.worker.fails("A", b"bad")
    node.worker.done()
    (_, met) = node.published()
    assert isinstance(met, Crash)
    assert met.data == b"bad"
    node.work.search.confirm(failure("A").id, Confirmation(10, 0, before=2), (b"first", b"second"))
    (_, _, confirmed) = node.published()
    assert isinstance(confirmed, Crash)
    assert confirmed.before == [b"first", b"second"]
    assert b"needs state" in confirmed.record
    assert len(node.published()) == 3


def test_a_store_that_has_lost_everything_gets_it_again(node: Node, server: Server) -> None:
    node.finds(b"new", 7)
    before = node.published()
    server.is_away = True
    exchange = node.shared._exchange
    assert exchange is not None
    wait_for(lambda: not exchange.is_connected, "the break")
    server.lose_all()
    server.is_away = False
    wait_for(lambda: exchange.has_lost_all, "the loss")
    assert {str(message) for message in node.published()} == set(map(str, before))


def test_what_is_found_while_the_store_is_away_waits_and_is_counted(node: Node, server: Server) -> None:
    node.published()
    server.is_away = True
    exchange = node.shared._exchange
    assert exchange is not None
    wait_for(lambda: not exchange.is_connected, "the break")
    for number in range(600):
        node.finds(b"find %d" % number, 10 + number)
    node.look()
    shown = node.shared.shown(node.snapshot())
    assert shown.waiting >= 600
    assert shown.words == f"store away, {shown.waiting} finds wait"
    assert exchange.waiting <= exchange_module.MOST_WAITING + 1
    server.is_away = False

    def is_done() -> bool:
        node.look()
        return node.is_published()

    wait_for(is_done, "all of them")
    assert {message.data for message in node.published() if isinstance(message, Find)} == {
        b"seed",
        *(b"find %d" % number for number in range(600)),
    }


async def test_the_end_publishes_the_last_find_and_says_goodbye(node: Node, server: Server) -> None:
    node.published()
    node.finds(b"last", 7)
    await node.shared.finish(node.snapshot())
    assert decode_message(server.logs[node.shared.id][-1]) == Find(b"last")
    assert b"ended" in server.beats[node.shared.id]
    assert not node.warnings


async def test_a_run_that_ends_in_its_baseline_tells_of_the_crasher_that_ended_it(
    tmp_path: Path, server: Server
) -> None:
    node = Node(tmp_path, server, is_fuzzing=False)
    node.worker.ask()
    node.worker.fails("A")
    await node.shared.finish(node.snapshot())
    (met,) = [decode_message(content) for content in server.logs[node.shared.id]]
    assert isinstance(met, Crash)
    assert not node.warnings
    assert node.shared.shown(node.snapshot()).waiting == 0


async def test_the_end_says_what_stays_here(node: Node, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fuzztui.engine.sharing.LAST_PATIENCE", 0.05)
    server.is_away = True
    exchange = node.shared._exchange
    assert exchange is not None
    wait_for(lambda: exchange.problem == "it is away", "the break")
    node.finds(b"last", 7)
    await node.shared.finish(node.snapshot())
    assert node.warnings["unsent"] == "2 finds and crashers stay here, others have not been told: it is away"


def test_what_is_too_large_is_told_of(node: Node) -> None:
    node.published()
    node.work.search.capacity = 4 * LONGEST
    node.finds(bytes(LONGEST), 7)
    assert len(node.published()) == 1
    assert "1 inputs of over 1,048,576 bytes are not shared" in node.warnings["large"]


def test_nodes_are_shown_with_how_they_fare(tmp_path: Path, server: Server) -> None:
    server.says(OTHER)  # before this node comes
    node = Node(tmp_path, server)
    node.published()
    assert [row.name for row in node.shared.shown(node.snapshot()).nodes] == ["me"]  # it may be long gone
    server.beats[OTHER] = beat(OTHER, 2, executions=1 << 60, rate=float("nan"), edges=-5, host="\x1b[2J" * 99)

    def others() -> list[NodeRow]:
        node.look()
        return list(node.shared.shown(node.snapshot()).nodes[1:])

    (row,) = wait_for(others, "the other node")
    assert (row.name, row.words, row.executions, row.rate, row.edges) == ("other", "fuzzing", 1 << 53, 0.0, 0)
    assert "\x1b" not in row.host
    assert len(row.host) <= 100
    exchange = node.shared._exchange
    assert exchange is not None
    peer = exchange.peers()[OTHER]
    assert peer.heard is not None
    peer.heard -= 60.0
    (row,) = others()
    assert row.words.startswith("silent for 6")
    server.beats[OTHER] = beat(OTHER, 3, state="ended")
    wait_for(lambda: others()[0].words == "ended", "its end")
    node.shared.abandon()


def test_a_store_that_strangers_can_reach_is_warned_of(tmp_path: Path, server: Server) -> None:
    node = Node(tmp_path, server, ServerPlace("far.example"))
    assert node.warnings["share"].startswith("valkey://far.example:6379 has no password and no TLS")
    node.shared.abandon()


def orders(node: Node, server: Server, *given: Order) -> list[str]:
    """What is done of these orders of another node."""
    node.published()
    server.says(OTHER, *map(encode, given))
    exchange = node.shared._exchange
    assert exchange is not None
    wait_for(lambda: any(len(peer.unread) == len(given) for peer in exchange.peers().values()), "the orders")
    node.look()
    return node.ordered


def test_a_node_obeys_what_is_meant_for_it(node: Node, server: Server) -> None:
    mine = node.shared.id
    given = [
        Order(mine, 1, "pause"),
        Order(mine, 1, "resume"),
        Order(mine, 7, "stop"),
        Order(mine, 0, "explode"),
        Order("me.00000000", 0, "stop"),
    ]
    assert orders(node, server, *given) == ["pause 1", "resume 1", "stop 7"]
    assert node.warnings["order"] == "node other has asked to stop worker 7"


def test_a_node_obeys_nobody_where_strangers_may_ask(tmp_path: Path, server: Server) -> None:
    node = Node(tmp_path, server, ServerPlace("far.example"))
    assert orders(node, server, Order(node.shared.id, 0, "stop")) == []
    assert node.warnings["order"].endswith("to stop worker 0, which is not done: anybody could")
    node.shared.abandon()


def test_an_order_is_sent_or_refused(node: Node, server: Server) -> None:
    node.published()
    wish = OrderNode(label(OTHER), 3, "stop")  # as a row of the table has it
    assert node.shared.order(wish) == "node other.11111111 is asked to stop worker 3"
    assert node.published()[-1] == Order(OTHER, 3, "stop")
    server.is_away = True
    exchange = node.shared._exchange
    assert exchange is not None
    wait_for(lambda: not exchange.is_connected, "the break")
    assert node.shared.order(wish) is None
