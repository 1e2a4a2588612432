"""Prints when a run, which it ends then, has begun to fuzz: seconds of `time.monotonic()`.

Arguments: file, function, cache folder.
"""

import sys
import time
from pathlib import Path

from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import Event, PhaseChanged
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Phase


def main() -> None:
    """Run until the first entry is mutated."""
    file, function, cache = sys.argv[1:]
    session = Session(
        RunOptions(
            target=PythonTarget(Path(file), function, Path(file).parent),
            cache_dir=Path(cache),
            workers=1,
            stop_on_crash=False,
        )
    )
    began: list[float] = []

    def on_event(event: Event) -> None:
        if isinstance(event, PhaseChanged) and event.phase is Phase.FUZZING:
            began.append(time.monotonic())
            session.stop()

    outcome = session.run(on_event)
    if outcome.reason is not StopReason.USER or not began:
        raise SystemExit(f"the run ended because of: {outcome.reason.value} {outcome.detail}")
    print(began[0])


if __name__ == "__main__":
    main()
