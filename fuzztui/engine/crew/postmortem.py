"""What is known of a process after its end: whose doing it was, what its input is told of, a sentence for people."""

import signal
from dataclasses import dataclass, replace
from typing import Final

from fuzztui.engine.crew import findings
from fuzztui.engine.crew.stacks import outermost
from fuzztui.engine.crew.stint import Stint
from fuzztui.engine.crew.surroundings import UNLIMITED, ShellLimits
from fuzztui.engine.crew.verdict import Blame, Cause, Ending, Killed, blame
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.show.failure import Tail
from fuzztui.engine.show.text import NOTHING, Visible, label, say
from fuzztui.engine.work.call import Death

STACK_SIGNALS: Final = frozenset({signal.SIGSEGV, signal.SIGFPE, signal.SIGABRT, signal.SIGBUS, signal.SIGILL})
"""Signals on which a worker writes its stack before it dies."""

_BY_INPUT: Final = {Blame.INPUT, Blame.TIMEOUT, Blame.MEMORY, Blame.SUSPECT}


@dataclass(frozen=True, slots=True)
class Examined:
    """One process's end, as far as the process alone tells it."""

    blame: Blame
    counter: int
    """Executions that the process had begun by its own counter."""
    why: Visible
    """`crasher`, `killed by SIGKILL from outside`, or a sentence."""
    stack: str
    """The newest stack that the process wrote."""
    death: Death | None = None
    """Where an input may be the reason, what its job is told."""
    is_late: bool = False
    """Whether the process was killed for an execution that had ended just before."""


def examine(
    stint: Stint, ending: Ending, options: RunOptions, last_words: Visible, limits: ShellLimits = UNLIMITED
) -> Examined:
    """Look at a process that has ended and whose memory is still mapped; `last_words`: what it printed; `limits`: those
    that were set before the run.
    """
    process = stint.process
    counter, recorded, stack = process.memory.executions, process.memory.recorded_input(), process.stack()
    verdict = blame(ending)
    if verdict is Blame.TIMEOUT and not stint.hang.has_stack_of(counter):
        why = label("its long execution ended just before it was killed for it")
        return Examined(verdict, counter, why, stack, is_late=True)
    if verdict not in _BY_INPUT:
        why = findings.failure_sentence(ending, stint.failed, process.complaint, options.startup_timeout)
        if verdict is Blame.HARNESS and not ending.answered_ping:
            why = say("worker terminated without fuzzing: {}", why)
        return Examined(verdict, counter, why, stack)
    suspicion = _suspicion(ending) if verdict in (Blame.SUSPECT, Blame.MEMORY) else NOTHING
    if recorded is None:
        how = suspicion or say("{} during an execution", ending.exit)
        why = say("{}, the record of its input is damaged", how)
        return Examined(verdict, counter, why, stack)
    if stint.assignment.call is None:
        return Examined(verdict, counter, say("{} outside of a call", ending.exit), stack)
    samples = stint.hang.samples_of(counter)
    stack = stack or (samples[-1] if samples else "")
    looped_in, calls = process.memory.loop
    if looped_in == counter and (loop := outermost(stack, calls)):
        samples = *samples, loop
    if ending.status >= 0:
        is_its_own = process.memory.left_in == counter
    else:
        is_its_own = -ending.status in STACK_SIGNALS or stint.has_stack_of(counter)
    failure = findings.of_death(
        verdict,
        ending,
        stint.options_for_call(options),
        spent=stint.hang.spent,
        limits=limits,
        stack=stack if is_its_own else "",
        samples=samples,
        last_words=last_words,
    )
    failure = replace(failure, tail=Tail(tuple(process.memory.recent_inputs()), counter - 1))
    death = Death(
        recorded,
        failure,
        suspicion,
        was_being_ended=ending.killed is Killed.STOP,
        is_from_outside=verdict is Blame.SUSPECT and ending.is_from_outside and ending.cause is Cause.UNKNOWN,
    )
    return Examined(verdict, counter, suspicion or label(verdict.value), stack, death)


def _suspicion(ending: Ending) -> Visible:
    if ending.killed is Killed.MEMORY:
        return label("it used more memory than the limit")
    if ending.killed is Killed.STOP:
        return label("it failed while its worker was being ended")
    if ending.cause is not Cause.UNKNOWN:
        return say("killed by {}", ending.cause.value)
    return say("killed by {} from outside", ending.exit)
