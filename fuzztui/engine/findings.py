"""What is concluded from a worker's report or death about the input that it was executing. Pure functions."""

import re
from dataclasses import dataclass
from pathlib import Path

from fuzztui.engine import text
from fuzztui.engine.corpus import Entry
from fuzztui.engine.options import RunOptions
from fuzztui.engine.snapshot import CrasherKind
from fuzztui.engine.verdict import Blame, Ending, Killed
from fuzztui.protocol.memory import Fault, State
from fuzztui.protocol.messages import Failed, Failure

_PACKAGE = f"{Path(__file__).parents[1]}/"
_DUMP_LINE = re.compile(r'File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)')


@dataclass(frozen=True, slots=True)
class Finding:
    """One failure of one input, as it was reported or concluded. Texts are not yet made printable."""

    data: bytes
    kind: CrasherKind
    type: str
    message: str
    traceback: str
    function: str
    location: str
    bucket: str
    """Equal for findings that are likely one bug."""
    worker: int
    ended_its_process: bool = False
    seed: Entry | None = None
    """The seed or stored input that failed; None for an input that the fuzzer made."""


def of_exception(
    data: bytes, failure: Failure, options: RunOptions, *, worker: int = 0, seed: Entry | None = None
) -> Finding:
    """An exception that left the target."""
    is_memory = failure.type == "MemoryError" and options.memory_limit is not None
    innermost = failure.frames[-1] if failure.frames else None
    return Finding(
        data=data,
        kind=CrasherKind.MEMORY if is_memory else CrasherKind.EXCEPTION,
        type=failure.type,
        message=failure.message,
        traceback=failure.traceback,
        function=innermost.function if innermost else "",
        location=f"{innermost.file}:{innermost.line}" if innermost else "",
        bucket=failure.bucket,
        worker=worker,
        seed=seed,
    )


def of_death(
    data: bytes,
    verdict: Blame,
    ending: Ending,
    options: RunOptions,
    *,
    stack: str,
    last_words: str,
    worker: int = 0,
    seed: Entry | None = None,
) -> Finding:
    """An input that ended its process. `stack`: what it wrote when it died; `last_words`: what it printed."""
    stack = users_stack(stack)
    location, function = innermost_frame(stack)
    match verdict:
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
    return Finding(
        data=data,
        kind=kind,
        type=name,
        message="",
        traceback="\n\n".join(filter(None, (stack, last_words and f"The worker's last words:\n{last_words}"))),
        function=function,
        location=location,
        bucket=f"{name}|{location}",
        worker=worker,
        ended_its_process=True,
        seed=seed,
    )


def failure_sentence(ending: Ending, failed: Failed | None, complaint: str, startup_timeout: float) -> str:
    """Why a worker could not do its job, for people; `complaint`: what was wrong with its messages."""
    if ending.killed is Killed.STARTUP_TIMEOUT:
        return f"the target was not loaded within {startup_timeout:g} s"
    if ending.killed is Killed.PROTOCOL:
        return text.one_line(complaint, 300)
    if failed is not None:
        return f"{text.visible(failed.reason, 2_000, multiline=True)} ({ending.exit})"
    if ending.state is State.INTERNAL and ending.fault is Fault.DESCRIPTORS:
        return f"the target closed the engine's descriptors ({ending.exit})"
    if ending.answered_ping:
        return f"ended between two executions ({ending.exit})"
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
