"""What is concluded from a worker's report or death about the input that it was executing. Pure functions, but
for the sources of what stood on the stack.
"""

import re
import signal
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from fuzztui.engine.crew.stacks import Frame, common, frames_of, innermost_of, places_of
from fuzztui.engine.crew.surroundings import (
    UNLIMITED,
    ShellLimits,
    is_memory_error,
    limit_of_exception,
    limit_of_signal,
    size_words,
)
from fuzztui.engine.crew.verdict import Blame, Cause, Ending, Killed, Spent
from fuzztui.engine.keep.storage import read_file
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.show import text
from fuzztui.engine.show.failure import CrasherKind, Failure
from fuzztui.engine.show.scene import Scene, Variable
from fuzztui.protocol.identity import identity as make_identity
from fuzztui.protocol.memory import Fault, State
from fuzztui.protocol.messages import Failed
from fuzztui.protocol.messages import Failure as Raised
from fuzztui.protocol.messages import Scene as SentScene
from fuzztui.protocol.shape import LONGEST, shape_of

MESSAGE_CHARACTERS = 2_000
TRACEBACK_CHARACTERS = 40_000
MOST_SCENES: Final = 8
SCENE_LINES: Final = 40
SCENE_CHARACTERS: Final = 300
MOST_SOURCE: Final = 1 << 21
"""Bytes of a file beyond which its lines are not shown."""

SOURCE_AROUND: Final = 4
"""Lines that are shown before the one where a process stood, and after it."""

_PACKAGE = f"{Path(__file__).parents[2]}/"
_DUMP_LINE = re.compile(r'File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)')


def of_exception(raised: Raised, options: RunOptions, limits: ShellLimits = UNLIMITED) -> Failure:
    """An exception that left the target; `limits`: those that were set before the run."""
    is_memory = is_memory_error(raised.type)
    limit = limit_of_exception(raised.type, raised.message, limits, options.address_space)
    innermost = next((frame for frame in reversed(raised.frames) if frame.is_project), None)
    innermost = innermost or (raised.frames[-1] if raised.frames else None)
    return _failure(
        identity=raised.bucket,
        group=raised.group,
        kind=CrasherKind.MEMORY if is_memory else CrasherKind.EXCEPTION,
        name=raised.type,
        message=f"{raised.message} ({limit})" if raised.message and limit else raised.message or limit,
        traceback=raised.traceback,
        function=innermost.function if innermost else "",
        location=f"{innermost.file}:{innermost.line}" if innermost else "",
        scenes=tuple(map(_scene, raised.scenes[-MOST_SCENES:])),
        variant=shape_of(raised.message),
    )


def _scene(scene: SentScene) -> Scene:
    """A scene with its texts made printable, within bounds whatever a worker sends."""
    return Scene(
        file=text.one_line(scene.file, 500),
        line=scene.line,
        function=text.one_line(scene.function, 200),
        first=scene.first,
        source=tuple(text.visible(line.expandtabs(), SCENE_CHARACTERS) for line in scene.source[:SCENE_LINES]),
        variables=tuple(
            Variable(text.one_line(name, 100), text.one_line(value, SCENE_CHARACTERS))
            for name, value in scene.variables[:SCENE_LINES]
        ),
    )


def of_death(
    blame: Blame,
    ending: Ending,
    options: RunOptions,
    *,
    spent: Spent,
    limits: ShellLimits,
    stack: str,
    samples: Sequence[str] = (),
    last_words: str,
) -> Failure:
    """An input that ended its process. `spent`: what its execution had used; `limits`: those that were set before the
    run; `stack`: what the process wrote as it died; `samples`: what it wrote in the time before, where it hung;
    `last_words`: what it printed.
    """
    stack = users_stack(stack)
    match blame:
        case Blame.TIMEOUT:
            kind, name = CrasherKind.TIMEOUT, timeout_words(options.timeout, spent)
        case Blame.MEMORY:
            limit = size_words(options.memory_limit or 0)
            kind, name = CrasherKind.MEMORY, f"more than {limit} of memory (--memory-limit)"
        case Blame.SUSPECT if ending.cause is Cause.OUT_OF_MEMORY:
            kind, name = CrasherKind.MEMORY, f"killed by {ending.cause.value} again when run again"
        case Blame.SUSPECT:
            kind, name = CrasherKind.SIGNAL, f"{ending.exit} again when run again"
        case _ if ending.status >= 0:
            kind, name = CrasherKind.EXIT, f"exit status {ending.status}"
        case _:
            kind, name = CrasherKind.SIGNAL, ending.exit
    # What is no more than the run's limits is no part of what tells one bug from another.
    distinguished = kind.value if kind in (CrasherKind.TIMEOUT, CrasherKind.MEMORY) else name
    fuzzed = options.target.imported
    frames = frames_of(stack)
    if kind is CrasherKind.TIMEOUT and frames:
        frames = common([*(frames_of(users_stack(sample)) for sample in samples), frames])
    places = places_of(frames, fuzzed, by_line=kind in (CrasherKind.SIGNAL, CrasherKind.EXIT))
    innermost = innermost_of(frames, fuzzed)
    return _failure(
        identity=make_identity("bucket", [distinguished, *places]),
        group=make_identity("group", [distinguished, *places[:1]]),
        kind=kind,
        name=name,
        message=_limit_of_death(ending, limits),
        traceback="\n\n".join(filter(None, (stack, last_words and f"The worker's last words:\n{last_words}"))),
        function=innermost.function if innermost else "",
        location=f"{innermost.file}:{innermost.line}" if innermost else "",
        variant="",
        scenes=_scenes_of(frames, fuzzed),
    )


