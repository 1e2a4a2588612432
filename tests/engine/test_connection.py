"""What arrives from a worker is believed as far as it can be true, and one worker's message never ends the run."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from fuzztui.engine.crew.connection import Connection
from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.worker_row import WorkerRow
from fuzztui.engine.work.board import Board
from fuzztui.protocol.framing import FrameReader, ProtocolError, frame
from fuzztui.protocol.messages import Call, Done, Execute, Ping, Pong, Result, Stop
from tests.engine.scripted_target import make_scripted
from tests.support import Project

LIMIT = 1 << 16
encode = msgspec.msgpack.Encoder().encode


class Line:
    """A connection, the worker's end of it, and what the coordinator has been told."""

    def __init__(self, limit: int = LIMIT) -> None:
        ours, self.theirs = socket.socketpair()
        self.results: list[Result] = []
        self.faults: list[str] = []
        self.closed = 0
        self.stuck = 0
        self.handle: Callable[[Result], None] = self.results.append
        self.connection = Connection(
            ours,
            limit=limit,
            on_result=lambda result: self.handle(result),
            on_fault=self.faults.append,
            on_close=self._count_close,
            on_stuck=self._count_stuck,
        )
        self.connection.open()

    def _count_close(self) -> None:
        self.closed += 1

    def _count_stuck(self) -> None:
        self.stuck += 1

    def say(self, data: bytes) -> None:
        self.theirs.sendall(data)

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    made = Line()
    yield made
    made.connection.drain()
    made.connection.close()
    made.theirs.close()


async def test_results_arrive_in_order_however_they_are_cut(line: Line) -> None:
    results = [Pong(["bytes"]), Done(1), Done(2), Done(3)]
    stream = b"".join(frame(encode(result)) for result in results)
    for cut in range(0, len(stream), 7):
        line.say(stream[cut : cut + 7])
        await asyncio.sleep(0)
    await line.until(lambda: len(line.results) == 4)
    assert line.results == results
    assert line.faults == []


async def test_half_a_frame_is_waited_for_and_lost_with_its_sender(line: Line) -> None:
    whole = frame(encode(Done(1)))
    line.say(whole + whole[:-1])
    line.theirs.shutdown(socket.SHUT_WR)
    await line.until(lambda: line.closed)
    assert (line.results, line.faults, line.closed) == ([Done(1)], [], 1)


DEEP = b"\x91" * 5_000 + b"\xc0"
JUNK = {
    "a frame that is too long": (LIMIT + 1).to_bytes(4, "big"),
    "no message": frame(b"\xc1"),
    "nothing": frame(b""),
    "a number": frame(encode(3)),
    "another type": frame(encode({"type": "load"})),
    "a message that is cut off": frame(encode(Done(1))[:-1]),
    "more than a message": frame(encode(Done(1)) + b"x"),
    "a negative number": frame(encode({"type": "done", "executions": -1})),
    "a text that is no UTF-8": frame(encode({"type": "pong", "parameters": ["AAAA"]}).replace(b"AAAA", b"\xff\xfeAA")),
    "nesting over a thousand deep": frame(encode({"type": "done", "x": 0})[:-1] + DEEP),
    "nesting where a number belongs": frame(encode({"type": "done", "executions": 0})[:-1] + DEEP),
}


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
async def test_what_is_no_message_is_a_fault_told_once_and_nothing_after_it_is_believed(
    line: Line, junk: bytes
) -> None:
    line.say(frame(encode(Done(1))) + junk + frame(encode(Done(2))))
    await line.until(lambda: line.faults)
    line.say(frame(encode(Done(3))) + junk)
    line.theirs.shutdown(socket.SHUT_WR)
    await line.until(lambda: line.closed)
    assert line.results == [Done(1)]
    assert len(line.faults) == 1
    assert line.faults[0]


@pytest.mark.parametrize("error", [ProtocolError("it lies"), ZeroDivisionError("it lies"), KeyError("it lies")])
async def test_a_message_that_cannot_be_handled_is_a_fault_that_says_why(line: Line, error: Exception) -> None:
    def handle(result: Result) -> None:
        raise error

    line.handle = handle
    line.say(frame(encode(Done(1))) * 3)
    await line.until(lambda: line.faults)
    assert len(line.faults) == 1
    assert "it lies" in line.faults[0]
    assert ("ZeroDivisionError" in line.faults[0]) == isinstance(error, ZeroDivisionError)


async def test_what_a_dead_worker_sent_is_taken_in_to_its_last_frame(line: Line) -> None:
    line.say(frame(encode(Done(1))) * 1000)
    line.theirs.shutdown(socket.SHUT_WR)
    line.connection.drain()
    assert len(line.results) == 1000


async def test_a_call_larger_than_the_socket_arrives_as_the_worker_reads(line: Line) -> None:
    calls: list[Call] = [Ping(), Execute([b"x" * (4 << 20)], {}), Stop()]
    for call in calls:
        line.connection.send(call)
    reader, received = FrameReader(1 << 30), list[Call]()
    decode = msgspec.msgpack.Decoder(Call).decode
    line.theirs.setblocking(False)
    async with asyncio.timeout(10):
        while len(received) < 3:
            with contextlib.suppress(BlockingIOError):
                received += map(decode, reader.feed(line.theirs.recv(1 << 20)))
            await asyncio.sleep(0)
    assert received == calls
    assert line.stuck == 0


async def test_a_call_that_cannot_be_sent_is_told(line: Line) -> None:
    line.theirs.close()
    line.connection.send(Ping())
    assert line.stuck == 1


def _one_failed_and_the_other_works(snapshot: Snapshot) -> WorkerRow | None:
    rows = snapshot.workers
    return rows[0] if len(rows) == 2 and rows[0].reason and rows[1].executions > 9 else None


def test_a_message_that_the_coordinator_cannot_handle_ends_its_worker_and_not_the_run(
    project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    take_done = Board.take_done
    seen: set[int] = set()

    def fails_for_one_worker(self: Board, assignment: object, result: Done) -> bool:
        worker = assignment.worker  # type: ignore[attr-defined]
        seen.add(worker)
        if worker == 0:
            raise ZeroDivisionError("broken on purpose")
        return take_done(self, assignment, result)  # type: ignore[arg-type]

    monkeypatch.setattr(Board, "take_done", fails_for_one_worker)
    made = make_scripted(project("").folder, tuple(b"cover %d" % probe for probe in range(9)))
    engine = made.start(workers=2, limit=Limit())
    row = engine.wait(_one_failed_and_the_other_works, "both")
    assert "ZeroDivisionError: broken on purpose" in row.reason
    engine.session.stop(StopReason.TIME_LIMIT)
    run = engine.join()
    assert seen == {0, 1}
    assert run.outcome.reason is StopReason.TIME_LIMIT
    assert "worker 0 failed: a message that could not be handled" in run.warnings
    assert not Path(run.folder, ".fuzztui", "internal-error.log").exists()


def test_a_worker_whose_messages_are_never_understood_gives_up_and_the_exit_status_says_so(
    project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> bool:
        raise ZeroDivisionError("broken on purpose")

    monkeypatch.setattr(Board, "take_done", broken)
    monkeypatch.setattr("fuzztui.engine.crew.member.RESTARTS_IN_WINDOW", 1)
    run = make_scripted(project("").folder).run()
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.WORKERS_GAVE_UP, 70)
    assert "ZeroDivisionError: broken on purpose" in run.outcome.detail
