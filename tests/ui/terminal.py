"""The dashboard in a terminal of its own: `python -m tests.ui.terminal WAY`, run by `test_terminal.py` under a pty.

WAY says how it ends: `time`, `broken` (an exception inside the app), `engine` (the engine fails), `wait` (it does not
end by itself), `edit` (the same, with a crasher in line 12 of `code.py` in the folder).
"""

import sys
import threading
from dataclasses import replace
from pathlib import Path

from fuzztui.dashboard import run_dashboard
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.signals import ATTENDANT
from tests.ui.fakes import ObedientSession, crasher, ended, outcome, snapshot


class BrokenSession(ObedientSession):
    """Shows the app, and only the app, something that cannot be drawn."""

    def snapshot(self) -> Snapshot:
        shown = super().snapshot()
        if threading.current_thread() is threading.main_thread() and shown.outcome is None:
            return replace(shown, workers=(None,))  # type: ignore[arg-type]
        return shown


def main(way: str, folder: Path) -> int:
    ATTENDANT.begin()
    session = BrokenSession() if way == "broken" else ObedientSession()
    if way == "time":
        session.finish(ended(outcome=outcome(exit_code=0)))
    elif way == "edit":
        (folder / "code.py").touch()
        session.publish(snapshot(crashers=(crasher(0, location=f"{folder}/code.py:12"),)))
    elif way == "engine":
        session.fail(OSError("no more [/x] processes"))
    code = run_dashboard(
        session, RunOptions(PythonTarget(folder / "f.py", "f", folder), folder / ".fuzztui", workers=1)
    )
    # Whoever reads this knows that the session's thread has returned before the dashboard did.
    print(f"returned={session.returned} code={code}", flush=True)
    return code


if __name__ == "__main__":
    ATTENDANT.leave(main(sys.argv[1], Path(sys.argv[2])))