def _scenes_of(frames: Sequence[Frame], fuzzed: Collection[str]) -> tuple[Scene, ...]:
    """The source around where a process stood, of the project's frames whose files can be read; what the variables held
    has died with it.
    """
    scenes = []
    for frame in [frame for frame in frames if not frame.is_library(fuzzed)][-MOST_SCENES:]:
        try:
            content = read_file(Path(frame.file), MOST_SOURCE)  # nothing but a regular file: the name is a worker's
        except (OSError, ValueError):
            continue
        lines = content.decode("utf-8", "replace").splitlines()
        if 0 < frame.line <= len(lines):
            first = max(1, frame.line - SOURCE_AROUND)
            source = lines[first - 1 : frame.line + SOURCE_AROUND]
            scenes.append(_scene(SentScene(frame.file, frame.line, frame.function, first, source, [])))
    return tuple(scenes)


def _limit_of_death(ending: Ending, limits: ShellLimits) -> str:
    if ending.status >= 0 or ending.killed is not Killed.NO:
        return ""
    return limit_of_signal(signal.SIGXCPU if ending.cause is Cause.CPU_LIMIT else -ending.status, limits)


def timeout_words(timeout: float, spent: Spent) -> str:
    """`timeout after 10 s (9.8 s of CPU)`: an execution that hangs in a lock uses none. Where the machine was busy it
    took longer by the clock, which is said.
    """
    used = f"{spent.cpu:.1f} s of CPU"
    if spent.clock >= 1.5 * timeout + 1:
        used = f"{used} in {spent.clock:.0f} s"
    if spent.stopped_itself:
        used = f"{used}, it stopped itself by SIGSTOP"
    return f"timeout after {timeout:g} s ({used})"


def _failure(
    *,
    identity: str,
    group: str,
    kind: CrasherKind,
    name: str,
    message: str,
    traceback: str,
    function: str,
    location: str,
    variant: str,
    scenes: tuple[Scene, ...] = (),
) -> Failure:
    """The failure with its texts made printable."""
    return Failure(
        id=text.one_line(identity, 100),
        group=text.one_line(group, 100),
        kind=kind,
        type=text.one_line(name, 200),
        message=text.one_line(message, MESSAGE_CHARACTERS),
        traceback=text.visible(traceback, TRACEBACK_CHARACTERS, multiline=True),
        function=text.one_line(function, 200),
        location=text.one_line(location, 500),
        scenes=scenes,
        variant=text.one_line(variant, LONGEST),
    )


_TIMERS: Final = frozenset({signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF})
"""Signals that a process has itself sent later, by `signal.alarm` and `signal.setitimer`."""


def failure_sentence(ending: Ending, failed: Failed | None, complaint: str, startup_timeout: float) -> text.Visible:
    """Why a worker could not do its job, for people; `complaint`: what was wrong with its messages."""
    if ending.killed is Killed.STARTUP_TIMEOUT:
        return text.say("the target was not loaded within {:g} s", startup_timeout)
    if ending.killed is Killed.PROTOCOL:
        return text.one_line(complaint, 300)
    if ending.killed is Killed.HELD_MEMORY:
        return text.label("more memory than the limit, held from one execution to the next")
    if ending.killed is Killed.CLEANUP:
        return text.label("its cleanup was not over when its time was, and has been killed")
    if failed is not None:
        return text.say("{} ({})", text.visible(failed.reason, 2_000, multiline=True), ending.exit)
    if ending.state is State.CLEANING:
        return text.say("its cleanup ended the process ({})", ending.exit)
    if ending.state is State.INTERNAL and ending.fault is Fault.DESCRIPTORS:
        return text.say("the target closed the engine's descriptors ({})", ending.exit)
    if ending.cause is Cause.CPU_LIMIT:
        return text.say("{} ended it between two executions ({})", ending.cause.value, ending.exit)
    if ending.answered_ping and -ending.status in _TIMERS:
        return text.say("a timer that the target had left running ran out between two executions ({})", ending.exit)
    if ending.answered_ping:
        return text.say("ended between two executions ({})", ending.exit)
    return ending.exit


def users_stack(stack: str) -> str:
    """A stack that faulthandler wrote, of each thread the innermost frame first, without the frames of the fuzzer and
    of what started it; nor, of a property test, of what runs it: that depends on the way by which it is executed.
    """
    lines = []
    is_outside = False
    for line in stack.splitlines():
        match = _DUMP_LINE.search(line)
        is_outside = match is not None and (is_outside or bool(_RUNS_TESTS.search(match["file"])))
        if not is_outside and not _is_machinery(line):
            lines.append(line)
    return "\n".join(lines).strip()


_RUNS_TESTS: Final = re.compile(r"/(?:hypothesis/core|fuzztui/worker/hypothesis/execution)\.py$")
"""Files of which the innermost frame has called a property test, or draws for it."""


def _is_machinery(line: str) -> bool:
    match = _DUMP_LINE.search(line)
    if match is None:
        return line.startswith("Extension modules")
    return match["file"].startswith((_PACKAGE, "<frozen runpy", "<frozen importlib"))


def innermost_frame(stack: str) -> tuple[str, str]:
    """`file:line` and function of the innermost frame of a stack that faulthandler wrote; empty if there is none."""
    match = _DUMP_LINE.search(stack)
    return (f"{match['file']}:{match['line']}", match["function"]) if match else ("", "")
