"""The lines of a traceback with their meanings. Pure, and one look at each line: its text is whatever a target says.

A lexer made for tracebacks will not do. An exception's message may hold any text, half of another traceback included,
and some such texts keep a lexer for ever.
"""

import re
from typing import Literal, NamedTuple, TypeAlias

from fuzztui.engine.show.text import NOTHING, Visible, joined, piece, visible
from fuzztui.widgets.tone import Line, Tone, line_of, plain, span

_Pieces: TypeAlias = tuple[tuple[str, Tone], ...]
"""A line before its pieces are made visible again."""

_Part: TypeAlias = Literal["frames", "newest first", "message", "other"]
"""What the lines that follow belong to: a traceback's frames, those of a stack that a dying process wrote, what an
exception says, or anything else.
"""

_LAST = "(most recent call last):"
_FIRST = "(most recent call first):"
_HEADS = ("Traceback (", "Exception Group Traceback (", "Stack (", "Current thread ", "Thread ")
_CHAINS = (
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
)
_RULE = "+-"
_MARKS = frozenset("^~-")


class Trace(NamedTuple):
    """A traceback to be shown."""

    lines: list[Line]
    failing: int | None
    """Index of the line that names the place where it failed."""
    newest_first: bool
    """Whether the failing line stands at the top of its stack, as in one that a dying process wrote."""
    files: list[str]
    """For each line the file of the frame that it belongs to; empty for what belongs to none."""


class _Frame(NamedTuple):
    file: str
    line: str
    spans: _Pieces


def read_traceback(text: Visible, location: Visible = NOTHING) -> Trace:
    """Colour a traceback, an exception group's or a dying process's stack line by line.

    Args:
        text: as `traceback` or `faulthandler` write it; anything else is shown as it is.
        location: `file:line` of the failing line, the file with as many folders as are known.
    """
    file, _, number = location.rpartition(":")
    name = file.rpartition("/")[2]
    lines: list[Line] = []
    failing: int | None = None
    top_failed = False
    files: list[str] = []
    inside = ""
    part: _Part = "frames"
    grouped = False
    for text_line in text.rstrip("\n").split("\n"):
        margin, body = _margin(text_line) if grouped or "+ Exception Group" in text_line else ("", text_line)
        grouped = grouped or bool(margin)
        spans: _Pieces
        was_inside, inside = inside, ""
        if _is_head(body, part):
            part = "newest first" if body.endswith(_FIRST) else "frames"
            spans = ((body, "muted"),)
        elif body in _CHAINS or margin.lstrip(" ").startswith(_RULE):
            part = "frames"
            spans = ((body, "muted"),)
        elif part in ("message", "other"):
            spans = ((body, "plain"),)
        elif (frame := _frame(body)) is not None:
            spans = frame.spans
            inside = frame.file
            # Of a stack with the newest frame on top the first is the innermost, of a traceback the last.
            if (frame.file.rpartition("/")[2], frame.line) == (name, number) and not top_failed:
                failing, top_failed = len(lines), part == "newest first"
        elif body.startswith("  "):
            inside = was_inside
            is_source = body.startswith("    ") and not _MARKS.issuperset(body.replace(" ", ""))
            spans = ((body, "plain" if is_source else "muted"),)
        elif part == "newest first" or not body:
            part = "other" if part == "newest first" else part
            spans = ((body, "plain"),)
        else:
            part = "message"
            spans = _exception(body)
        lines.append(line_of(((margin, "muted"), *spans) if margin else spans))
        files.append(inside)
    return Trace(lines, failing, top_failed, files)


FOLDED = 2
"""Frames of libraries in a row that are folded into one line; fewer say more than that line would."""

_LIBRARY = re.compile(r".*?(?:/(?:site|dist)-packages/|/[Ll]ib(?:64)?/python3\.\d+/(?!(?:site|dist)-packages/))")


