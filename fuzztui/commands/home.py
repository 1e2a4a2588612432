"""`fuzztui` without arguments: the project, from which targets are run, and which one comes back to."""

import io
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from fuzztui.engine.campaign.campaign import Campaign, CampaignOptions, shared_limits
from fuzztui.engine.keep import places
from fuzztui.engine.request.companions import accompanied
from fuzztui.engine.request.options import DEFAULT_MINIMIZE_TIME, Limit, RunOptions, Watching, usable_cores
from fuzztui.engine.session import Session
from fuzztui.engine.show.exit_status import of_both
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.text import NOTHING, Visible, label, say
from fuzztui.engine.triaging import TriageSession
from fuzztui.home.overview import Entry, project_here
from fuzztui.plain.output import put
from fuzztui.sessions.recorder import Recorder
from fuzztui.settings import read_settings, settings_file
from fuzztui.signals import ATTENDANT, exit_status
from fuzztui.terminal import showing as terminal
from fuzztui.unread import unread_inputs
from fuzztui.words.sentences import plural

if TYPE_CHECKING:  # Textual takes 0.3 s to import
    from fuzztui.home.screen import Bench, Plan

_SIGNALS: Final = (StopReason.INTERRUPTED, StopReason.TERMINATED, StopReason.HANGUP)

_STOPPED: Final = (StopReason.USER, StopReason.LAST_WORKER_STOPPED)
"""Somebody wants to be here again."""


def open_home() -> int:
    """Show the project, and again after what somebody wants to be done; the exit status: that of all runs together,
    see `of_both`.
    """
    from fuzztui.home.screen import Bench

    root, bench, status = project_here(), Bench(), 0
    while not isinstance(plan := _ask(root, bench, status), int):
        if plan.is_together:
            ended, reason = _do_together(plan, bench)
            status = of_both(status, ended)
            if reason in _SIGNALS:
                return status
            continue
        for number, entry in enumerate(plan.entries, 1):
            is_several = len(plan.entries) > 1
            if is_several:
                put(sys.stdout, say("fuzztui: {} of {}: {}", number, len(plan.entries), entry.id))
            ended, reason = _do(entry, plan, bench, stays=not is_several)
            status = of_both(status, ended)
            if reason in _SIGNALS:
                return status
            if reason in _STOPPED and number < len(plan.entries):
                break  # the others stay marked
            bench.marked.discard(entry.id)

    return plan


def _ask(root: Path, bench: "Bench", status: int) -> "Plan | int":
    """Show the project; what somebody wants to be done, or the exit status, which is this one so far."""
    from fuzztui.home.app import HomeApp

    app = HomeApp(root, bench, read_settings(settings_file()))
    app.error_console = Console(file=io.StringIO())  # a traceback belongs into a bug report: it is raised below
    signals: list[signal.Signals] = []

    def on_signal(number: signal.Signals) -> None:
        signals.append(number)
        ATTENDANT.decide(status or exit_status(number))
        app.leave_soon()

    with (
        ATTENDANT.heard_by(on_signal),
        ATTENDANT.watched(terminal.DRAWN_ON),
        ATTENDANT.last_resort(terminal.restorer()),
    ):
        plan = app.run()
    if signals:
        return status or exit_status(signals[-1])
    if app._exception is not None:
        raise app._exception
    for problem in app.problems:
        put(sys.stderr, say("fuzztui: {}", problem))
    return status if plan is None else plan


def _do(entry: Entry, plan: "Plan", bench: "Bench", *, stays: bool) -> tuple[int, StopReason | None]:
    """Run a target in the dashboard, once or several times, or look at its crashers; the exit status, and why the last
    run ended.
    """
    from fuzztui.dashboard import run_dashboard

    is_fuzzed = not plan.is_triage
    options = _options(entry, plan.limit, is_fuzzed=is_fuzzed)
    if not is_fuzzed:
        looked_at = TriageSession(options, tuple(kind for _, kind in entry.info.parameters))
        status = run_dashboard(looked_at, options, stays=stays)
        return (status if looked_at.snapshot().outcome is None else 0), None
    sessions: list[Session] = []

    def begin() -> Session:
        sessions.append(Session(options, [Recorder(options)]))
        return sessions[-1]

    status = run_dashboard(begin(), options, stays=stays, again=begin)
    outcome = sessions[-1].snapshot().outcome
    if outcome is None:
        return status, None
    crashers = [crasher for session in sessions for crasher in session.snapshot().crashers]
    new = sum(not crasher.is_known and crasher.seed_name is None for crasher in crashers)
    found = say(", {}", plural(new, "new crasher")) if new else NOTHING
    detail: Visible = say(": {}", outcome.detail) if outcome.detail else NOTHING
    bench.selected = entry.id
    bench.news[entry.id] = say("{}{}{}", label(outcome.reason.value), found, detail)
    bench.told = say("{}: {}{}", entry.info.name, label(outcome.reason.value), found)
    return status, outcome.reason


def _options(entry: Entry, limit: Limit, *, is_fuzzed: bool = True) -> RunOptions:
    """Of a run of this target."""
    assert entry.target is not None, "a target that cannot be run is not offered"
    options = RunOptions(
        target=entry.target,
        cache_dir=places.default_cache_dir(entry.target.project),
        workers=usable_cores() if is_fuzzed else 1,
        limit=limit,
        stop_on_crash=False,
        minimize_time=DEFAULT_MINIMIZE_TIME if is_fuzzed else 0.0,
        niceness=10 if is_fuzzed else 0,
        watching=Watching.CODE if is_fuzzed else Watching.NOTHING,
        remarks=tuple(unread_inputs([entry.info.file])) if is_fuzzed else (),
    )
    return accompanied(options)


def _do_together(plan: "Plan", bench: "Bench") -> tuple[int, StopReason | None]:
    """Run several targets in one run; the exit status, and why it ended."""
    from fuzztui.targets_app import run_targets_dashboard

    limits = shared_limits(plan.limit, len(plan.entries))
    targets = tuple(_options(entry, own) for entry, own in zip(plan.entries, limits, strict=True))
    names = tuple(say("{}", entry.id) for entry in plan.entries)
    options = CampaignOptions(targets, usable_cores(), plan.limit.seconds, stop_on_crash=False, names=names)
    status, shown = run_targets_dashboard(lambda: Campaign(options, lambda own: [Recorder(own)]))
    if shown.outcome is None:
        return status, None
    for entry, row in zip(plan.entries, shown.targets, strict=True):
        if row.outcome is not None:
            found = say(", {}", plural(row.crashers, "crasher")) if row.crashers else NOTHING
            bench.news[entry.id] = say("{}{}", label(row.outcome.reason.value), found)
    bench.selected = plan.entries[0].id
    bench.marked.clear()
    bench.told = say("{}: {}", plural(len(plan.entries), "target"), label(shown.outcome.reason.value))
    return status, shown.outcome.reason
