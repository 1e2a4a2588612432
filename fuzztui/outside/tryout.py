"""Runs an exported test once, to see that it fails as its crasher does, or passes since that is mended."""

import os
import re
import shutil
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fuzztui.engine.show.failure import CrasherKind, Failure
from fuzztui.engine.show.text import Visible, label, one_line, say, shell_word
from fuzztui.outside.processes import Processes

GRACE: Final = 60.0
"""Seconds that pytest may take besides what the input may."""

_PASSED, _FAILED = 0, 1
"""Exit statuses of pytest. Others tell of no test."""

_SUMMARY: Final = re.compile(r"^FAILED .*$", re.MULTILINE)

_REASON: Final = re.compile(r"^(?:E  +|ERROR: )(?P<why>\S.*)$", re.MULTILINE)


class CannotTryError(Exception):
    """The test could not be run; the sentence says why."""

    def __init__(self, sentence: Visible) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Test:
    """A test that lies in the project."""

    __test__ = False  # it is none of ours

    path: Path
    name: str
    """Of its function."""
    failure: Failure
    """What it is to fail by."""
    python: str = ""
    """The interpreter; empty for the one that runs this."""
    timeout: float = 10.0
    """Seconds that its input may take."""

    @property
    def id(self) -> Visible:
        """As pytest names it, from the current folder where it lies inside."""
        here = Path.cwd()
        path = self.path.relative_to(here) if self.path.is_relative_to(here) else self.path
        return one_line(f"{path}::{self.name}", 1_000)

    @property
    def command(self) -> Visible:
        """As it is typed."""
        return say("pytest {}", shell_word(self.id))


def try_out(test: Test, processes: Processes) -> Visible:
    """Run a test: `failed as it should`, `passed: fixed`, or how else it failed. CannotTryError if it was not run."""
    python = test.python or sys.executable
    # Plugins of the project have their say, but none may send the test elsewhere or run it twice.
    command = [python, "-m", "pytest", "-q", "-rf", "--tb=line", "-p", "no:cacheprovider", "-p", "no:xdist"]
    ended = processes.run(
        [*command, f"{test.path}::{test.name}"],
        timeout=GRACE + 2 * test.timeout,
        cwd=test.path.parent,
        env={**os.environ, "COLUMNS": "1000", "PYTEST_ADDOPTS": ""},
        start_new_session=True,
    )
    if ended.returncode == -signal.SIGKILL:
        raise CannotTryError(say("it did not end within {:.0f} s", GRACE + 2 * test.timeout))
    if ended.returncode == _PASSED:
        if " passed" not in ended.stdout:
            raise CannotTryError(say("it was not run: {}", one_line(_last_line(ended.stdout), 200)))
        return label("passed: fixed")
    summary = _SUMMARY.search(ended.stdout)
    if ended.returncode == _FAILED and summary is not None:
        how = one_line(summary.group().partition(" - ")[2], 500)
        return label("failed as it should") if _is_meant(test.failure, how) else say("failed otherwise: {}", how)
    raise CannotTryError(_why_not(python, ended.stdout, ended.stderr))


def _is_meant(failure: Failure, how: str) -> bool:
    """Whether pytest's short word for how a test failed fits a failure. What ends a process is told by an assertion."""
    if failure.kind is not CrasherKind.EXCEPTION:
        return bool(how)
    name = failure.type.rpartition(".")[2]
    told = how.partition(":")[0].rpartition(".")[2].strip()
    return told == name or name in how


def _why_not(python: str, out: str, err: str) -> Visible:
    if "No module named pytest" in err:
        known = "" if shutil.which("pytest") is None else ", while the shell's pytest is another one's"
        return say("pytest is not installed for {}{}", python, known)
    reasons = [found["why"] for found in _REASON.finditer(f"{out}\n{err}")]
    return say("pytest could not run it: {}", one_line((reasons or [_last_line(out or err)])[0], 200))


def _last_line(text: str) -> str:
    return next((line for each in reversed(text.splitlines()) if (line := each.strip("= "))), "nothing was said")
