"""Serves the coordinator's calls, alike for every kind of target."""

from collections.abc import Callable, Sequence
from typing import assert_never

from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.memory import State
from fuzztui.protocol.messages import (
    MOST_SEEDS,
    Call,
    Done,
    Execute,
    Executed,
    Fuzz,
    Load,
    Ping,
    Pong,
    Seed,
    Stop,
)
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import HarnessError
from fuzztui.worker.executions import BOOKKEEPING, WAITING, Executions
from fuzztui.worker.executor import Executor, Loader
from fuzztui.worker.reports import Reports

__builtins__ = PRIVATE_BUILTINS


def serve(receive: Callable[[], Call], load: Loader, executions: Executions, reports: Reports) -> None:
    """Load the target that the first call names, then answer calls until `Stop`.

    HarnessError if the target or the use of its harness is wrong, ProtocolError for a call that is not its turn, and
    whatever `receive` raises where there will be no more calls.
    """
    call = receive()
    if not isinstance(call, Load):
        raise ProtocolError("calls before a target is loaded")
    executor = load(call, executions, reports)
    _send_seeds(executor.seeds, executions, reports)
    executions.enter(State.IDLE)
    while not isinstance(call := receive(), Stop):
        answer(call, executor, executions, reports)
    executor.close()


def answer(call: Ping | Execute | Fuzz | Load, executor: Executor, executions: Executions, reports: Reports) -> None:
    """Answer one call."""
    match call:
        case Ping():
            reports.send(Pong(parameters=list(executor.parameters)))
        case Execute():
            executions.activity = BOOKKEEPING
            executor.learn(call.covered)
            _end(_execute(call, executor, executions, reports), executor, executions, reports)
        case Fuzz():
            executions.activity = BOOKKEEPING
            executor.learn(call.covered)
            _end(executor.fuzz(call), executor, executions, reports)
        case Load():
            raise ProtocolError("a second target to load")
        case _:
            assert_never(call)


def _send_seeds(seeds: Sequence[bytes], executions: Executions, reports: Reports) -> None:
    if len(seeds) > MOST_SEEDS:
        raise HarnessError(f"the target declares {len(seeds):,} seeds, want at most {MOST_SEEDS:,}")
    for number, data in enumerate(seeds, 1):
        if not executions.has_room(data):
            capacity = executions.memory.capacity
            raise HarnessError(
                f"seed {number} has {_readable(len(data))}, at most {_readable(capacity)} fit: raise --max-len"
            )
        reports.send(Seed(data=data))


def _readable(size: int) -> str:
    """Bytes in full and, from a thousand on, in a unit: two sizes may differ in the last digit only."""
    if size < 1000:
        return f"{size} bytes"
    value, unit = (
        (size / 1e3, "kB") if size < 999_950 else (size / 1e6, "MB") if size < 999_950_000 else (size / 1e9, "GB")
    )
    return f"{size:,} bytes ({value:.1f} {unit})"


def _execute(call: Execute, executor: Executor, executions: Executions, reports: Reports) -> Done:
    """Run each input once, in order, until the coordinator interrupts: what is left goes back to the coordinator."""
    count = 0
    for index, data in enumerate(call.inputs):
        if executions.is_interrupted:
            break
        count += 1
        _answer(index, data, executor, reports)
    return Done(executions=count)


def _answer(index: int, data: bytes, executor: Executor, reports: Reports) -> None:
    # A function of its own, so that a crash, which may hold on to objects of the target's, is gone before the next run.
    crash = executor.run(data)
    if crash is None:
        reports.send(Executed(index=index, edges=executor.covered()))
    else:
        reports.crash(crash, data, index)


def _end(done: Done, executor: Executor, executions: Executions, reports: Reports) -> None:
    misuse = executor.misuse
    if misuse is not None:
        raise misuse
    reports.send_repeats()
    reports.send(done)
    executions.activity = WAITING
