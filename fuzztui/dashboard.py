"""Runs the dashboard over sessions: what is printed afterwards, and with which status it all ends."""

import io
import sys
from collections.abc import Callable
from typing import TextIO

from rich.console import Console

from fuzztui.app import FuzzApp
from fuzztui.engine.keep.storage import replace
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.exit_status import FAILED, UNSAVED, of_both
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import Visible, label, os_error, say
from fuzztui.internal_error import describe
from fuzztui.plain.output import encoding_of, put, put_rendered
from fuzztui.screens.decider import DiskDecider
from fuzztui.screens.report import printed_report
from fuzztui.settings import Settings, read_settings, settings_file
from fuzztui.signals import ATTENDANT
from fuzztui.stopping import stopping
from fuzztui.terminal import showing as terminal
from fuzztui.widgets.tone import rich_text


def run_dashboard(
    session: SessionLike,
    options: RunOptions,
    settings: Settings | None = None,
    *,
    stays: bool = True,
    again: Callable[[], SessionLike] | None = None,
) -> int:
    """Run a session under the dashboard, print its final status on the normal screen, and return the exit code.

    `settings`: of the person; those of their file where none are given. `stays`: whether the result is shown until
    somebody leaves it. `again`: makes another session of these options, whenever somebody wants to run again; nobody
    can without it. The exit code is that of all sessions, see `of_both`. Returns when the session's thread has
    returned, whatever happened to the app.
    """
    begun = False

    def app_of(settings: Settings | None, earlier: int) -> FuzzApp:
        nonlocal begun
        shown = again() if begun and again is not None else session
        begun = True
        runs_again = again is not None
        return FuzzApp(shown, DiskDecider(options), settings, stays=stays, runs_again=runs_again, earlier=earlier)

    return run_app(app_of, options, settings)


def run_app(
    app_of: Callable[[Settings | None, int], FuzzApp], options: RunOptions, settings: Settings | None = None
) -> int:
    """Run the app that is made with these settings and the exit status so far, and another one whenever somebody wants
    to run again; see `run_dashboard`.
    """
    app = app_of(settings or read_settings(settings_file()), 0)
    for problem in app.problems:
        put(sys.stderr, say("fuzztui: {}", problem))
    status = _show(app, options)
    while app.wants_again and not terminal.is_gone():
        app = app_of(app.settings, status)
        status = of_both(status, _show(app, options))
    return status


def _show(app: FuzzApp, options: RunOptions) -> int:
    """Run the dashboard of one session, and print its final status; its exit code."""
    session = app.session
    # A traceback belongs into a bug report, not on the screen of somebody who fuzzes.
    details = io.StringIO()
    app.error_console = Console(file=details, markup=False, highlight=False, width=120)
    with (
        ATTENDANT.heard_by(stopping(session, app.on_signal)),
        ATTENDANT.watched(terminal.DRAWN_ON),
        ATTENDANT.last_resort(terminal.restorer()),
    ):
        try:
            app.run()
        finally:
            app.surroundings.desk.close()
    snapshot = session.snapshot()
    outcome = snapshot.outcome
    if outcome is not None and not terminal.is_gone():
        print_report(snapshot, sys.stdout)
    has_ended_by_hangup = outcome is not None and outcome.reason is StopReason.HANGUP
    if app.failure is None and details.getvalue() and not has_ended_by_hangup:
        kept = _keep(details.getvalue(), options)
        app.failure = say("The dashboard failed: {} ({})", describe(app._exception), kept)
    if app.failure is None and outcome is None:
        app.failure = label("The dashboard ended before the run did.")
    if app.failure is not None:
        put(sys.stderr, say("fuzztui: {}", app.failure))
        return UNSAVED if outcome is not None and outcome.exit_code == UNSAVED else FAILED
    return outcome.exit_code if outcome is not None else FAILED


def print_report(snapshot: Snapshot, out: TextIO) -> None:
    """Print how a run ended, in the terminal's own colours where there is one."""
    console = Console(file=out, highlight=False, soft_wrap=True)
    width = console.width if console.is_terminal else None
    with console.capture() as printed:
        console.print(rich_text(printed_report(snapshot, width, encoding_of(out))))
    put_rendered(out, printed.get())


def _keep(details: str, options: RunOptions) -> Visible:
    """Write the details of a failure into the cache, and say where they are or why they are not."""
    folder = options.cache
    try:
        replace(folder, "dashboard-error.txt", details.encode("utf-8", "backslashreplace"), durable=False)
    except OSError as error:
        return say("no details: {}", os_error(error))
    return say("details: {}", folder / "dashboard-error.txt")
