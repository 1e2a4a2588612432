"""What is concluded from a worker's report or death about the input that it was executing. Pure functions."""

import re
import signal
from pathlib import Path
from typing import Final

from fuzztui.engine.crew.verdict import Blame, Ending, Killed
from fuzztui.engine.options import RunOptions
from fuzztui.engine.show import text
from fuzztui.engine.show.snapshot import CrasherKind, Failure
from fuzztui.protocol.identity import identity as make_identity
from fuzztui.protocol.memory import Fault, State
from fuzztui.protocol.messages import Failed
from fuzztui.protocol.messages import Failure as Raised

MESSAGE_CHARACTERS = 2_000
TRACEBACK_CHARACTERS = 40_000

_PACKAGE = f"{Path(__file__).parents[2]}/"
_DUMP_LINE = re.compile(r'File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)')


def of_exception(raised: Raised, options: RunOptions) -> Failure:
    """An exception that left the target."""
    is_memory = raised.type == "MemoryError" and options.memory_limit is not None
    innermost = raised.frames[-1] if raised.frames else None
    return _failure(
        identity=raised.bucket,
        kind=CrasherKind.MEMORY if is_memory else CrasherKind.EXCEPTION,
        name=raised.type,
        message=raised.message,
        traceback=raised.traceback,
        function=innermost.function if innermost else "",
        location=f"{innermost.file}:{innermost.line}" if innermost else "",
    )


def of_death(blame: Blame, ending: Ending, options: RunOptions, *, stack: str, last_words: str) -> Failure:
    """An input that ended its process. `stack`: what the process wrote as it died; `last_words`: what it printed."""
    stack = users_stack(stack)
    location, function = innermost_frame(stack)
    match blame:
        case Blame.TIMEOUT:
            kind, name = CrasherKind.TIMEOUT, f"timeout after {options.timeout:g} s"
        case Blame.MEMORY:
            kind, name = CrasherKind.MEMORY, f"more than {(options.memory_limit or 0) >> 20} MiB of memory"
        case Blame.SUSPECT:
            kind, name = CrasherKind.SIGNAL, f"{ending.exit} again when run again"
        case _ if ending.status >= 0:
            kind, name = CrasherKind.EXIT, f"exit status {ending.status}"
            location = function = stack = ""  # an orderly exit writes no stack: what is there is an older one
        case _:
            kind, name = CrasherKind.SIGNAL, ending.exit
    # What is no more than the run's limits is no part of what tells one bug from another.
    distinguished = kind.value if kind in (CrasherKind.TIMEOUT, CrasherKind.MEMORY) else name
    return _failure(
        identity=make_identity(distinguished, [location]),
        kind=kind,
        name=name,
        message="",
        traceback="\n\n".join(filter(None, (stack, last_words and f"The worker's last words:\n{last_words}"))),
        function=function,
        location=location,
    )


def _failure(
    *,
    identity: str,
    kind: CrasherKind,
    name: str,
    message: str,
    traceback: str,
    function: str,
    location: str,
) -> Failure:
    """The failure with its texts made printable."""
    return Failure(
        id=text.one_line(identity, 100),
        kind=kind,
        type=text.one_line(name, 200),
        message=text.one_line(message, MESSAGE_CHARACTERS),
        traceback=text.visible(traceback, TRACEBACK_CHARACTERS, multiline=True),
        function=text.one_line(function, 200),
        location=text.one_line(location, 500),
    )


_TIMERS: Final = frozenset({signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF})
"""Signals that a process has itself sent later, by `signal.alarm` and `signal.setitimer`."""


def failure_sentence(ending: Ending, failed: Failed | None, complaint: str, startup_timeout: float) -> text.Visible:
    """Why a worker could not do its job, for people; `complaint`: what was wrong with its messages."""
    if ending.killed is Killed.STARTUP_TIMEOUT:
        return text.say("the target was not loaded within {:g} s", startup_timeout)
    if ending.killed is Killed.PROTOCOL:
        return text.one_line(complaint, 300)
    if failed is not None:
        return text.say("{} ({})", text.visible(failed.reason, 2_000, multiline=True), ending.exit)
    if ending.state is State.INTERNAL and ending.fault is Fault.DESCRIPTORS:
        return text.say("the target closed the engine's descriptors ({})", ending.exit)
    if ending.answered_ping and -ending.status in _TIMERS:
        return text.say("a timer that the target had left running ran out between two executions ({})", ending.exit)
    if ending.answered_ping:
        return text.say("ended between two executions ({})", ending.exit)
    return ending.exit


def users_stack(stack: str) -> str:
    """A stack that faulthandler wrote, without the frames of the fuzzer and of what started it."""
    return "\n".join(line for line in stack.splitlines() if not _is_machinery(line)).strip()


def _is_machinery(line: str) -> bool:
    match = _DUMP_LINE.search(line)
    if match is None:
        return line.startswith("Extension modules")
    return match["file"].startswith((_PACKAGE, "<frozen runpy"))


def innermost_frame(stack: str) -> tuple[str, str]:
    """`file:line` and function of the innermost frame of a stack that faulthandler wrote; empty if there is none."""
    match = _DUMP_LINE.search(stack)
    return (f"{match['file']}:{match['line']}", match["function"]) if match else ("", "")
