"""The front end without a dashboard: plain lines on stderr, or JSON Lines on stdout.

Events arrive in the engine's thread, which must never wait for a slow terminal or a full pipe: they are queued there
and printed by the thread that called `run_headless`.
"""

import json
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from types import FrameType
from typing import Any, Final, TextIO, TypeAlias

from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.session import SessionLike
from fuzztui.engine.show import text
from fuzztui.engine.show.events import (
    CorpusChanged,
    CrasherFound,
    Ended,
    Event,
    InputRan,
    ModulesLoaded,
    PhaseChanged,
    Stats,
    Warned,
    WorkerEnded,
    WorkerStarted,
)
from fuzztui.engine.show.snapshot import (
    Cost,
    Crasher,
    ImportedModule,
    Outcome,
    Phase,
    Profile,
    Snapshot,
    StopReason,
    WorkerRow,
)
from fuzztui.words import account, cost_lines, plural, run_rate, short_message, short_traceback

STOP_REASONS: Final = {
    signal.SIGINT: StopReason.INTERRUPTED,
    signal.SIGTERM: StopReason.TERMINATED,
    signal.SIGHUP: StopReason.HANGUP,
}

Formatter: TypeAlias = Callable[[Event], str]
"""Lines for one event, without the last newline; empty for an event that is not shown."""

Printer: TypeAlias = tuple[TextIO | None, Formatter]
"""Where the lines of a formatter go; None for one that only listens."""

QUIET: Final = 1.0
"""Seconds between two lines about workers that crashers ended."""


def run_headless(session: SessionLike, printers: Sequence[Printer]) -> Outcome:
    """Run a session to its end, printing what happens.

    SIGINT, SIGTERM and SIGHUP stop the run, a second one kills the workers.
    """
    events: queue.SimpleQueue[Event | BaseException] = queue.SimpleQueue()
    engine = threading.Thread(target=_engine, args=(session, events.put), name="engine")
    with _signals_stop(session):
        engine.start()
        outcome = _print_until_end(session, events, printers)
        engine.join()
    return outcome


def _engine(session: SessionLike, put: Callable[[Event | BaseException], None]) -> None:
    try:
        session.run(put)
    except BaseException as error:
        put(error)


def _print_until_end(
    session: SessionLike, events: "queue.SimpleQueue[Event | BaseException]", printers: Sequence[Printer]
) -> Outcome:
    silent: set[TextIO] = set()
    while True:
        event = events.get()
        if isinstance(event, BaseException):
            raise event
        for out, formatter in printers:
            line = formatter(event)
            if not line or out is None or out in silent:
                continue
            try:
                print(line, file=out, flush=True)
            except BrokenPipeError:  # whoever read us has gone (`| head`): nobody is left to run for
                silent.add(out)
                session.stop(StopReason.USER)
                _silence(out)
        if isinstance(event, Ended):
            return event.outcome


