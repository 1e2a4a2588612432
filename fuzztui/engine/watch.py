"""Looks after running workers from outside: executions that hang, memory that grows."""

from fuzztui.engine.findings import innermost_frame
from fuzztui.engine.options import RunOptions
from fuzztui.engine.slot import STALLED_AFTER, Slot
from fuzztui.engine.verdict import Killed
from fuzztui.protocol.memory import State


def watch_execution(slot: Slot, options: RunOptions, now: float) -> None:
    """Notice a worker that is stuck in one execution: first ask where it stands, after the time-out kill it."""
    process = slot.process
    if process is None or process.ended.is_set() or not slot.ready:
        return
    executions = process.memory.executions
    stuck = slot.hang.look(
        executions,
        running=process.memory.state in (State.RUNNING, State.REPORTING),
        suspended=slot.vitals is not None and slot.vitals.stopped,
        now=now,
    )
    if stuck < min(STALLED_AFTER, options.timeout):
        return
    if slot.stack_requested_for != executions:
        slot.stack_requested_for = executions
        process.request_stack()
        return  # the stack is there at the next look
    slot.location = innermost_frame(process.stack())[0]
    if stuck >= options.timeout and process.stop_asked_at is None:
        process.kill(Killed.TIMEOUT)


def measure(slot: Slot, options: RunOptions, now: float) -> None:
    """Sample rate, processor time and memory of a worker; end one that uses more memory than it may."""
    slot.meter.add(now, slot.executions)
    process = slot.process
    if process is None or slot.sampler is None:
        return
    slot.vitals = slot.sampler.sample()
    limit = options.memory_limit
    if limit is None or slot.vitals is None or not slot.ready or slot.vitals.rss - slot.loaded_rss <= limit:
        slot.looks_over_limit = 0
        return
    if process.memory.state is State.RUNNING:
        process.kill(Killed.MEMORY)
        return
    # What a failed execution used is being given back right now, unless it is still there at the next look.
    slot.looks_over_limit += 1
    if slot.looks_over_limit > 1:
        process.refuse("more memory than the limit, held between two executions")
