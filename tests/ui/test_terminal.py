"""In a real terminal: it is left as it was found, with the right exit code, on every way out."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fuzztui.engine.show.exit_status import FAILED

DEADLINE = 30.0
RESTORED = (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?25h", b"\x1b[?1004l")
"""Alternate screen off, mouse off, cursor on, focus reports off."""


class Terminal:
    """A process in a pty of its own, and all that it wrote."""

    def __init__(self, way: str, folder: Path) -> None:
        self.master, slave = pty.openpty()
        environment = {**os.environ, "TERM": "xterm-256color", "LINES": "30", "COLUMNS": "100"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.ui.terminal", way, str(folder)],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
        )
        os.close(slave)
        self.output = b""

    def _read(self, seconds: float) -> bool:
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:  # EIO: nobody has the other end open any more
            return False
        self.output += data
        return bool(data)

    def until(self, words: bytes) -> None:
        end = time.monotonic() + DEADLINE
        while words not in self.output:
            assert time.monotonic() < end, self.output[-2000:]
            assert self._read(0.1), self.output[-2000:]

    def wait(self) -> int:
        """Read to the end; the exit code."""
        end = time.monotonic() + DEADLINE
        while self.process.poll() is None:
            assert time.monotonic() < end, self.output[-2000:]
            self._read(0.05)
        while select.select([self.master], [], [], 0)[0] and self._read(0):
            pass
        return self.process.returncode

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.master >= 0:
            os.close(self.master)

    @property
    def after(self) -> str:
        """What was printed on the normal screen."""
        return self.output.rpartition(b"\x1b[?1049l")[2].decode()

    def assert_restored(self) -> None:
        for sequence in RESTORED:
            assert sequence in self.output
        assert self.output.rfind(b"\x1b[?1049l") > self.output.rfind(b"\x1b[?1049h")


Start = Callable[[str], Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    terminals: list[Terminal] = []

    def open_terminal(way: str) -> Terminal:
        terminals.append(Terminal(way, tmp_path))
        return terminals[-1]

    yield open_terminal
    for terminal in terminals:
        terminal.close()


def test_final_status_is_printed_on_the_normal_screen_after_leaving(start: Start) -> None:
    terminal = start("time")
    terminal.until(b"leave")
    os.write(terminal.master, b"\r")
    assert terminal.wait() == 0
    terminal.assert_restored()
    assert "Time limit reached" in terminal.after
    assert "19 crashers received = 2 stored + 17 duplicates" in terminal.after
    assert "fuzztui replay" in terminal.after
    assert "returned=True code=0" in terminal.after


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        (signal.SIGTERM, 143, "Terminated (SIGTERM)"),
        (signal.SIGINT, 130, "Interrupted (SIGINT)"),
        (signal.SIGHUP, 0, "returned=True"),
    ],
)
def test_signal_ends_the_run_and_restores_the_terminal(
    start: Start, number: signal.Signals, code: int, words: str
) -> None:
    terminal = start("wait")
    terminal.until(b"FUZZING")
    terminal.process.send_signal(number)
    assert terminal.wait() == code
    terminal.assert_restored()
    assert words in terminal.after
    assert "returned=True" in terminal.after
    assert "Traceback" not in terminal.after


def test_terminal_that_goes_away_ends_the_run(start: Start) -> None:
    terminal = start("wait")
    terminal.until(b"FUZZING")
    os.close(terminal.master)
    terminal.master = -1
    terminal.process.send_signal(signal.SIGHUP)
    assert terminal.process.wait(DEADLINE) == 0


def test_exception_in_the_app_is_one_sentence_and_a_non_zero_exit(start: Start, tmp_path: Path) -> None:
    terminal = start("broken")
    assert terminal.wait() == FAILED
    terminal.assert_restored()
    log = tmp_path / ".fuzztui" / "dashboard-error.txt"
    assert "fuzztui: The dashboard failed: AttributeError: " in terminal.after
    assert str(log) in terminal.after.replace("\r\n", "")
    assert "returned=True" in terminal.after
    assert "Traceback" not in terminal.after
    assert "Traceback" in log.read_text()


def test_details_of_an_exception_are_not_written_through_a_link(start: Start, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / ".fuzztui").mkdir()
    log = tmp_path / ".fuzztui" / "dashboard-error.txt"
    log.symlink_to(victim)
    terminal = start("broken")
    assert terminal.wait() == FAILED
    assert victim.read_text() == "precious"
    assert not log.is_symlink()
    assert "Traceback" in log.read_text()


@pytest.mark.parametrize("in_the_way", ["link", "file"])
def test_details_that_find_no_place_are_said_to_be_missing(start: Start, tmp_path: Path, in_the_way: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    if in_the_way == "link":
        (tmp_path / ".fuzztui").symlink_to(elsewhere)
    else:
        (tmp_path / ".fuzztui").touch()
    terminal = start("broken")
    assert terminal.wait() == FAILED
    terminal.assert_restored()
    said = terminal.after.replace("\r\n", "")
    assert "fuzztui: The dashboard failed: AttributeError: " in said
    assert f"(no details: {tmp_path}/.fuzztui: " in said
    assert "Traceback" not in said
    assert list(elsewhere.iterdir()) == []


def test_engine_that_fails_is_one_sentence_and_exit_70(start: Start) -> None:
    terminal = start("engine")
    assert terminal.wait() == FAILED
    terminal.assert_restored()
    assert "fuzztui: The engine failed: OSError: no more [/x] processes" in terminal.after
    assert "Traceback" not in terminal.after
