"""A session in a real terminal from its beginning to each of its ends, with what people do in between."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.terminals import Terminal

WRONG = """
def price(text):
    name, _, number = text.partition("=")
    return int(number) if name == "x" else 0
"""
RIGHT = WRONG.replace("int(number)", "len(number)")
HARNESS = "import prices\n\n\ndef fuzz_prices(text: str) -> None:\n    prices.price(text)\n"

ENDS = ["quit", "TERM", "INT", "HUP"]


class Session:
    """A dashboard on a small project, whose code is loaded anew when it changes."""

    def __init__(self, folder: Path) -> None:
        self.code = folder / "prices.py"
        self.code.write_text(WRONG)
        (folder / "fuzz_prices.py").write_text(HARNESS)
        (folder / "pyproject.toml").touch()
        command = [sys.executable, "-m", "fuzztui", "run", "fuzz_prices.py", "-j", "2", "--reload"]
        self.terminal = Terminal(command, size=(24, 80), folder=folder)
        self._seen = 0

    def press(self, *keys: bytes) -> None:
        """From now on only what is drawn after this counts."""
        self._seen = len(self.terminal.output)
        os.write(self.terminal.master, b"".join(keys))

    def until(self, words: str) -> None:
        self.terminal.until(words.encode(), self._seen)

    def resize(self, rows: int, columns: int) -> None:
        self._seen = len(self.terminal.output)
        self.terminal.resize(rows, columns)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.mostly_soak(1)
def test_terminal_is_restored_after_a_session_in_which_everything_was_done(tmp_path: Path, end: str) -> None:
    session = Session(tmp_path)
    terminal = session.terminal
    try:
        session.until("FUZZING")
        session.until("ValueError in price")
        session.press(b"s")
        session.until("by you")  # where "stopping" has been drawn before, only what differs is
        session.resize(25, 80)  # now all is
        session.until("stopped by you")
        session.press(b"\t", b"\r")
        session.until("ValueError")
        session.until("int(number)")
        session.press(b"\x1b")
        session.until("workers:")
        session.code.write_text(RIGHT)
        session.until("1 fixed")
        session.resize(8, 40)
        session.until("too small")
        session.resize(24, 80)
        session.until("FUZZING")
        if end == "quit":
            session.press(b"q")
            session.until("Stop the run?")
            session.press(b"\r")
            session.until("Stopped by you")
            session.press(b"\r")
        else:
            terminal.process.send_signal(signal.Signals[f"SIG{end}"])
        assert terminal.wait() == 1  # a crasher was found, whatever ends the run
        terminal.assert_restored()
        assert "1 crasher was fixed during the run" in terminal.after
        assert "internal error" not in terminal.after
    finally:
        terminal.close()
