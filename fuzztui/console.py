"""The front end without a dashboard: plain lines on stderr, or JSON Lines on stdout.

Events arrive in the engine's thread, which must never wait for a slow terminal or a full pipe: they are queued there
and printed by the thread that called `run_headless`.
"""

import queue
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
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
from fuzztui.engine.show.exit_status import FAILED
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
from fuzztui.engine.show.text import NOTHING, Visible, joined, json_line, label, lines_of, piece, say, visible
from fuzztui.output import put, silence
from fuzztui.words import account, cost_lines, plural, run_rate, short_message, short_traceback

STOP_REASONS: Final = {
    signal.SIGINT: StopReason.INTERRUPTED,
    signal.SIGTERM: StopReason.TERMINATED,
    signal.SIGHUP: StopReason.HANGUP,
}

Formatter: TypeAlias = Callable[[Event], Visible]
"""Lines for one event, without the last newline; empty for an event that is not shown."""

Printer: TypeAlias = tuple[TextIO | None, Formatter]
"""Where the lines of a formatter go; None for one that only listens."""

QUIET: Final = 1.0
"""Seconds between two lines about workers that crashers ended."""


def run_headless(session: SessionLike, printers: Sequence[Printer]) -> Outcome:
    """Run a session to its end, printing what happens. What cannot be printed ends the run, with 70 at the least.

    SIGINT, SIGTERM and SIGHUP stop the run, a second one kills the workers.
    """
    events: queue.SimpleQueue[Event | BaseException] = queue.SimpleQueue()
    engine = threading.Thread(target=_engine, args=(session, events.put), name="engine")
    with _signals_stop(session):
        engine.start()
        try:
            return _print_until_end(session, events, printers)
        except BaseException:
            session.stop(StopReason.INTERNAL)  # the process waits for the engine's thread, whatever happened here
            raise
        finally:
            engine.join()


def _engine(session: SessionLike, put: Callable[[Event | BaseException], None]) -> None:
    try:
        session.run(put)
    except BaseException as error:
        put(error)


def _print_until_end(
    session: SessionLike, events: "queue.SimpleQueue[Event | BaseException]", printers: Sequence[Printer]
) -> Outcome:
    silent: set[TextIO] = set()
    is_lost = False
    while True:
        event = events.get()
        if isinstance(event, BaseException):
            raise event
        for out, formatter in printers:
            line = formatter(event)
            if not line or out is None or out in silent:
                continue
            try:
                put(out, line)
            except OSError as error:
                # Whoever read us has gone (`| head`), or the disk behind the stream is full: nobody is left to run for.
                is_lost |= not isinstance(error, BrokenPipeError)
                silent.add(out)
                session.stop(StopReason.USER)
                silence(out)
        if isinstance(event, Ended):
            outcome = event.outcome
            return replace(outcome, exit_code=outcome.exit_code or FAILED) if is_lost else outcome


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

    def __init__(self, encoding: str = "utf-8") -> None:
        """`encoding`: of the stream that the lines go to; commands are told in characters that the stream has."""
        self._encoding = encoding
        self._failing_seeds = 0
        self._told_at = -QUIET
        """When a worker that a crasher ended was last told of, in seconds of the run."""
        self._untold = 0

    def __call__(self, event: Event) -> Visible:
        match event:
            case PhaseChanged(phase=Phase.BASELINE):
                return _line(event.elapsed, label("gathering baseline coverage"))
            case PhaseChanged(phase=Phase.FUZZING):
                return _line(event.elapsed, label("gathered baseline coverage, now fuzzing"))
            case Stats():
                return _stats(event.snapshot)
            case ModulesLoaded():
                return joined("\n", [_line(event.elapsed, sentence) for sentence in module_sentences(event.modules)])
            case CrasherFound():
                self._failing_seeds += event.crasher.seed_name is not None
                return crasher_report(event.crasher, self._encoding)
            case Warned():
                return _line(event.elapsed, say("warning: {}", event.message))
            case WorkerEnded() if not event.is_orderly:
                return self._worker_ended(event)
            case Ended():
                untold = say("{} ended by crashers", plural(self._untold, "more worker"))
                lines = [_line(event.elapsed, untold)] if self._untold else []
                return joined("\n", [*lines, summary(event, self._failing_seeds)])
            case _:
                return NOTHING

    def _worker_ended(self, event: WorkerEnded) -> Visible:
        words = say("worker {} ended ({}): {}", event.worker, event.exit, event.why)
        if event.is_by_input:
            if event.elapsed - self._told_at < QUIET:
                self._untold += 1
                return NOTHING
            if self._untold:
                words = say("{} (and {} more since the last such line)", words, self._untold)
            self._told_at, self._untold = event.elapsed, 0
        return _line(event.elapsed, words)


def _line(elapsed: float, message: Visible) -> Visible:
    return say("fuzz: elapsed: {}, {}", text.duration(elapsed), message)


def module_sentences(modules: Sequence[ImportedModule]) -> list[Visible]:
    """Which imported modules are not instrumented, or not wholly, those of one reason in one sentence."""
    by_reason: dict[Visible, list[Visible]] = {}
    for module in modules:
        if not module.instrumented:
            by_reason.setdefault(module.reason, []).append(module.name)
    sentences = [say("not instrumented: {}: {}", joined(", ", names), reason) for reason, names in by_reason.items()]
    partly = [module for module in modules if module.instrumented and module.reason]
    return sentences + [say("{}: {}", module.name, module.reason) for module in partly]


