"""Starts a coordinator that lives on without the terminal.

It is this program once more, with the same arguments, in a session of its own, whose output goes to a file. A variable
of its environment tells it the descriptor on which it says that it listens.
"""

import os
import select
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from fuzztui.engine.keep.storage import begin_file, read_file
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.show.exit_status import FAILED
from fuzztui.engine.show.text import Visible, label, os_error, say, visible
from fuzztui.sessions.recording import LOG_SUFFIX

VARIABLE: Final = "FUZZTUI_DETACHED"

PATIENCE: Final = 30.0
"""Seconds until it listens; that takes a tenth of one."""

LARGEST: Final = 1 << 20

_PROGRAM: Final = (
    "import sys; sys.argv[0] = {argv0!r}; sys.path.append({path!r}); from fuzztui.__main__ import main; main()"
)


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody who has been started so was told."""

    descriptor: int
    """Where it says that it listens."""
    log: Path


class StartError(Exception):
    """The coordinator does not run: what it said, and its exit status."""

    def __init__(self, sentence: Visible, status: int = FAILED) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


def told() -> Told | None:
    """Whether this process is such a coordinator. Its own children are not."""
    descriptor, _, log = os.environ.pop(VARIABLE, "").partition(":")
    return Told(int(descriptor), Path(log)) if descriptor.isdecimal() else None


def start(options: RunOptions) -> tuple[str, Path]:
    """Start one, and wait until it listens: its id, and where its output goes. StartError if it does not."""
    folder = options.target.sessions_dir(options.cache_dir)
    name = f"{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}{LOG_SUFFIX}"
    log = folder / name
    try:
        output = begin_file(folder, name)
        ours, theirs = os.pipe()
    except OSError as error:
        raise StartError(os_error(error, log)) from None
    program = _PROGRAM.format(argv0=sys.argv[0], path=str(Path(__file__).parents[2]))
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", program, *sys.argv[1:]],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=[theirs],
            env={**os.environ, VARIABLE: f"{theirs}:{log}"},
        )
    except OSError as error:
        raise StartError(os_error(error, sys.executable)) from None
    finally:
        os.close(theirs)
        os.close(output)
    try:
        ready, _, _ = select.select([ours], [], [], PATIENCE)
        said = os.read(ours, 100).decode() if ready else ""
    finally:
        os.close(ours)
    if said:
        return said, log
    if not ready:
        process.kill()
    status = process.wait()
    try:
        words = visible(read_file(log, LARGEST).decode("utf-8", "replace").strip(), multiline=True)
    except OSError as error:
        words = os_error(error, log)
    raise StartError(words or label("the coordinator has ended without a word"), status if status > 0 else FAILED)


def say_ready(where: Told, run_id: str) -> None:
    """Tell whoever started us that we listen."""
    os.write(where.descriptor, run_id.encode())
    os.close(where.descriptor)


def started(run_id: str, target: Visible, log: Path) -> list[Visible]:
    """What a person is told."""
    return [
        say("{} runs in the background as {}", target, run_id),
        say("    show it: fuzztui attach {}", run_id),
        say("    its lines: {}", log),
    ]
