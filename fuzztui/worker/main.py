"""A worker's life: bind itself to its coordinator, serve calls, exit with 0 or 70."""

import builtins
import os
import sys
from typing import Final, NoReturn

from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.memory import FAULT, STATE, Fault, SharedMemory, State
from fuzztui.protocol.messages import Failed
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.protocol.process import EXIT_FAILED
from fuzztui.target.errors import HarnessError, Skipped, UserCodeFailed
from fuzztui.target.tracebacks import is_machinery, user_traceback
from fuzztui.worker.executor import Loader
from fuzztui.worker.failures.leaving import note_exits
from fuzztui.worker.failures.loops import find_loops_on_request
from fuzztui.worker.failures.texts import encodable
from fuzztui.worker.process import limits
from fuzztui.worker.process.channel import Channel, ChannelClosed
from fuzztui.worker.process.copies import Copies
from fuzztui.worker.process.executions import Executions
from fuzztui.worker.python_target import load_python
from fuzztui.worker.reports import Reports
from fuzztui.worker.serve import serve

_BUILTINS: Final = vars(builtins)

__builtins__ = PRIVATE_BUILTINS

_LEFT_BEHIND: Final = "was called between two executions, by a timer or a hook that one has left behind, and raised"

REASON_LIMIT: Final = 10_000
"""Characters of the sentence that says why the worker failed; some quote the target."""

_end_process = os._exit  # the target may have put something else in its place by then


def main(load: Loader = load_python) -> NoReturn:
    """Be the worker that `sys.argv` describes: socket, memory, stack descriptor, capacity, the coordinator's pid.

    `load` is the kind of target. The process ends with 0 after `Stop`, with 70 (`EXIT_FAILED`) if it cannot do its job.
    """
    socket_fd, memory_fd, stack_fd, capacity, parent = map(int, sys.argv[1:])
    limits.die_with(parent)
    limits.no_core_files()
    limits.take_signals_by_default()
    stacks = limits.dump_stacks_to(limits.move_up(stack_fd))
    channel = Channel(limits.move_up(socket_fd))
    memory = SharedMemory(memory_fd, capacity)
    memory.keep_from_children()
    adopt = note_exits(memory.words, stacks)
    find_loops_on_request(memory.words, stacks)
    os.close(memory_fd)
    memory.words[STATE] = State.LOADING
    sys.argv[1:] = []
    _exit(_run(load, channel, memory, Copies(memory, adopt)))


def _run(load: Loader, channel: Channel, memory: SharedMemory, copies: Copies) -> int:
    """Serve until the end; returns the exit status. Whatever is raised here is not an input's doing."""
    executions = Executions(memory)
    reports = Reports(channel.send, executions)
    try:
        serve(channel.receive, load, executions, reports, copies)
    except HarnessError as error:
        text = str(error)
        if isinstance(error, UserCodeFailed):
            print(error.traceback, end="\n" if error.traceback else "", file=sys.stderr)
            place, raised = error.place, error.error
        else:
            place = raised = ""
        return _failed(
            reports,
            memory,
            Fault.HARNESS,
            text,
            skipped=isinstance(error, Skipped),
            uncallable=error.is_usage,
            place=place,
            error=raised,
        )
    except ChannelClosed as error:
        return _failed(reports, memory, Fault.DESCRIPTORS, f"the connection to the coordinator is lost: {error}")
    except ProtocolError as error:
        return _failed(reports, memory, Fault.PROTOCOL, str(error))
    except BaseException as error:
        place = _users_frame(error)
        if place:
            print(user_traceback(error)[0], file=sys.stderr)
            return _failed(reports, memory, Fault.HARNESS, f"{place} {_LEFT_BEHIND} {type(error).__name__}: {error}")
        sys.excepthook(type(error), error, error.__traceback__)
        return _failed(reports, memory, Fault.BUG, f"{type(error).__name__} in the worker's own machinery: {error}")
    return 0


def _users_frame(error: BaseException) -> str:
    """The user's function in which the worker was interrupted, with its place; empty if it was not.

    Between executions no function of the user's is called but by the interpreter: as the handler of a signal. Code of
    the machinery is told by its builtins, which are its own.
    """
    traceback = error.__traceback__
    while traceback is not None:
        frame, line = traceback.tb_frame, traceback.tb_lineno
        if frame.f_builtins is _BUILTINS and not is_machinery(frame.f_code.co_filename):
            return f"{frame.f_code.co_filename}:{line}: {frame.f_code.co_qualname}"
        traceback = traceback.tb_next
    return ""


def _failed(
    reports: Reports,
    memory: SharedMemory,
    fault: Fault,
    reason: str,
    *,
    skipped: bool = False,
    uncallable: bool = False,
    place: str = "",
    error: str = "",
) -> int:
    """Write the failure to the shared memory, where it survives, and send it if that is still possible, after which
    sources had been loaded: another version of them may be why.
    """
    memory.words[FAULT] = fault
    memory.words[STATE] = State.INTERNAL
    reason = encodable(reason[:REASON_LIMIT])
    place, error = encodable(place[:REASON_LIMIT]), encodable(error[:REASON_LIMIT])
    try:
        is_harness = fault is Fault.HARNESS
        reports.send(Failed(reason, is_harness, skipped, place, error, uncallable))
    except ChannelClosed:
        print(f"fuzztui: {reason}", file=sys.stderr)
    return EXIT_FAILED


def _exit(status: int) -> NoReturn:
    """End the process now: threads, exit handlers and finalizers of the target could keep it from ending."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            continue  # the target has closed or replaced it: there is nobody to tell
    _end_process(status)