def package_of(file: str) -> str:
    """What of an installation a file belongs to: a package or module of the standard library or of an installed
    distribution; empty for what is no library.
    """
    if file.startswith("<frozen "):
        return "<frozen>"
    library = _LIBRARY.match(file)
    if library is None:
        return ""
    return library[0] + file[library.end() :].partition("/")[0]


def of_the_project(trace: Trace, location: Visible, *, everything: bool = False) -> Trace:
    """The traceback with the frames of libraries set back: those in a row are one line that counts them, unless
    `everything` is to be shown. The library that is under test, whose file `location` has, is no library here.
    """
    own = package_of(location.rpartition(":")[0])
    lines: list[Line] = []
    files: list[str] = []
    failing = trace.failing
    at = 0
    while at < len(trace.lines):
        end = at
        while end < len(trace.lines) and (package := package_of(trace.files[end])) and package != own:
            end += 1
        block = range(at, end)
        frames = [i for i in block if _is_frame(trace.lines[i])]
        if end == at:
            lines.append(trace.lines[at])
            files.append(trace.files[at])
            end = at + 1
        elif everything or len(frames) < FOLDED:
            lines += [((plain(trace.lines[i]), "muted"),) for i in block]
            files += [trace.files[i] for i in block]
        else:
            packages = dict.fromkeys(package_of(trace.files[i]).rpartition("/")[2] for i in frames)
            names = joined(", ", (visible(name.removesuffix(".py")) for name in packages))
            lines.append((span("muted", "  … {} frames of {}", len(frames), names),))
            files.append("")
        if trace.failing is not None and at <= trace.failing < end:
            failing = len(lines) - (end - trace.failing)
        at = end
    return Trace(lines, failing, trace.newest_first, files)


def _is_frame(line: Line) -> bool:
    return _frame(plain(line).lstrip(" |+").join(("  ", ""))) is not None


def failing_source(trace: Trace) -> Visible:
    """The source of the failing line, as the traceback has it; empty where it has none."""
    if trace.failing is None or trace.failing + 1 >= len(trace.lines):
        return NOTHING
    below = plain(trace.lines[trace.failing + 1])
    text = below.lstrip(" |")
    is_source = trace.files[trace.failing + 1] and not _is_frame(trace.lines[trace.failing + 1])
    return piece(below, len(below) - len(text)) if is_source else NOTHING


def _margin(line: str) -> tuple[str, str]:
    """What an exception group draws before a line of a member, and that line; a rule between members is all margin."""
    body = line.lstrip(" ")
    if body.startswith(_RULE) or body == "|":
        return line, ""
    if body.startswith(("| ", "+ ")):
        return line[: len(line) - len(body) + 2], body[2:]
    return "", line


def _is_head(line: str, part: _Part) -> bool:
    # A dying process writes its stack once, before all else: one within a message is no more than its words.
    return line.startswith(_HEADS) and (line.endswith(_LAST) or (line.endswith(_FIRST) and part != "message"))


def _frame(line: str) -> _Frame | None:
    """`File "...", line N, in f` of a traceback, or `File "...", line N in f` as a dying process writes it."""
    before, opening, rest = line.partition('File "')
    file, middle, rest = rest.rpartition('", line ')
    number, inner, function = rest.partition(" in ")
    number, comma = (number[:-1], ",") if number.endswith(",") else (number, "")
    if before != "  " or not opening or not middle or not (number.isdecimal() or number == "???"):
        return None
    spans: list[tuple[str, Tone]] = [
        (before + opening, "muted"),
        (file, "accent"),
        (middle, "muted"),
        (number, "accent"),
    ]
    if inner:
        spans += [(comma + inner, "muted"), (function, "strong")]
    return _Frame(file, number, tuple(spans))


def _exception(line: str) -> _Pieces:
    """`Type: message`."""
    name, colon, message = line.partition(":")
    return ((line, "plain"),) if " " in name else ((name, "bad"), (colon + message, "plain"))
