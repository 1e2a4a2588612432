"""Whether workers can have folders and a network of their own, and what a run does where they cannot."""

import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.text import say

PATIENCE: Final = 20.0
"""Seconds until a process that tries it has ended: that takes a tenth of one."""

_TRY: Final = "import sys; sys.path.insert(0, sys.argv[1]); from fuzztui.worker.process.privacy import try_it; try_it()"


@cache
def why_not() -> str:
    """Why the system does not allow it; empty if it does. It is tried once."""
    command = [sys.executable, "-P", "-c", _TRY, str(Path(__file__).parents[3])]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if done.returncode == 0 else done.stdout.strip() or f"status {done.returncode}"


def undisturbed(options: RunOptions) -> RunOptions:
    """The options of a run, with one worker where several would disturb each other and cannot be kept apart."""
    target = options.target
    if not isinstance(target, PythonTarget) or not target.is_exclusive or options.workers == 1:
        return options
    reason = why_not()
    if not reason:
        return options
    sentence = say(
        "one worker instead of {}: {} seems to write files of fixed names, or to bind ports, and workers cannot have "
        "folders and a network of their own here ({})",
        options.workers,
        target.file.name,
        reason,
    )
    return replace(options, workers=1, remarks=(*options.remarks, sentence))
