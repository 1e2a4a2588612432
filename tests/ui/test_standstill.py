"""A terminal that nobody reads, as one that scrolls back or one behind a lost network: the run goes on without it."""

import os
import sys
from pathlib import Path
from textwrap import dedent

from fuzztui.engine.show.events import Ended
from fuzztui.sessions.recording import read
from tests.support import DEADLINE, wait_for
from tests.terminals import Terminal

HARNESS = dedent("""
    def fuzz_lines(data: bytes) -> None:
        for part in data.split(b"\\n"):
            if part[:1] == b"#":
                raise ValueError(f"comment of {len(part) % 4}")
""")


def end_of(project: Path) -> Ended | None:
    """How the run ended, as it was recorded; None before that."""
    for file in (project / ".fuzztui").rglob("*.jsonl"):
        if b'"event": "end"' in file.read_bytes():
            return next((told.event for told in read(file).told if isinstance(told.event, Ended)), None)
    return None


LARGE = (60, 200)
"""Rows and columns: more than the kernel takes for a terminal is soon written."""


def test_run_goes_on_and_loses_nothing_while_the_terminal_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "fuzz_lines.py").write_text(HARNESS)
    command = [
        sys.executable,
        "-m",
        "fuzztui",
        "run",
        "fuzz_lines.py",
        "--workers",
        "1",
        "--keep-fuzzing",
        "--minimize-time",
        "0",
    ]
    terminal = Terminal(
        [*command, "--fuzz-time", "2s"], size=LARGE, folder=tmp_path, environment={"PYTHONPATH": str(Path.cwd())}
    )
    try:
        terminal.until(b"FUZZING")
        for _ in range(10):  # what going to and fro draws is more than there is room for
            os.write(terminal.master, b"41")
        ended = wait_for(lambda: end_of(tmp_path), "the end of the run, which nobody sees", 4 * DEADLINE)
        terminal.until(b"Time limit reached")
        shown = len(terminal.output)
        os.write(terminal.master, b"q")
        assert terminal.wait() == 1
        terminal.assert_restored()
        assert shown > 65_536, "more than the kernel keeps, so that the dashboard had to wait"
        assert f"{ended.executions:,} executions" in terminal.after
        assert f"{ended.outcome.received:,} hits received" in terminal.after
        assert ended.outcome.unsaved == 0
    finally:
        terminal.close()
