"""Calls are served alike whatever executes the inputs: a Python function, or a script without instrumentation."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from fuzztui.protocol.memory import CONTROL, Control, Fault, State
from fuzztui.protocol.messages import (
    Coverage,
    Crashed,
    Done,
    Execute,
    Executed,
    Failed,
    Found,
    Fuzz,
    Load,
    Module,
    Pong,
    Repeated,
    Result,
    Seed,
)
from tests.engine.scripted_worker import SEPARATOR
from tests.engine.worker_process import WorkerProcess, started
from tests.support import wait_for

SCRIPTS_IN_PYTHON = """
import builtins, os, signal
import fuzztui

def do(command, *arguments):
    if command == "cover": pass
    elif command == "raise": raise getattr(builtins, arguments[0])(" ".join(arguments[1:]))
    elif command == "mem": bytearray(1 << 62)
    elif command == "exit": os._exit(int(arguments[0]))
    elif command == "kill": os.kill(os.getpid(), int(arguments[0]))
    elif command == "hang": signal.pause()
    elif command == "read": open(arguments[0]).read()

def scripts(data: bytes):
    for line in data.decode("ascii", "replace").splitlines():
        do(*line.split())

count = 0

def counting(data: bytes):
    global count
    count += 1
    if data == b"exit":
        os._exit(0)
    raise ValueError(f"{count} in a process of {os.getppid()}")

def misusing(f: fuzztui.F):
    f.cleanup(lambda: print("closed", flush=True))

    @f.fuzz
    def target(data: bytes):
        if data == b"misuse":
            try:
                f.add(b"")
            except Exception:
                pass

def failing(f: fuzztui.F):
    from fuzztui.target.errors import HarnessError
    raise HarnessError("\\ud800" * 2_000_000)

def one_path(data: bytes):
    return len(data)

calls = 0

def fails_and_dies(data: bytes):
    global calls
    calls += 1
    if calls > 1000:
        os._exit(3)
    raise ValueError
