"""In a real terminal: it is left as it was found, with the right exit code, on every way out."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.show.exit_status import FAILED
from tests.terminals import DEADLINE, Terminal

Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    terminals: list[Terminal] = []

    def open_terminal(way: str, **options: Any) -> Terminal:
        terminals.append(Terminal([sys.executable, "-m", "tests.ui.terminal", way, str(tmp_path)], **options))
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
    assert "19 hits received = 2 stored + 17 duplicates" in terminal.after
    assert "fuzztui replay" in terminal.after
    assert "returned=True code=0" in terminal.after


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        (signal.SIGTERM, 143, "Terminated (SIGTERM)"),
        (signal.SIGINT, 130, "Interrupted (SIGINT)"),
        (signal.SIGHUP, 129, "The terminal went away (SIGHUP)"),
    ],
)
@pytest.mark.mostly_soak(1)
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
    terminal.vanish()
    terminal.process.send_signal(signal.SIGHUP)
    assert terminal.process.wait(DEADLINE) == 129


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


@pytest.mark.soak
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
@pytest.mark.soak
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


def fill(terminal: Terminal) -> None:
    """Have it draw more than anybody takes in: nobody reads, and the screen is drawn anew again and again."""
    for turn in range(40):
        terminal.resize(30 + turn % 2, 100)
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)], ids=["TERM", "INT", "HUP"]
)
@pytest.mark.mostly_soak(1)
def test_terminal_that_nobody_reads_keeps_no_process_from_its_end(
    start: Start, number: signal.Signals, code: int
) -> None:
    terminal = start("wait")
    terminal.until(b"FUZZING")
    fill(terminal)
    terminal.process.send_signal(number)
    assert terminal.process.wait(DEADLINE) == code
    assert terminal.wait() == code
    assert b"\x1b[?1049l" in terminal.output
    assert b"\x1b[?25h" in terminal.output


@pytest.mark.parametrize("ignored", [(), (signal.SIGHUP,)], ids=["heard", "ignored"])
def test_terminal_that_goes_away_ends_the_process_by_itself(start: Start, ignored: tuple[signal.Signals, ...]) -> None:
    def ignore() -> None:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)

    terminal = start("wait", before=ignore)
    terminal.until(b"FUZZING")
    terminal.vanish()
    assert terminal.process.wait(DEADLINE) == 129


@pytest.mark.soak
def test_terminal_that_goes_away_at_any_moment_ends_the_process(start: Start) -> None:
    for turn in range(60):
        terminal = start("wait")
        terminal.until(b"FUZZING" if turn % 2 else b"\x1b[?1049h")
        if turn % 3 == 0:
            fill(terminal)
        time.sleep(turn / 100)
        terminal.vanish()
        assert terminal.process.wait(DEADLINE) == 129, turn


@pytest.mark.parametrize(
    "sizes", [[(1, 1)], [(3, 10)], [(0, 0)], [(50, 1)], [(30, 100), (2, 4), (1, 1), (30, 100), (1, 1)]]
)
@pytest.mark.mostly_soak(1)
def test_terminal_of_any_size_is_drawn_on_to_the_end(start: Start, sizes: list[tuple[int, int]]) -> None:
    terminal = start("time", size=sizes[0])
    terminal.until(b"\x1b[?1049h")
    for size in sizes[1:]:
        terminal.resize(*size)
        terminal.read_for(0.5)
    terminal.read_for(1.0)
    for _ in range(20):
        if terminal.process.poll() is None:
            os.write(terminal.master, b"q")
            terminal.read_for(0.5)
    assert terminal.wait() == 0
    terminal.assert_restored()
    assert "Traceback" not in terminal.after


def test_editor_has_the_terminal_and_its_keys_alone_and_gives_them_back(start: Start, tmp_path: Path) -> None:
    said = tmp_path / "said"
    editor = tmp_path / "nano"
    # Whoever is in the foreground gets ctrl+c; the run must not be stopped by one that is meant for the editor.
    editor.write_text(
        f"#!/bin/sh\necho opened; trap 'echo \"$@\" interrupted > {said}; echo ended; exit 0' INT\n"
        "while :; do sleep 0.05; done\n"
    )
    editor.chmod(0o755)
    terminal = start("edit", environment={"EDITOR": str(editor), "VISUAL": None})
    terminal.until(b"FUZZING")
    os.write(terminal.master, b"\te")
    terminal.until(b"opened")
    terminal.read_for(0.5)
    os.write(terminal.master, b"\x03")
    terminal.until(b"ended")
    terminal.output = b""
    terminal.until(b"FUZZING")
    assert said.read_text() == f"+12 {tmp_path}/code.py interrupted\n"
    os.write(terminal.master, b"qy")
    terminal.until(b"leave")
    os.write(terminal.master, b"q")
    terminal.wait()
    assert "Stopped by you" in terminal.after


@pytest.mark.processes
def test_run_is_run_again_with_its_options_as_often_as_somebody_wants(tmp_path: Path) -> None:
    (tmp_path / "fuzz_a.py").write_text("def fuzz_a(data: bytes) -> None:\n    data.hex()\n")
    command = [sys.executable, "-m", "fuzztui", "run", "fuzz_a.py::fuzz_a", "-j", "1", "-t", "50x"]
    terminal = Terminal(command, folder=tmp_path)
    try:
        terminal.until(b"runs again")
        os.write(terminal.master, b"r")
        terminal.until(b"\x1b[?1049l")
        printed = len(terminal.output)
        terminal.until(b"runs again", start=printed)
        os.write(terminal.master, b"q")
        assert terminal.wait() == 0
        terminal.assert_restored()
        assert terminal.output.count(b"\x1b[?1049h") == 2
        assert terminal.output.count(b"\x1b[22;0t") == terminal.output.count(b"\x1b[23;0t")
        normal = [part.rpartition(b"\x1b[?1049l")[2] for part in terminal.output.split(b"\x1b[?1049h")[1:]]
        assert [b"Execution limit reached" in part for part in normal] == [True, True]
    finally:
        terminal.close()
    recordings = list((tmp_path / ".fuzztui").rglob("*.jsonl"))
    assert len(recordings) == 2
