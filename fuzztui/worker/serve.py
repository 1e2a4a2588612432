"""Serves the coordinator's calls, alike for every kind of target."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import assert_never

from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.memory import State
from fuzztui.protocol.messages import (
    MOST_SEEDS,
    Call,
    Done,
    Execute,
    Executed,
    Foretold,
    Fuzz,
    Load,
    Ping,
    Pong,
    Seed,
    Shrunk,
    Stop,
)
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import Uncallable
from fuzztui.worker.executor import Executor, Loader
from fuzztui.worker.process.copies import Copies
from fuzztui.worker.process.executions import BOOKKEEPING, WAITING, Executions
from fuzztui.worker.reports import Reports

__builtins__ = PRIVATE_BUILTINS


def serve(
    receive: Callable[[], Call],
    load: Loader,
    executions: Executions,
    reports: Reports,
    copies: Copies | None = None,
) -> None:
    """Load the target that the first call names, then answer calls until `Stop`. `copies`: of this process, where
    there may be some.

    HarnessError if the target or the use of its harness is wrong, ProtocolError for a call that is not its turn, and
    whatever `receive` raises where there will be no more calls.
    """
    call = receive()
    if not isinstance(call, Load):
        raise ProtocolError("calls before a target is loaded")

    def until_stop(executor: Executor) -> None:
        _send_seeds(executor.seeds, executions, reports)
        executions.enter(State.IDLE)
        while not isinstance(call := receive(), Stop):
            answer(call, executor, executions, reports, copies)
        executions.enter(State.CLEANING)
        executor.close()

    load(call, executions, reports, until_stop)
    executions.enter(State.IDLE)


def answer(
    call: Ping | Execute | Fuzz | Load,
    executor: Executor,
    executions: Executions,
    reports: Reports,
    copies: Copies | None = None,
) -> None:
    """Answer one call."""

    def execute(call: Execute) -> None:
        executions.activity = BOOKKEEPING
        executor.learn(call.covered)
        _end(_execute(call, executor, executions, reports), executor, executions, reports)

    def execute_in_copy(call: Execute) -> None:
        executor.be_copy()
        execute(call)

    match call:
        case Ping():
            may_be_copied = copies is not None and copies.are_possible()
            reports.send(Pong(parameters=list(executor.parameters), copies=may_be_copied))
        case Execute(copied=True):
            if copies is None:
                raise ProtocolError("a call for a copy of a process that cannot be copied")
            copies.answer(lambda: execute_in_copy(call), call.address_space)
        case Execute():
            execute(call)
        case Fuzz():
            executions.activity = BOOKKEEPING
            executor.enter(call.island)
            executor.learn(call.covered)
            _end(executor.fuzz(call), executor, executions, reports)
        case Load():
            raise ProtocolError("a second target to load")
        case _:
            assert_never(call)


def _send_seeds(seeds: Sequence[bytes], executions: Executions, reports: Reports) -> None:
    if len(seeds) > MOST_SEEDS:
        raise Uncallable(f"the target declares {len(seeds):,} seeds, want at most {MOST_SEEDS:,}")
    for number, data in enumerate(seeds, 1):
        if not executions.has_room(data):
            capacity = executions.memory.capacity
            raise Uncallable(
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
    count = shrinking = 0
    for index, data in enumerate(call.inputs):
        if executions.is_interrupted:
            break
        count += 1
        if call.shrunk:
            before = executions.memory.executions
            data = executor.shrink(data, call.executions - shrinking - len(call.inputs))
            used = executions.memory.executions - before
            shrinking += used
            reports.send(Shrunk(index, used))
        _answer(index, data, call, executor, reports)
    return Done(executions=count + shrinking)


def _answer(index: int, data: bytes, call: Execute, executor: Executor, reports: Reports) -> None:
    # A function of its own, so that a crash, which may hold on to objects of the target's, is gone before the next run.
    if call.measured or call.compared:
        if call.measured:
            crash = executor.measure(data, index)
        else:
            crash = executor.compare(data, index, call.compared, call.lines)
        if crash is None:
            reports.send(Executed(index=index, edges={}))
        else:
            reports.crash(crash, data, index)
        return
    if call.exported:
        crash = executor.export(data, index, call.exported)
        if crash is None:
            reports.send(Executed(index=index, edges=executor.covered()))
        else:
            reports.crash(crash, data, index)
        return
    if call.foretold:
        executor.foretell(lambda notes: reports.send(Foretold(index, notes)))
    with executor.tracing() if call.traced else nullcontext():
        crash = executor.run(data)
    steps = executor.steps() if call.traced else []
    if crash is None:
        reports.send(Executed(index=index, edges=executor.covered(), steps=steps))
    else:
        reports.steps = steps
        reports.crash(crash, data, index, detailed=call.detailed, canonical=executor.canonical(data))


def _end(done: Done, executor: Executor, executions: Executions, reports: Reports) -> None:
    misuse = executor.misuse
    if misuse is not None:
        raise misuse
    reports.send_repeats()
    reports.send(done)
    executions.activity = WAITING
