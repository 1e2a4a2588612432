"""The store that is a server: a real one, killed and back, full, locked, or something else altogether."""

import socket
import threading
from pathlib import Path

import pytest

from fuzztui.engine.share.place import ServerPlace, parse_place
from fuzztui.engine.share.stir import Stir
from fuzztui.engine.share.store import START, RefusedError, Store, StoreError, Told
from tests.engine.share.servers import RealServer, needs_server, server
from tests.support import wait_for

pytest.importorskip("valkey", reason="the package valkey is not installed")

__all__ = ["server"]

TOPIC, ME, OTHER = "0" * 32, "me.00000000", "other.11111111"


def store_of(url: str, node: str) -> Store:
    from fuzztui.engine.share.streams import StreamStore

    place = parse_place(url, Path("/"))
    assert isinstance(place, ServerPlace)
    return StreamStore(place, TOPIC, node)


def stores(server: RealServer) -> tuple[Store, Store]:
    mine, others = store_of(server.url, ME), store_of(server.url, OTHER)
    assert mine.open() == others.open()
    return mine, others


def contents(told: list[Told]) -> list[bytes]:
    return [each.content for each in told]


@needs_server
def test_what_is_published_is_read_in_order_and_once(server: RealServer) -> None:
    mine, others = stores(server)
    others.publish([b"a", bytes(range(256))])
    told = mine.read({OTHER: START}, 0.01, Stir())
    assert contents(told) == [b"a", bytes(range(256))]
    assert mine.read({OTHER: told[-1].position}, 0.01, Stir()) == []
    others.publish([b"c"])
    assert contents(mine.read({OTHER: told[-1].position}, 0.01, Stir())) == [b"c"]
    others.tell(b"first")
    others.tell(b"second")
    assert mine.beats() == {OTHER: b"second"}
    for store in (mine, others):
        store.close()


@needs_server
def test_a_server_that_is_killed_has_what_it_wrote_when_it_is_back(server: RealServer) -> None:
    mine, others = stores(server)
    before = mine.open()
    others.publish([b"a"])
    told = mine.read({OTHER: START}, 0.01, Stir())
    server.kill()
    for use in (lambda: mine.publish([b"x"]), lambda: mine.read({OTHER: START}, 0.01, Stir()), mine.beats, mine.open):
        with pytest.raises(StoreError):
            use()
    server.start()
    again, back = store_of(server.url, ME), store_of(server.url, OTHER)
    assert again.open() in (before, again.open())
    back.publish([b"b"])
    after = told[-1].position
    after = again.ends({OTHER: after}).get(OTHER, after)
    assert b"b" in contents(again.read({OTHER: after}, 0.01, Stir()))
    for store in (mine, others, again, back):
        store.close()


@needs_server
def test_one_that_was_emptied_is_told_apart_and_its_positions_are_taken_back(server: RealServer) -> None:
    import valkey

    mine, others = stores(server)
    before = mine.open()
    others.publish([b"a"])
    (told,) = mine.read({OTHER: START}, 0.01, Stir())
    valkey.Valkey(port=server.port).flushall()
    assert mine.open() != before
    assert mine.ends({OTHER: told.position}) == {OTHER: START}
    for store in (mine, others):
        store.close()


@needs_server
def test_a_server_without_memory_left_refuses_and_can_be_read(server: RealServer) -> None:
    import valkey

    mine, others = stores(server)
    others.publish([b"a"])
    client = valkey.Valkey(port=server.port)
    client.config_set("maxmemory", "1")
    with pytest.raises(RefusedError, match=r"the server refuses: .*maxmemory"):
        mine.publish([b"x"])
    with pytest.raises(RefusedError):
        mine.tell(b"x")
    assert contents(mine.read({OTHER: START}, 0.01, Stir())) == [b"a"]
    client.config_set("maxmemory", "0")
    mine.publish([b"x"])
    assert contents(others.read({ME: START}, 0.01, Stir())) == [b"x"]
    for store in (mine, others):
        store.close()
    client.connection_pool.disconnect()


@needs_server
def test_a_password_is_asked_for_and_given(tmp_path: Path) -> None:
    real = RealServer(tmp_path, "--requirepass", "hunter2")
    real.start()
    try:
        without = store_of(real.url, ME)
        with pytest.raises(StoreError, match="it asks for a password") as caught:
            without.open()
        wrong = store_of(real.url.replace("://", "://:wrong@"), ME)
        with pytest.raises(StoreError):
            wrong.open()
        right = store_of(real.url.replace("://", "://:hunter2@"), ME)
        right.open()
        assert "hunter2" not in caught.value.sentence
        for store in (without, wrong, right):
            store.close()
    finally:
        real.stop()


def test_nobody_there_and_no_such_server_are_sentences() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"valkey://127.0.0.1:{listener.getsockname()[1]}"
        nobody = store_of(url, ME)
        with pytest.raises(StoreError, match="refused"):
            nobody.open()
        listener.listen()

        def answer() -> None:
            connection, _ = listener.accept()
            connection.recv(100)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        other = store_of(url, ME)
        with pytest.raises(StoreError):
            other.open()
        thread.join()
        for store in (nobody, other):
            store.close()


@needs_server
def test_a_question_that_is_open_keeps_nothing_from_being_published(
    server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fuzztui.engine.share.streams.LONGEST_BLOCK", 0)  # the server waits for ever
    mine, others = stores(server)
    stir = Stir()
    for number in (b"1", b"2"):
        reading = threading.Thread(target=mine.read, args=({OTHER: START}, 1_000.0, stir), daemon=True)
        reading.start()
        stir.set()
        wait_for(lambda thread=reading: not thread.is_alive(), "the end of a reading that brings nothing")  # type: ignore[misc]
        mine.publish([number])
    others.publish([b"a"])
    assert contents(mine.read({OTHER: START}, 100.0, stir)) == [b"a"]
    assert contents(others.read({ME: START}, 0.0, stir)) == [b"1", b"2"]
