"""Whether the dashboard can be shown here, and how the terminal is left as it was found."""

import codecs
import contextlib
import curses
import errno
import os
import re
import select
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TextIO

from fuzztui.engine.show.text import NOTHING, Visible, label, say

DRAWN_ON: Final = 2
"""Descriptor of the terminal that the dashboard is drawn on."""

FLUSHES: Final = 20
FLUSH_INTERVAL: Final = 0.005
"""Seconds. Nobody has read the last pictures: they are thrown away, the one that is being written in several pieces."""

_MODES: Final = ("?2026", "?2004", "?2048", "?1000", "?1003", "?1015", "?1006", "?1016", "?1004", "?1049")
"""What the dashboard has switched on: drawing at once, marks around what is pasted, reports of the size, the mouse and
the focus, the other screen.
"""

_RESTORE: Final = "".join(
    [
        "\x18",  # abandons a sequence that was cut off
        "\x1b[23;2t",  # the title as it was
        "\x1b[<u",  # keys as they were, which is said on the screen that they were changed on
        *(f"\x1b[{mode}l" for mode in _MODES),
        "\x1b[?7h\x1b[?25h\x1b[0m",  # wrapping, the cursor, no colours
    ]
).encode("ascii")

_LIKE_XTERM: Final = re.compile(
    r"(alacritty|contour|cygwin|eterm|foot|ghostty|gnome|iterm|kitty|konsole|linux|ms-terminal|mintty|rio|rxvt|screen"
    r"|st|tmux|vte|vt[1-9]\d\d|wezterm|xterm)(-.*)?",
    re.IGNORECASE,
)
"""Kinds of terminals that obey the sequences that the dashboard sends. Remote machines often do not know the newer."""


NO_TERMINAL: Final = label("no terminal")


def why_no_dashboard(
    environment: Mapping[str, str], stdin: TextIO | None, stdout: TextIO | None, stderr: TextIO | None
) -> Visible:
    """Why the dashboard cannot be shown properly, as the first part of a sentence; empty if it can.

    The dashboard reads keys from the first stream, prints its summary on the second and draws on the third.
    """
    if stdin is None or stdout is None or stderr is None or not all(s.isatty() for s in (stdin, stdout, stderr)):
        return NO_TERMINAL
    kind = environment.get("TERM", "")
    if not kind:
        return label("TERM does not say what kind of terminal this is")
    if not _moves_its_cursor(kind, stderr):
        return say("TERM={} is no terminal that the dashboard can be drawn on", kind)
    for stream, name in ((stderr, label("standard error")), (stdout, label("standard output"))):
        if codecs.lookup(stream.encoding).name != "utf-8":
            return say("{} takes {} instead of UTF-8", name, stream.encoding)
    return NOTHING


def _moves_its_cursor(kind: str, stderr: TextIO) -> bool:
    """Whether such a terminal moves its cursor as ANSI has it."""
    if _LIKE_XTERM.fullmatch(kind):
        return True
    try:
        curses.setupterm(kind, stderr.fileno())
    except curses.error:
        return False  # nobody knows it
    return (curses.tigetstr("cup") or b"").startswith(b"\x1b[")


def is_gone() -> bool:
    """Whether the terminal that the dashboard is drawn on has gone away."""
    waiting = select.poll()
    waiting.register(DRAWN_ON, 0)
    return bool(waiting.poll(0))


def restorer() -> Callable[[], None]:
    """Something that leaves the terminal as it is now, as far as can be done without waiting for it."""
    keys = None
    with contextlib.suppress(termios.error):
        keys = termios.tcgetattr(0)

    def restore() -> None:
        with contextlib.suppress(OSError, termios.error):  # it is the last thing that is tried
            if keys is not None:
                termios.tcsetattr(0, termios.TCSANOW, keys)
            # Opened anew: others, the shell for one, share the descriptor, and would no longer wait either.
            own = os.open(os.ttyname(DRAWN_ON), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            for descriptor in (1, DRAWN_ON):
                os.dup2(nowhere, descriptor)  # nothing more is drawn
            for _ in range(FLUSHES):
                termios.tcflush(own, termios.TCOFLUSH)
                termios.tcflow(own, termios.TCOOFF)
                termios.tcflow(own, termios.TCOON)  # who waits to write is not told of the room before
                time.sleep(FLUSH_INTERVAL)
            os.write(own, _RESTORE)

    return restore


def let_go_of_dead_ones() -> None:
    """Point standard streams whose terminal is gone to nowhere, so that what is still written to them cannot fail.

    A terminal that merely sent SIGHUP, or one signalled by hand, is still there and must be restored as usual.
    """
    with Path(os.devnull).open("r+b") as nowhere:
        for descriptor in (0, 1, 2):
            try:
                os.ttyname(descriptor)
            except OSError as error:
                if error.errno != errno.ENOTTY:  # a file or a pipe goes on to work
                    os.dup2(nowhere.fileno(), descriptor)
