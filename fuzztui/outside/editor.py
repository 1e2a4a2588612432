"""Opens a line of a file in a person's editor."""

import os
import shlex
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from fuzztui.engine.show.text import NOTHING, Visible, label, os_error, say

_LINE_FIRST = frozenset(
    ("vi", "vim", "nvim", "view", "gvim", "vise", "nano", "pico", "emacs", "emacsclient", "micro", "kak", "joe", "jed",
     "mg", "ne", "mcedit", "gedit", "kate-line", "ex", "nvi", "elvis", "zile", "tilde")
)  # fmt: skip
"""Editors that take `+LINE FILE`."""

_COLON = frozenset(("hx", "helix", "subl", "sublime_text", "zed", "cursor-colon"))
"""Editors that take `FILE:LINE`."""

_GOTO = frozenset(("code", "codium", "vscodium", "code-insiders", "cursor", "windsurf"))
"""Editors that take `--goto FILE:LINE`."""

_NONE_SET = label("No editor is set: put its name into $VISUAL or $EDITOR.")


def command_for(environ: Mapping[str, str], file: str, line: int) -> list[str]:
    """The words that open `file`, an absolute path, at `line`; none where no editor is set. Of an editor whose words
    are not known the file is opened, and no line. ValueError where the setting is no command.
    """
    setting = environ.get("VISUAL") or environ.get("EDITOR") or ""
    words = shlex.split(setting)
    if not words:
        return []
    name = Path(words[0]).name
    if name in _LINE_FIRST:
        return [*words, f"+{line}", file]
    if name in _COLON:
        return [*words, f"{file}:{line}"]
    if name in _GOTO:
        return [*words, "--goto", f"{file}:{line}"]
    return [*words, file]


def open_at(location: str) -> Visible:
    """Open `file:line` and wait until the editor has ended; the terminal is the editor's meanwhile. Says what went
    wrong, or nothing.
    """
    name, _, number = location.rpartition(":")
    line = int(number) if number.isascii() and number.isdecimal() else 1
    file = Path(name).absolute()
    if not file.is_file():
        return say("{} is not there (any more).", name)
    try:
        command = command_for(os.environ, str(file), line)
    except ValueError as error:
        return say("$VISUAL or $EDITOR is no command: {}.", error)
    if not command:
        return _NONE_SET
    try:
        code = _in_foreground(command)
    except OSError as error:
        return say("The editor cannot be started: {}.", os_error(error, command[0]))
    if code < 0:
        return say("{} was ended by {}.", command[0], signal.Signals(-code).name)
    return say("{} ended with status {}.", command[0], code) if code else NOTHING


def _in_foreground(command: list[str]) -> int:
    """Run a command to which the terminal belongs, so that its keys, ctrl+c among them, are for it alone."""
    process = subprocess.Popen(command, process_group=0)
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return process.wait()
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # we are in the background while we take it back
    try:
        _give(terminal, process.pid)
        while True:
            _, status = os.waitpid(process.pid, os.WUNTRACED)
            if not os.WIFSTOPPED(status):
                break
            # It read before the terminal was its own, or somebody suspended it: there is no shell to go back to.
            _give(terminal, process.pid)
        process.returncode = os.waitstatus_to_exitcode(status)
        return process.returncode
    finally:
        os.tcsetpgrp(terminal, os.getpgrp())
        signal.signal(signal.SIGTTOU, before)
        os.close(terminal)


def _give(terminal: int, group: int) -> None:
    try:
        os.tcsetpgrp(terminal, group)
        os.killpg(group, signal.SIGCONT)
    except ProcessLookupError:
        return  # it has ended already
