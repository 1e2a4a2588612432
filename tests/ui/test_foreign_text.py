"""Whatever a target's files, exceptions and outputs are called, no screen and no report shows what a terminal obeys."""

import io
import os
import re
import subprocess
import unicodedata
from pathlib import Path

import pytest

from fuzztui.dashboard import print_report
from fuzztui.engine.crew import findings
from fuzztui.engine.keep.corpus import Entry, Origin
from fuzztui.engine.keep.crashers import CrasherBook
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.running.clock import RunClock
from fuzztui.engine.running.composer import Composer
from fuzztui.engine.running.run_state import RunState
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.text import one_line, os_error, say, visible
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.protocol.messages import Failure, Frame
from fuzztui.screens.final import FinalScreen
from tests.ui.driving import dashboard
from tests.ui.fakes import FakeSession, ended, outcome, snapshot, worker

NASTY = "\x1b]0;owned\x07\x9b31mü\u202e\n'\udcff"


def obeyed(shown: str) -> set[str]:
    """Characters that a terminal obeys or draws as nothing; newlines are what lines end in."""
    return {one for one in shown.replace("\n", "") if unicodedata.category(one) in ("Cc", "Cf", "Cs")}


@pytest.fixture
def options(tmp_path: Path) -> RunOptions:
    folder = tmp_path / NASTY
    return RunOptions(PythonTarget(folder / f"fuzz_{NASTY}.py", "fuzz_it", folder), folder / ".fuzztui", workers=2)


@pytest.fixture
def crashers(options: RunOptions) -> tuple[Crasher, ...]:
    """A crasher and a failing seed, as the engine records them."""
    book = CrasherBook(options, RunClock())
    for number, seed in enumerate((None, Entry(b"x", NASTY, Origin.STORED, options.target.crashers_dir / NASTY))):
        raised = Failure(
            type=f"E{NASTY}",
            message=f"{NASTY} {number}",
            traceback=f'Traceback (most recent call last):\n  File "{NASTY}.py", line 1, in {NASTY}\nE: {NASTY}\n',
            frames=[Frame(f"{NASTY}.py", 1, NASTY)],
            bucket=f"bucket{number}",
            group=NASTY,
        )
        book.record(b"\x1b" * (number + 1), findings.of_exception(raised, options), worker=0, seed=seed)
    return tuple(book.crashers)


async def test_no_screen_shows_what_a_terminal_obeys(options: RunOptions, crashers: tuple[Crasher, ...]) -> None:
    composed = Composer(options, RunClock()).compose(RunState(stop_on_crash=False), None, None, ())
    reason = one_line(NASTY)
    workers = (
        worker(0, WorkerState.STALLED, detail=visible(NASTY), location=visible(f"{NASTY}.py:1")),
        worker(1, WorkerState.FAILED, reason=reason),
    )
    names = {"target_id": composed.target_id, "target_word": composed.target_word}
    warning = os_error(OSError(13, NASTY, NASTY))
    session = FakeSession(snapshot(crashers=crashers, workers=workers, warnings=(warning,), **names))
    async with dashboard(session, size=(200, 60), notifications=True) as driver:
        for keys in ((), ("enter",), ("escape", "j", "enter"), ("escape", "tab", "enter"), ("n",), ("question_mark",)):
            await driver.press(*keys)
            assert not obeyed(driver.text), driver.text
            assert r"\x1b]0;owned\x07\x9b31m" in driver.text or "help" in driver.text
        await driver.press("escape", "escape", "q")
        assert not obeyed(driver.text)
        detail = say("{}\n{}", NASTY, warning)
        last = ended(StopReason.HARNESS, crashers=crashers, workers=workers, **names)
        await driver.press("escape")
        driver.session.finish(
            ended(
                StopReason.HARNESS,
                crashers=crashers,
                workers=last.workers,
                outcome=outcome(StopReason.HARNESS, detail=detail),
                **names,
            )
        )
        await driver.until_screen(FinalScreen)
        assert not obeyed(driver.text)
        assert r"\x1b]0;owned\x07\x9b31m" in driver.text


def _named(path: Path) -> bytes:
    """As commands name a stored input: by the first digits of a digest, where its name is one."""
    return path.name[:12].encode() if re.fullmatch(r"[0-9a-f]{64}", path.name) else bytes(path)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_printed_report_fits_its_stream_and_its_commands_work(
    encoding: str, options: RunOptions, crashers: tuple[Crasher, ...]
) -> None:
    composed = Composer(options, RunClock()).compose(RunState(stop_on_crash=False), None, None, ())
    last = ended(crashers=crashers, target_id=composed.target_id, target_word=composed.target_word)
    written = io.BytesIO()
    out = io.TextIOWrapper(written, encoding=encoding)
    print_report(last, out)
    out.flush()
    printed = written.getvalue().decode(encoding)
    assert not obeyed(printed)
    commands = [line.partition("$ ")[2] for line in printed.splitlines() if line.lstrip().startswith("$ ")]
    assert len(commands) == 3
    for line, path in zip(commands, [*(crasher.path for crasher in crashers), None], strict=True):
        said = subprocess.run(
            ["bash", "-c", line.replace("fuzztui", r"printf '%s\0'", 1).encode(encoding)],
            capture_output=True,
            check=True,
        )
        words = said.stdout.split(b"\0")[:-1]
        assert words[1] == os.fsencode(options.target.command_words[0])
        assert words[2:] == ([_named(path)] if path is not None else [])