"""

NOTHING: Coverage = {}


@dataclass
class Kind:
    """A kind of worker, and how the same things are said to it."""

    program: str
    folder: Path
    starting: Callable[[], WorkerProcess]

    @property
    def is_python(self) -> bool:
        return self.program == "fuzztui.worker"

    def start(self, target: str = "scripts", seeds: tuple[bytes, ...] = ()) -> WorkerProcess:
        worker = self.starting()
        results = worker.load(self.load(target, seeds))
        assert results[-1] == Pong(["bytes"], copies=sys.platform == "linux")
        assert any(isinstance(each, Module) for each in results)
        assert [each.data for each in results if isinstance(each, Seed)] == list(seeds)
        return worker

    def load(self, target: str = "scripts", seeds: tuple[bytes, ...] = ()) -> Load:
        source = f"{SCRIPTS_IN_PYTHON}\nscripts = fuzztui.fuzz(seeds={list(seeds)!r})(scripts)\n"
        file = self.folder / "harness.py"
        file.write_text(source)
        return Load(
            file=bytes(file),
            target=target,
            directory=bytes(self.folder),
            include=[],
            exclude=[],
            dictionary=[] if self.is_python else list(seeds),
            code_cache=bytes(self.folder / "code"),
            seed=1,
            max_len=1000,
            address_space=None,
        )


@pytest.fixture(params=["fuzztui.worker", "tests.engine.scripted_worker"])
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kind]:
    with ExitStack() as stack:
        yield Kind(request.param, tmp_path, lambda: stack.enter_context(started(request.param, tmp_path)))


def types(results: list[Result]) -> list[type[Result]]:
    return [type(each) for each in results]


def test_each_input_is_executed_once_and_answered_in_order(kind: Kind) -> None:
    worker = kind.start()
    inputs = [b"cover 1", b"raise ValueError one two", b"cover 2", b"raise ValueError one two", b"mem"]
    worker.send(Execute(inputs, NOTHING))
    first, failed, second, again, memory, done = worker.until(Done)
    assert isinstance(first, Executed)
    assert isinstance(second, Executed)
    assert (first.index, second.index) == (0, 2)
    assert first.edges.keys() == second.edges.keys()
    assert len(first.edges) == 1
    for index, crashed in (1, failed), (3, again), (4, memory):
        assert isinstance(crashed, Crashed)
        assert (crashed.index, crashed.data) == (index, inputs[index])
    assert isinstance(failed, Crashed)
    assert isinstance(memory, Crashed)
    assert (failed.failure.type, failed.failure.message) == ("ValueError", "one two")
    assert memory.failure.type == "MemoryError"
    assert done == Done(5)
    assert worker.memory.executions == 5
    assert worker.memory.recorded_input() == b"mem"
    assert worker.memory.state is State.IDLE
    assert worker.stop() == 0


@pytest.mark.parametrize(("script", "status"), [(b"exit 3", 3), (b"kill 9", -9)])
def test_a_death_leaves_the_input_and_the_answers_before(kind: Kind, script: bytes, status: int) -> None:
    worker = kind.start()
    worker.send(Execute([b"cover 1", script, b"cover 2"], NOTHING))
    ended, results = worker.end()
    assert ended == status
    assert types(results) == [Executed]
    assert worker.memory.state is State.RUNNING
    assert worker.memory.executions == 2
    assert worker.memory.recorded_input() == script


@pytest.mark.skipif(sys.platform != "linux", reason="there are copies on Linux only")
def test_a_copy_leaves_nothing_behind_and_is_accounted_for_as_its_process(kind: Kind) -> None:
    if not kind.is_python:
        pytest.skip("a script has no state")
    worker = kind.start("counting")
    for number in range(3):
        worker.send(Execute([b"one", b"two"], NOTHING, copied=True, address_space=1 << 30))
        first, second, done = worker.until(Done)
        assert isinstance(first, Crashed)
        assert isinstance(second, Crashed)
        assert [first.failure.message, second.failure.message] == [
            f"{count} in a process of {worker.process.pid}" for count in (1, 2)
        ]
        assert done == Done(2)
        assert worker.memory.executions == 2 * number + 2
        assert worker.memory.recorded_input() == b"two"
        assert second.executions_before == 2 * number + 1
    worker.send(Execute([b"one"], NOTHING))
    crashed, _ = worker.until(Done)
    assert isinstance(crashed, Crashed)
    assert crashed.failure.message.startswith("1 in a process of "), "the process itself has run nothing before"
    assert worker.stop() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="there are copies on Linux only")
@pytest.mark.parametrize(("script", "status"), [(b"exit 3", 3), (b"kill 9", -9), (b"kill 6", -6), (b"exit 0", 0)])
def test_a_process_ends_as_its_copy_has_ended(kind: Kind, script: bytes, status: int) -> None:
    worker = kind.start()
    worker.send(Execute([b"cover 1", script, b"cover 2"], NOTHING, copied=True))
    ended, results = worker.end()
    assert ended == status
    assert types(results) == [Executed]
    assert worker.memory.state is State.RUNNING
    assert worker.memory.executions == 2
    assert worker.memory.recorded_input() == script


ALONE = {
    "a thread": "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n",
    "a connection": "import socket\npair = socket.socketpair()\n",
    "a pipe": "import os\nends = os.pipe()\n",
    "an event loop": "import asyncio\nloop = asyncio.new_event_loop()\n",
    "a file that is written to": "import tempfile\nfile = tempfile.TemporaryFile()\n",
    "a database": "import sqlite3\nbase = sqlite3.connect(__file__ + '.db', 5)\nbase.execute('create table t (a)')\n",
    "a handler of ended children": "import signal\nsignal.signal(signal.SIGCHLD, lambda *_: None)\n",
}
"""What loading a target leaves that a copy would lack, or use beside others."""


@pytest.mark.parametrize("what", [*ALONE, "a file that is read", "nothing"])
@pytest.mark.mostly_soak(6)
def test_there_are_copies_only_where_they_share_nothing_that_changes(kind: Kind, what: str) -> None:
    if not kind.is_python:
        pytest.skip("a script leaves nothing")
    call = kind.load()
    with (kind.folder / "harness.py").open("a") as file:
        file.write(ALONE.get(what, "file = open(__file__)\n" if "read" in what else ""))
    worker = kind.starting()
    pong = worker.load(call)[-1]
    assert isinstance(pong, Pong)
    assert pong.copies is (what not in ALONE and sys.platform == "linux")


def test_an_input_that_hangs_is_seen_from_outside(kind: Kind) -> None:
    worker = kind.start()
    worker.send(Execute([b"hang"], NOTHING))
    wait_for(lambda: worker.memory.state is State.RUNNING, "the execution")
    assert worker.memory.recorded_input() == b"hang"


def test_an_execute_call_ends_between_two_inputs_when_the_worker_is_to_pause_and_the_next_is_served(kind: Kind) -> None:
    worker = kind.start()
    fifo = kind.folder / "fifo"
    os.mkfifo(fifo)
    worker.send(Execute([f"read {fifo}".encode(), b"cover 1", b"cover 2"], NOTHING))
    with fifo.open("wb"):  # opened once the worker reads
        worker.memory.words[CONTROL] = Control.PAUSE
    *answers, done = worker.until(Done)
    assert types(answers) == [Executed]
    assert done == Done(1)
    worker.memory.words[CONTROL] = Control.RUN
    worker.send(Execute([b"cover 1", b"cover 2"], NOTHING))
    assert types(worker.until(Done)) == [Executed, Executed, Done]


@pytest.mark.parametrize("control", [Control.PAUSE, Control.STOP])
def test_a_fuzz_call_ends_soon_when_the_worker_is_to_pause_or_stop(kind: Kind, control: Control) -> None:
    worker = kind.start()
    worker.memory.words[CONTROL] = control
    worker.send(Fuzz(SEPARATOR.join([b"cover 1"] * 100), 3600.0, 100, NOTHING, False))
    done = worker.until(Done)[-1]
    assert isinstance(done, Done)
    assert done.executions < 10
    assert worker.memory.executions == done.executions
    assert worker.stop() == 0


def test_a_fuzz_call_uses_no_more_executions_than_granted(kind: Kind) -> None:
    worker = kind.start("one_path")
    entry = SEPARATOR.join([b"cover 1"] * 100)
    worker.send(Fuzz(entry, 3600.0, 50, NOTHING, False))
    done = worker.until(Done)[-1]
    assert isinstance(done, Done)
    assert done.executions == worker.memory.executions == 50


def test_what_others_have_covered_is_not_found_again(kind: Kind) -> None:
    one = kind.start("one_path")
    one.send(Execute([b"cover 1"], NOTHING))
    executed = one.until(Done)[0]
    assert isinstance(executed, Executed)
    fuzz = Fuzz(b"cover 1", 3600.0, 1, NOTHING, False)
    untold, told = kind.start("one_path"), kind.start("one_path")
    untold.send(fuzz)
    found = untold.until(Done)[0]
    assert isinstance(found, Found)
    assert found.edges == executed.edges
    told.send(Fuzz(fuzz.entry, 3600.0, 1, executed.edges, False))
    assert types(told.until(Done)) == [Done]


def test_few_repeats_of_a_known_failure_are_lost_by_a_death(kind: Kind) -> None:
    worker = kind.start("fails_and_dies")
    entry = SEPARATOR.join([b"raise ValueError x"] * 1000 + [b"exit 3"])
    worker.send(Fuzz(entry, 3600.0, 5000, NOTHING, False))
    status, results = worker.end()
    assert status == 3
    crashed = [each for each in results if isinstance(each, Crashed)]
    repeats = [each for each in results if isinstance(each, Repeated) and crashed[0].failure.bucket in each.hits]
    assert len(repeats) == len(results) - len(crashed) < 400
    assert 1000 - 1000 // 64 - 1 <= len(crashed) + sum(each.hits[crashed[0].failure.bucket] for each in repeats) <= 1000


def test_a_swallowed_misuse_of_the_harness_ends_the_worker_after_the_call(kind: Kind) -> None:
    worker = kind.start("misusing")
    worker.send(Execute([b"misuse"], NOTHING))
    status, results = worker.end()
    assert status == 70
    assert types(results) == [Executed, Failed]
    failed = results[-1]
    assert isinstance(failed, Failed)
    assert failed.harness
    assert worker.memory.fault is Fault.HARNESS
    assert worker.memory.state is State.INTERNAL


def test_a_target_is_closed_before_the_worker_ends(kind: Kind) -> None:
    worker = kind.start("misusing")
    assert worker.stop() == 0
    assert worker.output == "closed\n"


def test_a_target_that_cannot_be_loaded_is_the_harness_fault_however_it_puts_that(kind: Kind) -> None:
    worker = kind.starting()
    worker.send(kind.load("failing"))
    status, results = worker.end()
    assert status == 70
    failed = results[-1]
    assert isinstance(failed, Failed)
    assert failed.harness
    assert "\\ud800" * 100 in failed.reason
    assert worker.memory.fault is Fault.HARNESS


def test_calls_before_a_target_is_loaded_are_refused(kind: Kind) -> None:
    worker = kind.starting()
    worker.send(Execute([b"cover 1"], NOTHING))
    status, results = worker.end()
    assert status == 70
    assert types(results) == [Failed]
    assert worker.memory.fault is Fault.PROTOCOL


def test_seeds_that_the_target_declares_are_sent_before_the_ping_is_answered(kind: Kind) -> None:
    kind.start(seeds=(b"cover 1", b"", b"cover 2"))


def test_a_python_module_whose_name_cannot_be_encoded_is_announced_and_covered(tmp_path: Path) -> None:
    (tmp_path / "m\udcff.py").write_text("def f(): return 1\n")
    source = "import importlib\nm = importlib.import_module('m\\udcff')\ndef scripts(data: bytes): m.f()\n"
    with started("fuzztui.worker", tmp_path) as worker:
        kind = Kind("fuzztui.worker", tmp_path, lambda: worker)
        call = kind.load()
        (tmp_path / "harness.py").write_text(source)
        worker.load(call)
        worker.send(Execute([b"x"], NOTHING))
        executed = worker.until(Done)[0]
        assert isinstance(executed, Executed)
        assert set(executed.edges) == {"harness", "m\\udcff"}
