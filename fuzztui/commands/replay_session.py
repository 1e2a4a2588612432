"""`fuzztui replay-session`."""

import contextlib
import os
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from fuzztui.commands.arguments import absolute, usage
from fuzztui.engine.keep import places
from fuzztui.engine.show.text import command, label, path_word, say, size
from fuzztui.plain.output import put
from fuzztui.sessions.found import recordings_below, recordings_of
from fuzztui.sessions.recording import LOG_SUFFIX, SUFFIX, UnreadableError, read
from fuzztui.sessions.replaying import SPEEDS, ReplaySession
from fuzztui.terminal.showing import why_no_dashboard
from fuzztui.usage import suggested

MUCH: Final = 8 << 20
"""Bytes of a recording from which on reading it takes seconds."""

NOT_YET: Final = label("nothing is recorded there; fuzztui run TARGET records a run below .fuzztui/sessions")


def replay_session(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A recorded run: .fuzztui/sessions/.../TIME.jsonl.")],
    speed: Annotated[
        float, typer.Option("--speed", min=SPEEDS[0], max=SPEEDS[-1], help="Seconds of the run in one second.")
    ] = 1.0,
) -> None:
    """Show a recorded run in the dashboard, at any speed; nothing is run."""
    _lead_on(file)
    _say_that_it_takes_time(file)
    try:
        recording = read(file)
    except UnreadableError as error:
        usage(error.sentence)
    if why_not := why_no_dashboard(os.environ, sys.stdin, sys.stdout, sys.stderr):
        usage(say("the dashboard is all that this command has: {}", why_not))
    from fuzztui.sessions.replay_app import run_replay

    raise typer.Exit(run_replay(ReplaySession(recording, speed)))


def _say_that_it_takes_time(file: Path) -> None:
    """Of a run that went on for hours: it is read before anything is shown."""
    with contextlib.suppress(OSError):
        if (length := file.stat().st_size) > MUCH:
            put(sys.stderr, say("fuzztui: reads {}, {}", str(file), size(length)))


def _lead_on(file: Path) -> None:
    """A usage error for what is no recording, but has some: a folder, a target, what lies beside one."""
    word, _, _ = str(file).partition("::")
    path = absolute(Path(word))
    beside = path.with_suffix(SUFFIX)
    if path.suffix != SUFFIX and beside.is_file() and (path.suffix == LOG_SUFFIX or path.is_dir()):
        found = [beside]
    elif path.is_dir():
        found = recordings_below(path)
    elif path.suffix == ".py":
        found = recordings_of(path)
    else:
        return
    sentence = say("{} is no recording", str(file))
    if not found:
        usage(say("{}, and {}", sentence, NOT_YET))
    words = [command("fuzztui", "replay-session", path_word(places.shown_path(each))) for each in found]
    usage(suggested(sentence, "did you mean" if len(words) == 1 else "choose one, the newest comes first", words))
