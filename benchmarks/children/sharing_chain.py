"""One node of a campaign: prints `ready` when it fuzzes, and the message of each crasher when it is found.

Arguments: file, function, folder for its cache, where it shares, or `-` where it does not, workers, random seed, name.
Ends when its standard input does.
"""

import sys
import threading
from pathlib import Path

from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.session import Session
from fuzztui.engine.share.place import parse_place
from fuzztui.engine.show.events import CrasherFound, Event, PhaseChanged
from fuzztui.engine.show.snapshot import Phase


def main() -> None:
    """Run it."""
    file, function, folder, place, workers, seed, name = sys.argv[1:]
    options = RunOptions(
        PythonTarget(Path(file), function, Path(file).parent),
        Path(folder, name),
        workers=int(workers),
        stop_on_crash=False,
        seed=int(seed),
        share=parse_place(place, Path(folder)) if place != "-" else None,
        node=name,
    )
    session = Session(options)
    threading.Thread(target=_wait_for_end, args=(session,), daemon=True).start()
    session.run(_say)


def _say(event: Event) -> None:
    match event:
        case PhaseChanged(phase=Phase.FUZZING):
            print("ready", flush=True)
        case CrasherFound(crasher=crasher):
            print(crasher.failure.message, flush=True)


def _wait_for_end(session: Session) -> None:
    sys.stdin.read()
    session.stop()


main()