def _silence(out: TextIO) -> None:
    """Keep the interpreter from complaining at exit that it cannot flush a broken pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())


@contextmanager
def _signals_stop(session: SessionLike) -> Iterator[None]:
    asked = False

    def handler(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            session.force_stop()
        asked = True
        session.stop(STOP_REASONS[signal.Signals(number)])

    before = {number: signal.signal(number, handler) for number in STOP_REASONS}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


# Plain lines ----------------------------------------------------------------------------------------------------------


class PlainLines:
    """Events for people, in the form that Go's fuzzer has made familiar.

    A `Formatter` with a memory: the summary at the end names the failing seeds that came before it, and of workers that
    crashers end, which may be hundreds in a second, one is told each second and the others are counted.
    """

    def __init__(self) -> None:
        self._failing_seeds = 0
        self._told_at = -QUIET
        """When a worker that a crasher ended was last told of, in seconds of the run."""
        self._untold = 0

    def __call__(self, event: Event) -> str:
        match event:
            case PhaseChanged(phase=Phase.BASELINE):
                return _line(event.elapsed, "gathering baseline coverage")
            case PhaseChanged(phase=Phase.FUZZING):
                return _line(event.elapsed, "gathered baseline coverage, now fuzzing")
            case Stats():
                return _stats(event.snapshot)
            case ModulesLoaded():
                return "\n".join([_line(event.elapsed, sentence) for sentence in module_sentences(event.modules)])
            case CrasherFound():
                self._failing_seeds += event.crasher.seed_name is not None
                return crasher_report(event.crasher)
            case Warned():
                return _line(event.elapsed, f"warning: {event.message}")
            case WorkerEnded() if not event.is_orderly:
                return self._worker_ended(event)
            case Ended():
                lines = (
                    [_line(event.elapsed, f"{plural(self._untold, 'more worker')} ended by crashers")]
                    if self._untold
                    else []
                )
                return "\n".join([*lines, summary(event, self._failing_seeds)])
            case _:
                return ""

    def _worker_ended(self, event: WorkerEnded) -> str:
        words = f"worker {event.worker} ended ({event.exit}): {event.why}"
        if event.is_by_input:
            if event.elapsed - self._told_at < QUIET:
                self._untold += 1
                return ""
            if self._untold:
                words += f" (and {self._untold} more since the last such line)"
            self._told_at, self._untold = event.elapsed, 0
        return _line(event.elapsed, words)


def _line(elapsed: float, message: str) -> str:
    return f"fuzz: elapsed: {text.duration(elapsed)}, {message}"


def module_sentences(modules: Sequence[ImportedModule]) -> list[str]:
    """Which imported modules are not instrumented, or not wholly, those of one reason in one sentence."""
    by_reason: dict[str, list[str]] = {}
    for module in modules:
        if not module.instrumented:
            by_reason.setdefault(module.reason, []).append(module.name)
    sentences = [f"not instrumented: {', '.join(names)}: {reason}" for reason, names in by_reason.items()]
    return sentences + [
        f"{module.name}: {module.reason}" for module in modules if module.instrumented and module.reason
    ]


def _stats(snapshot: Snapshot) -> str:
    if snapshot.phase is Phase.BASELINE:
        progress = f"gathering baseline coverage: {snapshot.baseline_done}/{snapshot.baseline_total}"
        return _line(snapshot.elapsed, progress)
    return _line(
        snapshot.elapsed,
        f"execs: {snapshot.executions} ({round(run_rate(snapshot) or 0)}/sec), "
        f"new interesting: {snapshot.corpus_new} (total: {snapshot.corpus}), edges: {snapshot.edges}, "
        f"crashers: {len(snapshot.crashers)} ({plural(snapshot.hits, 'hit')})",
    )


def crasher_report(crasher: Crasher) -> str:
    """A crasher with its traceback, its file and the one command that runs it again."""
    failure = crasher.failure
    what = f"{failure.type}: {short_message(failure.message)}" if failure.message else failure.type
    head = f"failing seed {crasher.seed_name}: {what}" if crasher.seed_name else f"crasher: {what}"
    lines = [f"--- {head}"]
    if failure.traceback:
        lines += ["", *(f"    {line}" for line in short_traceback(failure.traceback)), ""]
    lines.append(f"    input: {crasher.values} ({text.size(len(crasher.data))})")
    if crasher.path is not None:
        lines.append(f"    file: {shown_path(crasher.path)}")
        lines.append(f"    run it again: {crasher.command}")
    elif crasher.seed_name:
        lines.append("    declared in the target's code")
    else:
        lines.append("    NOT STORED: no folder took it; its bytes in hexadecimal:")
        lines.append(f"    {crasher.data.hex()}")
    return "\n".join(lines)


def summary(event: Ended, failing_seeds: int) -> str:
    """Why the run ended, how each worker did, what became of the crashers, and what the time went on."""
    outcome = event.outcome
    lines = [f"fuzz: {outcome.reason.value} after {text.duration(outcome.seconds)}, {plural(event.executions, 'exec')}"]
    if outcome.detail:
        lines += [f"    {line}" for line in outcome.detail.splitlines()]
    lines += [f"    {worker_ending(row)}" for row in event.workers]
    lines.append(f"    {account(outcome, failing_seeds)}")
    lines += [f"    {line}" for line in cost_lines(event.workers, event.yields)]
    return "\n".join(lines)


def worker_ending(row: WorkerRow) -> str:
    """How one worker ended, in one line."""
    ending = (
        f"{row.exit} in {row.exit_seconds * 1000:.0f} ms" if row.exit and row.exit_seconds is not None else "not ended"
    )
    reason = f": {row.reason}" if row.reason else ""
    restarts = f", {plural(row.restarts, 'restart')}" if row.restarts else ""
    return f"worker {row.id}: {row.state.value}, {plural(row.executions, 'exec')}{restarts}, {ending}{reason}"


# Inputs that exist already --------------------------------------------------------------------------------------------


def input_lines(event: Event) -> str:
    """What became of one input of a replay or a regression test."""
    if not isinstance(event, InputRan):
        return ""
    result, failure = event.result, event.result.failure
    problem = result.problem or (failure.sentence if failure is not None else "")
    head = f"{result.verdict.value} {result.name} ({result.seconds * 1000:.0f} ms)"
    lines = [f"{head}: {problem}" if problem else head]
    if failure is not None:
        lines.append(f"    input: {result.values}")
    ended_its_process = failure is not None and failure.kind.ends_the_process
    printed = "" if ended_its_process else result.output
    for part in (printed, failure.traceback if failure is not None else ""):
        lines += [f"    {line}" for line in part.rstrip().splitlines()]
    return "\n".join(lines)


def change_lines(kept: str, dropped: str) -> Formatter:
    """What minimizing or importing has made of a corpus, in such words for what stays and what does not."""

    def lines(event: Event) -> str:
        if not isinstance(event, CorpusChanged):
            return ""
        change = event.change
        return f"{change.kept} {kept}, {change.dropped} {dropped}, {change.edges} edges covered"

    return lines


def crasher_lines(event: Event) -> str:
    """A crasher that was met on the way."""
    return crasher_report(event.crasher) if isinstance(event, CrasherFound) else ""


def problem_lines(event: Event) -> str:
    """What people should know of a run of inputs: files that are none, warnings, why it could not be done."""
    match event:
        case CorpusChanged(change=change):
            return "\n".join(f"fuzztui: not an input of this target: {sentence}" for sentence in change.malformed)
        case Warned():
            return f"fuzztui: {event.message}"
        case Ended(outcome=outcome) if outcome.reason.is_failure and outcome.detail:
            return f"fuzztui: {outcome.detail}"
        case _:
            return ""


# JSON Lines -----------------------------------------------------------------------------------------------------------


def json_lines(event: Event) -> str:
    """An event as one JSON object; the README documents the fields."""
    fields = _fields(event)
    return json.dumps({"event": fields.pop("event"), "elapsed": round(event.elapsed, 3), **fields})


def _fields(event: Event) -> dict[str, Any]:
    match event:
        case PhaseChanged():
            return {"event": "phase", "phase": event.phase.name.lower()}
        case Stats(snapshot=snapshot):
            return {
                "event": "stats",
                "execs": snapshot.executions,
                "execs_per_second": None if (rate := run_rate(snapshot)) is None else round(rate, 1),
                "edges": snapshot.edges,
                "corpus": snapshot.corpus,
                "new": snapshot.corpus_new,
                "crashers": len(snapshot.crashers),
                "hits": snapshot.hits,
                "workers": [
                    {
                        "id": row.id,
                        "state": row.state.name.lower(),
                        "execs": row.executions,
                        "rss": row.rss,
                        "profile": _shares(row.profile),
                    }
                    for row in snapshot.workers
                ],
            }
        case ModulesLoaded(modules=modules):
            return {"event": "modules", "modules": [asdict(module) for module in modules]}
        case WorkerStarted():
            return {"event": "worker_started", "worker": event.worker, "pid": event.pid, "restarts": event.restarts}
        case WorkerEnded():
            return {
                "event": "worker_ended",
                "worker": event.worker,
                "exit": event.exit,
                "why": event.why,
                "seconds": round(event.seconds, 3),
            }
        case CrasherFound(crasher=crasher):
            return {
                "event": "crasher",
                **crasher.failure.fields(),
                "path": str(crasher.path) if crasher.path is not None else None,
                "sha256": crasher.sha256,
                "worker": crasher.worker,
                "seed": crasher.seed_name,
                "command": crasher.command,
                "data": None if crasher.path is not None or crasher.seed_name else crasher.data.hex(),
            }
        case InputRan(result=result):
            return {
                "event": "input",
                "name": result.name,
                "verdict": result.verdict.name.lower(),
                "seconds": round(result.seconds, 3),
                "values": result.values,
                "output": result.output,
                "problem": result.problem,
                "failure": result.failure.fields() if result.failure is not None else None,
            }
        case CorpusChanged(change=change):
            return {
                "event": "corpus",
                "kept": change.kept,
                "dropped": change.dropped,
                "malformed": list(change.malformed),
                "edges": change.edges,
            }
        case Warned():
            return {"event": "warning", "message": event.message}
        case Ended(outcome=outcome):
            return {
                "event": "end",
                "reason": outcome.reason.name.lower(),
                "detail": outcome.detail,
                "exit_code": outcome.exit_code,
                "execs": event.executions,
                "received": outcome.received,
                "stored": outcome.stored,
                "duplicates": outcome.duplicates,
                "unsaved": outcome.unsaved,
                "workers": [
                    {
                        "id": row.id,
                        "execs": row.executions,
                        "exit": row.exit,
                        "seconds": None if row.exit_seconds is None else round(row.exit_seconds, 3),
                        "state": row.state.name.lower(),
                        "profile": _shares(row.profile),
                    }
                    for row in event.workers
                ],
                "yields": [{"source": one.source, "tries": one.tries, "finds": one.finds} for one in event.yields],
            }


def _shares(profile: Profile | None) -> dict[str, float | None] | None:
    """The number of samples and the share of each cost, 0 to 1; None for a run without a profile."""
    if profile is None:
        return None
    shares = {cost.value: profile.share(cost) for cost in Cost}
    rounded = {name: None if share is None else round(share, 4) for name, share in shares.items()}
    return {"samples": profile.samples, **rounded}
