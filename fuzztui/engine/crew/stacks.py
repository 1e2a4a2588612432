"""Where a process stood when it ended: places in a stack that faulthandler wrote, to tell failures apart by."""

import linecache
import re
from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Final, NamedTuple

from fuzztui.protocol.identity import loop_erased

AROUND: Final = 2
"""Functions around the innermost one that tell ways to a failure apart."""

_DUMP_LINE: Final = re.compile(r'File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)')
_LIBRARY: Final = re.compile(r"<frozen |.*/(?:site|dist)-packages/|.*/lib/python3\.\d+/")
_CHANGING: Final = re.compile(r"[0-9]+")


class Frame(NamedTuple):
    """One line of a stack."""

    file: str
    line: int
    function: str

    def is_library(self, fuzzed: Collection[str]) -> bool:
        """Whether the file belongs to what is installed, and not to a project or one of the packages `fuzzed`."""
        installed = _LIBRARY.match(self.file)
        if installed is None:
            return False
        package = self.file[installed.end() :].partition("/")[0].removesuffix(".py").removesuffix(">")
        return package.partition(".")[0] not in fuzzed

    @property
    def name(self) -> str:
        """The function, without the folder that it happens to lie in."""
        installed = _LIBRARY.match(self.file)
        file = self.file[installed.end() :] if installed else self.file.rpartition("/")[2]
        return f"{file if file.endswith('.py') else _CHANGING.sub('#', file)}:{self.function}"

    @property
    def place(self) -> str:
        """The function and the text of its line: the number of the line changes with edits elsewhere."""
        linecache.checkcache(self.file)
        return f"{self.name}\x1f{' '.join(linecache.getline(self.file, self.line).split())}"


def frames_of(stack: str) -> list[Frame]:
    """The frames of the first thread in a stack, from the outermost inwards."""
    frames: list[Frame] = []
    for line in stack.splitlines():
        match = _DUMP_LINE.search(line)
        if match is not None:
            frames.append(Frame(match["file"], int(match["line"]), match["function"]))
        elif frames:
            break  # the next thread
    return frames[::-1]


def outermost(stack: str, calls: int) -> str:
    """A stack without all but so many of the outermost calls; empty where not all of those were written."""
    lines: list[str] = []
    for line in stack.splitlines():
        if _DUMP_LINE.search(line):
            lines.append(line)
        elif line.strip() == "...":
            return ""
        elif lines:
            break  # the next thread
    return "\n".join(lines[-calls:]) if 0 < calls <= len(lines) else ""


def common(stacks: Sequence[Sequence[Frame]]) -> list[Frame]:
    """The calls that several looks at one execution have all found it in, from the outermost inwards, recursion left
    out; the lines are those of the last look.

    Of a deep stack only the innermost frames are written: then the functions that occur in each.
    """
    paths = [loop_erased(stack, attrgetter("name")) for stack in stacks if stack]
    if not paths:
        return []
    names = [[frame.name for frame in path] for path in paths]
    alike = [len(set(each)) == 1 for each in zip(*names, strict=False)]
    length = [*alike, False].index(False)
    return paths[-1][:length] or [frame for frame in paths[-1] if all(frame.name in other for other in names)]


def innermost_of(frames: Sequence[Frame], fuzzed: Collection[str] = ()) -> Frame | None:
    """The innermost frame of a project, or of the packages `fuzzed`; the innermost of all if there is none."""
    own = [frame for frame in frames if not frame.is_library(fuzzed)]
    return (own or frames)[-1] if frames else None


def places_of(frames: Sequence[Frame], fuzzed: Collection[str] = (), *, by_line: bool) -> list[str]:
    """The innermost place of a project in a stack, then those around: at most `AROUND`, recursion left out.

    `fuzzed`: packages that count as the project's; `by_line`: whether it matters at which line of its function a
    process stood. For one that was ended while it was busy it does not.
    """
    inner = [frame for frame in frames[1:] if not frame.is_library(fuzzed)]
    path = loop_erased([*frames[:1], *inner] if inner else frames, attrgetter("name"))[-AROUND - 1 :]
    return [frame.place if by_line else frame.name for frame in reversed(path)]