def _stats(snapshot: Snapshot) -> Visible:
    if snapshot.phase is Phase.BASELINE:
        progress = say("gathering baseline coverage: {}/{}", snapshot.baseline_done, snapshot.baseline_total)
        return _line(snapshot.elapsed, progress)
    figures = say(
        "execs: {} ({}/sec), new interesting: {} (total: {}), edges: {}, crashers: {} ({})",
        snapshot.executions,
        round(run_rate(snapshot) or 0),
        snapshot.corpus_new,
        snapshot.corpus,
        snapshot.edges,
        len(snapshot.crashers),
        plural(snapshot.hits, "hit"),
    )
    return _line(snapshot.elapsed, figures)


def crasher_report(crasher: Crasher, encoding: str = "utf-8") -> Visible:
    """A crasher with its traceback, its file and the one command that runs it again, typed in this encoding."""
    failure = crasher.failure
    what = say("{}: {}", failure.type, short_message(failure.message)) if failure.message else failure.type
    seed = crasher.seed_name
    lines = [say("--- failing seed {}: {}", seed, what) if seed else say("--- crasher: {}", what)]
    if failure.traceback:
        lines += [NOTHING, *map(_indented, short_traceback(failure.traceback)), NOTHING]
    lines.append(say("    input: {} ({})", crasher.values, text.size(len(crasher.data))))
    if crasher.path is not None:
        lines.append(say("    file: {}", shown_path(crasher.path)))
        lines.append(say("    run it again: {}", text.command_in(encoding, crasher.command)))
    elif crasher.seed_name:
        lines.append(label("    declared in the target's code"))
    else:
        lines.append(label("    NOT STORED: no folder took it; its bytes in hexadecimal:"))
        lines.append(_indented(visible(crasher.data.hex(), 2 * len(crasher.data))))
    return joined("\n", lines)


def _indented(line: Visible) -> Visible:
    return say("    {}", line)


def summary(event: Ended, failing_seeds: int) -> Visible:
    """Why the run ended, how each worker did, what became of the crashers, and what the time went on."""
    outcome = event.outcome
    length = text.duration(outcome.seconds)
    lines = [
        *lines_of(outcome.detail),
        *map(worker_ending, event.workers),
        account(outcome, failing_seeds),
        *cost_lines(event.workers, event.yields),
    ]
    head = say("fuzz: {} after {}, {}", outcome.reason.value, length, plural(event.executions, "exec"))
    return joined("\n", [head, *map(_indented, lines)])


def worker_ending(row: WorkerRow) -> Visible:
    """How one worker ended, in one line."""
    ending = label("not ended")
    if row.exit and row.exit_seconds is not None:
        ending = say("{} in {:.0f} ms", row.exit, row.exit_seconds * 1000)
    facts = [label(row.state.value), plural(row.executions, "exec")]
    if row.restarts:
        facts.append(plural(row.restarts, "restart"))
    facts.append(say("{}: {}", ending, row.reason) if row.reason else ending)
    return say("worker {}: {}", row.id, joined(", ", facts))


# Inputs that exist already --------------------------------------------------------------------------------------------


def input_lines(event: Event) -> Visible:
    """What became of one input of a replay or a regression test."""
    if not isinstance(event, InputRan):
        return NOTHING
    result, failure = event.result, event.result.failure
    problem = result.problem or (failure.sentence if failure is not None else NOTHING)
    head = say("{} {} ({:.0f} ms)", result.verdict.value, result.name, result.seconds * 1000)
    lines = [say("{}: {}", head, problem) if problem else head]
    if failure is not None:
        lines.append(say("    input: {}", result.values))
    ended_its_process = failure is not None and failure.kind.ends_the_process
    printed = NOTHING if ended_its_process else result.output
    for part in (printed, failure.traceback if failure is not None else NOTHING):
        lines += map(_indented, lines_of(piece(part, 0, len(part.rstrip()))))
    return joined("\n", lines)


def change_lines(kept: str, dropped: str) -> Formatter:
    """What minimizing or importing has made of a corpus, in such words for what stays and what does not."""

    def lines(event: Event) -> Visible:
        if not isinstance(event, CorpusChanged):
            return NOTHING
        change = event.change
        edges = plural(change.edges, "edge")
        return say("{} {}, {} {}, {} covered", change.kept, kept, change.dropped, dropped, edges)

    return lines


def crasher_lines(encoding: str) -> Formatter:
    """A crasher that was met on the way; `encoding`: of the stream that the lines go to."""

    def lines(event: Event) -> Visible:
        return crasher_report(event.crasher, encoding) if isinstance(event, CrasherFound) else NOTHING

    return lines


def problem_lines(event: Event) -> Visible:
    """What people should know of a run of inputs: files that are none, warnings, why it could not be done."""
    match event:
        case CorpusChanged(change=change):
            return joined("\n", (say("fuzztui: not an input of this target: {}", one) for one in change.malformed))
        case Warned():
            return say("fuzztui: {}", event.message)
        case Ended(outcome=outcome) if outcome.reason.is_failure and outcome.detail:
            return say("fuzztui: {}", outcome.detail)
        case _:
            return NOTHING


# JSON Lines -----------------------------------------------------------------------------------------------------------


def json_lines(event: Event) -> Visible:
    """An event as one JSON object; `docs/reference.md` documents the fields."""
    fields = _fields(event)
    return json_line({"event": fields.pop("event"), "elapsed": round(event.elapsed, 3), **fields})


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
