"""Whether the dashboard would open, and what can be drawn and printed."""

import codecs
import locale
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TextIO

from fuzztui.doctor.check import Examination, Finding, note, ok
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, say, visible
from fuzztui.plain.output import encoding_of
from fuzztui.terminal.showing import why_no_dashboard

AREA: Final = "terminal"


@dataclass(frozen=True, slots=True)
class Terminal:
    """What the standard streams lead to."""

    streams: tuple[tuple[str, bool], ...]
    """Name of each standard stream, and whether it is a terminal."""
    kind: str
    """The variable TERM."""
    size: tuple[int, int] | None
    """Columns and lines; None where there is no terminal."""
    why_not: Visible = NOTHING
    """Why a run would not open the dashboard here; empty if it would."""


def read_terminal() -> Terminal:
    """The one that this process has."""
    streams = (("standard input", sys.stdin), ("standard output", sys.stdout), ("standard error", sys.stderr))
    is_terminal = tuple((name, stream is not None and stream.isatty()) for name, stream in streams)
    size = None
    for _, stream in streams:
        if stream is not None and stream.isatty():
            columns, lines = os.get_terminal_size(stream.fileno())
            size = columns, lines
            break
    why_not = why_no_dashboard(os.environ, sys.stdin, sys.stdout, sys.stderr)
    return Terminal(is_terminal, os.environ.get("TERM", ""), size, why_not)


def smallest_dashboard() -> tuple[int, int]:
    """Columns and lines that the dashboard needs. ImportError where what draws it is missing."""
    from fuzztui.screens.base import MIN_HEIGHT, MIN_WIDTH  # here, where a missing library is a finding

    return MIN_WIDTH, MIN_HEIGHT


def dashboard(one: Terminal, smallest: tuple[int, int]) -> Finding:
    """Whether `fuzztui run` would open the dashboard here; `smallest`: columns and lines that it needs."""
    size = say("{}x{}", *one.size) if one.size is not None else label("no size")
    others = [name for name, is_terminal in one.streams if not is_terminal]
    if others:
        named = joined(", ", map(visible, others))
        return note(
            say(
                "would not open: {} is no terminal" if len(others) == 1 else "would not open: {} are no terminals",
                named,
            ),
            label("A run prints plain lines here; --json makes them JSON. That is as it should be in a pipeline."),
        )
    if one.why_not:
        return note(
            say("would not open: {}", one.why_not),
            label(
                "Set TERM to what the terminal is, such as xterm-256color, and a locale of UTF-8; --headless is silent."
            ),
        )
    if one.size is not None and (one.size[0] < smallest[0] or one.size[1] < smallest[1]):
        return note(
            say("opens, but shows nothing in {}", size),
            say("Enlarge the terminal to {}x{} at least, or run with --headless.", *smallest),
        )
    return ok("opens ({}, {})", one.kind, size)


def colours(variables: Mapping[str, str], kind: str) -> Finding:
    """How many colours the terminal is taken to have."""
    if variables.get("NO_COLOR"):
        return ok("none, as NO_COLOR wants it")
    if variables.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return ok("all")
    return ok("256") if "256" in kind else ok("16: COLORTERM=truecolor has more, where the terminal does")


@dataclass(frozen=True, slots=True)
class Encodings:
    """In which encodings text goes out, and names of files come in."""

    output: str
    error: str
    files: str
    locale: str
    """Name of the locale for characters."""


def read_encodings() -> Encodings:
    """Those of this process."""
    return Encodings(_of(sys.stdout), _of(sys.stderr), sys.getfilesystemencoding(), locale.setlocale(locale.LC_CTYPE))


def _of(stream: TextIO | None) -> str:
    return encoding_of(stream)


def encodings(one: Encodings) -> Finding:
    """Whether what is printed can be read."""
    parts = {"output": one.output, "errors": one.error, "names of files": one.files}
    odd = [say("{} in {}", what, name) for what, name in parts.items() if not _is_utf_8(name)]
    where = say("locale {}", one.locale)
    if not odd:
        return ok("UTF-8, {}", where)
    return note(
        say("{}, {}", joined(", ", odd), where),
        label("What the encoding lacks is spelled out: set LC_ALL=C.UTF-8, or PYTHONUTF8=1, to see it as it is."),
    )


def _is_utf_8(name: str) -> bool:
    try:
        return codecs.lookup(name).name == "utf-8"
    except LookupError:  # a stream may claim anything
        return False


def examinations() -> list[Examination]:
    """Of this process' own terminal."""
    return [
        Examination(AREA, "dashboard", lambda: dashboard(read_terminal(), smallest_dashboard())),
        Examination(AREA, "colours", lambda: colours(os.environ, os.environ.get("TERM", ""))),
        Examination(AREA, "encodings", lambda: encodings(read_encodings())),
    ]
