"""The thread that talks to the store: nothing is lost, nobody waits, nothing grows without end."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest

from fuzztui.engine.share import exchange as module
from fuzztui.engine.share.exchange import MOST_UNREAD, MOST_WAITING, Exchange, _rest, gap, interval
from fuzztui.engine.share.messages import Find, Message, encode
from fuzztui.engine.share.stir import Stir
from fuzztui.engine.share.store import Told
from tests.engine.share.memory_store import MemoryStore, Server, beat
from tests.support import wait_for

ME, OTHER, THIRD = "me.00000000", "other.11111111", "third.22222222"


@contextmanager
def talking(server: Server, node: str = ME) -> Iterator[Exchange]:
    exchange = Exchange(lambda: MemoryStore(server, node))
    exchange.tell(beat(node))
    exchange.begin()
    try:
        yield exchange
    finally:
        exchange.close(0.0)
        wait_for(lambda: exchange.has_ended, "the end of the thread")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_RETRY", 0.01)
    monkeypatch.setattr(module, "BEAT", 0.02)
    monkeypatch.setattr(module, "WAIT", 0.01)


def finds(*names: str) -> list[bytes]:
    return [encode(Find(name.encode())) for name in names]


def taken(exchange: Exchange, number: int) -> list[tuple[str, Message]]:
    found: list[tuple[str, Message]] = []

    def enough() -> bool:
        found.extend(exchange.take(100))
        return len(found) >= number

    wait_for(enough, f"{number} messages")
    return found


def until(condition: Callable[[], object], what: str) -> None:
    wait_for(condition, what)


def test_what_one_publishes_the_others_take_in_order() -> None:
    server = Server()
    with talking(server) as mine, talking(server, OTHER) as others:
        for message in finds("a", "b", "c"):
            assert mine.offer(message)
        assert [message for _, message in taken(others, 3)] == [Find(b"a"), Find(b"b"), Find(b"c")]
        assert mine.take(10) == []


def test_who_comes_late_gets_everything() -> None:
    server = Server()
    server.says(OTHER, *finds(*map(str, range(500))))
    with talking(server) as exchange:
        assert len(taken(exchange, 500)) == 500


def test_who_wants_to_know_is_told_when_something_has_come_until_the_end() -> None:
    server = Server()
    server.says(OTHER, *finds("a"))
    heard = threading.Event()
    exchange = Exchange(lambda: MemoryStore(server, ME))
    exchange.begin(heard.set)
    try:
        assert heard.wait(60)
        assert exchange.take(10) == [(OTHER, Find(b"a"))]
    finally:
        exchange.close(0.0)
    heard.clear()
    wait_for(lambda: exchange.has_ended, "the end of the thread")
    server.says(OTHER, *finds("b"))
    assert not heard.is_set()


def test_nodes_that_are_started_together_soon_know_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEAT", 3600.0)
    server = Server()
    with talking(server) as exchange:
        until(lambda: exchange.is_connected, "the connection")
        server.says(OTHER, *finds("a"))
        assert taken(exchange, 1) == [(OTHER, Find(b"a"))]


def test_what_takes_long_is_done_less_often() -> None:
    assert _rest(0.0) == 0.0
    assert _rest(0.00005) == pytest.approx(0.00005 / module.EFFORT)
    assert _rest(1.0) == module.WAIT


def test_no_node_keeps_another_from_being_heard() -> None:
    server = Server()
    server.says(OTHER, *finds(*map(str, range(5_000))))
    server.says(THIRD, *finds("rare"))
    with talking(server) as exchange:
        until(lambda: len(exchange.peers()[OTHER].unread) >= MOST_UNREAD if exchange.peers() else False, "a flood")
        until(lambda: exchange.peers()[THIRD].unread, "the other node's find")
        assert (THIRD, Find(b"rare")) in exchange.take(2)
        assert len(exchange.peers()[OTHER].unread) < MOST_UNREAD + 64  # and the rest waits in the store


def test_what_waits_for_a_store_that_is_away_is_bounded_and_sent_when_it_is_back() -> None:
    server = Server()
    server.is_away = True
    with talking(server) as exchange:
        until(lambda: exchange.problem == "it is away", "the problem")
        offered = [message for message in finds(*map(str, range(1_000))) if exchange.offer(message)]
        assert len(offered) == MOST_WAITING == exchange.waiting
        assert not exchange.is_connected
        server.is_away = False
        until(lambda: server.logs.get(ME) == offered, "all of them")
        until(lambda: exchange.is_connected and not exchange.problem, "the connection")


def test_a_store_that_is_full_is_read_all_the_same() -> None:
    server = Server()
    server.is_full = True
    with talking(server) as exchange:
        exchange.offer(*finds("mine"))
        until(lambda: exchange.problem == "it is full", "the problem")
        server.says(OTHER, *finds("theirs"))
        assert taken(exchange, 1) == [(OTHER, Find(b"theirs"))]
        assert exchange.is_connected
        server.is_full = False
        until(lambda: server.logs.get(ME) == finds("mine"), "what had to wait")


def test_what_a_killed_server_has_lost_of_the_last_seconds_is_published_again() -> None:
    server = Server()
    with talking(server) as exchange:
        for message in finds("a", "b", "c"):
            exchange.offer(message)
        until(lambda: len(server.logs.get(ME, [])) == 3, "all three")
        server.is_away = True
        until(lambda: not exchange.is_connected, "the break")
        server.lose_last(ME, 2)
        server.is_away = False
        until(lambda: set(server.logs[ME]) == set(finds("a", "b", "c")), "all three again")


def test_one_that_comes_back_with_less_is_read_from_where_it_ends_now() -> None:
    server = Server()
    server.says(OTHER, *finds("a", "b"))
    with talking(server) as exchange:
        taken(exchange, 2)
        server.is_away = True
        until(lambda: not exchange.is_connected, "the break")
        server.lose_last(OTHER, 1)
        server.says(OTHER, *finds("c"))
        server.lose_last(OTHER, 1)
        server.is_away = False
        until(lambda: exchange.is_connected, "the connection")
        server.says(OTHER, *finds("d"), number=2)
        assert (OTHER, Find(b"d")) in taken(exchange, 1)


def test_one_that_comes_back_empty_is_told_of_and_read_from_its_beginning() -> None:
    server = Server()
    server.says(OTHER, *finds("a", "b"))
    with talking(server) as exchange:
        taken(exchange, 2)
        assert not exchange.has_lost_all
        server.is_away = True
        until(lambda: not exchange.is_connected, "the break")
        server.lose_all()
        server.says(OTHER, *finds("c"), number=2)
        server.is_away = False
        until(lambda: exchange.has_lost_all, "the loss")
        assert (OTHER, Find(b"c")) in taken(exchange, 1)


def test_what_is_no_message_is_counted_and_keeps_nobody_from_being_heard() -> None:
    server = Server()
    server.says(OTHER, b"", b"nonsense", *finds("good"), bytes(2 << 20))
    server.beats[THIRD] = b"nonsense"
    with talking(server) as exchange:
        assert taken(exchange, 1) == [(OTHER, Find(b"good"))]
        until(lambda: exchange.peers()[OTHER].malformed == 3, "three of them")
        until(lambda: exchange.peers()[THIRD].malformed == 1, "the beat")


def test_a_node_lives_as_long_as_its_beats_change_whatever_its_clock_says() -> None:
    server = Server()
    server.says(OTHER)
    with talking(server) as exchange:
        until(lambda: exchange.peers(), "the node")
        assert exchange.peers()[OTHER].heard is None  # it may have ended days ago
        server.beats[OTHER] = beat(OTHER, 2)
        until(lambda: exchange.peers()[OTHER].heard is not None, "its next word")
        server.beats[THIRD] = beat(THIRD)
        until(lambda: THIRD in exchange.peers(), "one that comes later")
        assert exchange.peers()[THIRD].heard is not None


def test_the_end_publishes_what_waits_and_says_so() -> None:
    server = Server()
    with talking(server) as exchange:
        until(lambda: exchange.is_connected, "the connection")
        for message in finds(*map(str, range(200))):
            exchange.offer(message)
        exchange.tell(beat(ME, 9, state="ended"))
        exchange.close(30.0)
        until(lambda: exchange.has_ended, "the end")
        assert len(server.logs[ME]) == 200
        assert server.beats[ME] == beat(ME, 9, state="ended")


def test_the_end_gives_up_a_store_that_is_away() -> None:
    server = Server()
    server.is_away = True
    with talking(server) as exchange:
        exchange.offer(*finds("a"))
        exchange.close(0.05)
        until(lambda: exchange.has_ended, "the end")
        assert exchange.waiting == 1


def test_a_failure_of_ours_is_told() -> None:
    def broken() -> MemoryStore:
        raise ZeroDivisionError("oops")

    exchange = Exchange(broken)
    exchange.begin()
    until(lambda: exchange.has_ended, "the end")
    assert exchange.failure == "ZeroDivisionError: oops"
    assert exchange.problem == "sharing has ended: ZeroDivisionError: oops"


def test_of_many_nodes_each_speaks_less_often() -> None:
    assert interval(1) == interval(100) == module.BEAT
    assert interval(1_000) == 10 * module.BEAT


def test_a_store_that_takes_nothing_is_not_asked_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    server.is_full = True
    reads = []
    real = MemoryStore.read

    def read(self: MemoryStore, after: Mapping[str, str], wait: float, stir: Stir) -> list[Told]:
        reads.append(wait)
        return real(self, after, wait, stir)

    monkeypatch.setattr(MemoryStore, "read", read)
    server.says(OTHER, *finds("a"))
    with talking(server) as exchange:
        exchange.offer(*finds("mine"))
        until(lambda: exchange.problem == "it is full", "the problem")
        before = len(reads)
        began = time.monotonic()
        time.sleep(0.3)
        assert len(reads) - before <= 2 + (time.monotonic() - began) / MemoryStore.pause


def test_nodes_that_have_ended_are_read_once_and_then_seldom_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    asked: list[set[str]] = []
    real = MemoryStore.read

    def read(self: MemoryStore, after: Mapping[str, str], wait: float, stir: Stir) -> list[Told]:
        asked.append(set(after))
        return real(self, after, wait, stir)

    monkeypatch.setattr(MemoryStore, "read", read)
    monkeypatch.setattr(module, "BEAT", 3600.0)
    server.says(OTHER, *finds("late"))
    server.beats[OTHER] = beat(OTHER, state="ended")
    with talking(server) as exchange:
        assert taken(exchange, 1) == [(OTHER, Find(b"late"))]
        until(lambda: exchange.has_caught_up, "the end of what was told")
        readings = len(asked)
        exchange.offer(*finds("mine"))
        until(lambda: server.logs.get(ME), "what is published")
        assert not any(asked[readings:])
        assert exchange.alive == 0


def test_a_reading_that_waits_keeps_nothing_from_being_published(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    server.says(OTHER)

    def read(self: MemoryStore, after: Mapping[str, str], wait: float, stir: Stir) -> list[Told]:
        stir.wait(100.0)
        return []

    monkeypatch.setattr(MemoryStore, "read", read)
    monkeypatch.setattr(MemoryStore, "pause", 0.0)
    with talking(server) as exchange:
        until(lambda: exchange.is_connected, "the connection")
        for message in finds("a", "b"):
            exchange.offer(message)
            until(lambda sent=message: sent in server.logs.get(ME, []), "what was handed over")  # type: ignore[misc]


def test_many_nodes_keep_a_server_busy_for_a_quarter_of_its_time_at_most() -> None:
    assert gap(1) == gap(5) == 0.0
    for nodes in (100, 250, 1_000):
        looks = nodes / gap(nodes)
        assert looks * (0.3e-3 + 0.7e-6 * nodes) <= 0.25 + 1e-9
    assert gap(100) < 0.2
    assert gap(1_000) < 5.0
