"""A run's events as plain lines for people, where there is no dashboard."""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.show import text
from fuzztui.engine.show.crasher import Crasher, counted
from fuzztui.engine.show.events import (
    CodeChanged,
    CorpusChanged,
    CorpusExported,
    CrasherConfirmed,
    CrasherFound,
    Diagnosed,
    Ended,
    InputMinimized,
    InputRan,
    InputsArrived,
    ModulesLoaded,
    NodeChanged,
    PhaseChanged,
    Reloaded,
    ReloadFailed,
    SeenElsewhere,
    Stats,
    Steered,
    Told,
    Warned,
    WorkerEnded,
)
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.show.outcome import Outcome
from fuzztui.engine.show.results import InputVerdict
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, lines_of, piece, say, visible
from fuzztui.engine.show.worker_row import WorkerRow
from fuzztui.words.sentences import (
    FEW_REFUSED,
    account,
    confirmation_sentence,
    cost_lines,
    doubt_lines,
    memory_lines,
    module_sentences,
    observed_lines,
    plural,
    run_rate,
    short_message,
    short_traceback,
)

Formatter: TypeAlias = Callable[[Told], Visible]
"""Lines for one event, without the last newline; empty for an event that is not shown."""

OUTPUT_LINES: Final = 20
"""Lines of a crasher's output that plain lines show; its record has more."""

QUIET: Final = 1.0
"""Seconds between two lines about workers that crashers ended."""


class PlainLines:
    """Events for people, in the form that Go's fuzzer has made familiar.

    A `Formatter` with a memory: the summary at the end counts the failing seeds that came before it. Of workers that
    crashers end, which may be hundreds in a second, one is told each second and the others are counted.
    """

    def __init__(self, encoding: str = "utf-8", name: Visible = NOTHING) -> None:
        """`encoding`: of the stream that the lines go to; commands are told in characters that the stream has.
        `name`: of the target, where the lines of others stand between.
        """
        self._encoding = encoding
        self._name = name
        self.known: list[Crasher] = []
        """Seeds and stored inputs that fail."""
        self._crashers: dict[Visible, Crasher] = {}
        """All so far, by id, as they were last told of."""
        self._told_at = -QUIET
        """When a worker that a crasher ended was last told of, in seconds of the run."""
        self._untold = 0

    def __call__(self, event: Told) -> Visible:
        match event:
            case PhaseChanged(phase=Phase.BASELINE):
                return self._line(event.elapsed, label("gathering baseline coverage"))
            case PhaseChanged(phase=Phase.FUZZING):
                return self._line(event.elapsed, label("gathered baseline coverage, now fuzzing"))
            case Stats():
                self._crashers.update((crasher.id, crasher) for crasher in event.snapshot.crashers)
                return _stats(event.snapshot)
            case ModulesLoaded():
                return joined(
                    "\n", [self._line(event.elapsed, sentence) for sentence in module_sentences(event.modules)]
                )
            case CrasherFound():
                self.known += [event.crasher] if event.crasher.seed_name is not None else []
                self._crashers[event.crasher.id] = event.crasher
                return crasher_report(event.crasher, self._encoding, self._name)
            case CrasherConfirmed():
                self._crashers[event.crasher.id] = event.crasher
                sentence = confirmation_sentence(event.crasher, tuple(self._crashers.values()))
                return joined("\n", (self._line(event.elapsed, sentence), *_call(event.crasher)))
            case InputMinimized():
                return joined(
                    "\n",
                    [
                        self._line(event.elapsed, say("{}: {}", event.minimized.name, event.minimized.sentence)),
                        *self._smaller(event.minimized),
                    ],
                )
            case CodeChanged() | ReloadFailed():
                return self._line(event.elapsed, event.sentence)
            case Reloaded():
                return joined("\n", [self._line(event.elapsed, event.sentence), *map(_indented, event.details)])
            case Warned():
                return self._line(event.elapsed, say("warning: {}", event.message))
            case InputsArrived():
                return self._line(event.elapsed, event.sentence)
            case SeenElsewhere():
                return self._line(event.elapsed, event.crasher.sentence)
            case Steered():
                return self._line(event.elapsed, event.message)
            case NodeChanged():
                return self._line(event.elapsed, event.sentence)
            case Diagnosed(is_over=False):
                return self._line(event.elapsed, say("diagnosis: {}", event.diagnosis.text))
            case WorkerEnded() if not event.is_orderly and not event.is_reason:
                return self._worker_ended(event)
            case Ended():
                untold = say("{} ended by crashers", plural(self._untold, "more worker"))
                lines = [self._line(event.elapsed, untold)] if self._untold else []
                return joined("\n", [*lines, summary(event, self.known, self.remarks(event.outcome))])
            case _:
                return NOTHING

    def remarks(self, outcome: Outcome) -> list[Visible]:
        """What there is to say of the crashers at the end: which were known, and which may not fail again."""
        wanted = [crasher for crasher in self._crashers.values() if crasher.is_wanted]
        return [*memory_lines(counted(self._crashers.values())), *doubt_lines(wanted, outcome.reason)]

    def _line(self, elapsed: float, message: Visible) -> Visible:
        return plain_line(elapsed, say("{}: {}", self._name, message) if self._name else message)

    def _smaller(self, minimized: Minimized) -> list[Visible]:
        if not minimized.is_smaller:
            return []
        smallest = _smallest(minimized, self._encoding, "run the smallest")
        needed = [_indented(minimized.needed.sentence)] if minimized.needed is not None else []
        return [say("    smallest input: {}", minimized.values), *needed, *smallest]

    def _worker_ended(self, event: WorkerEnded) -> Visible:
        words = say("worker {} ended ({}): {}", event.worker, event.exit, event.why)
        if event.is_by_input:
            if event.elapsed - self._told_at < QUIET:
                self._untold += 1
                return NOTHING
            if self._untold:
                words = say("{} (and {:,} more since the last such line)", words, self._untold)
            self._told_at, self._untold = event.elapsed, 0
        return self._line(event.elapsed, words)


def plain_line(elapsed: float, message: Visible) -> Visible:
    """A line of what happens, in the form that Go's fuzzer has."""
    return say("fuzz: elapsed: {}, {}", text.duration(elapsed), message)


def _stats(snapshot: Snapshot) -> Visible:
    if snapshot.phase is Phase.BASELINE:
        progress = say("gathering baseline coverage: {}/{}", snapshot.baseline_done, snapshot.baseline_total)
        return plain_line(snapshot.elapsed, progress)
    figures = say(
        "execs: {} ({}/sec), new interesting: {} (total: {}), edges: {}, crashers: {} ({}){}",  # for scripts, as Go's
        snapshot.executions,
        round(run_rate(snapshot) or 0),
        snapshot.corpus_new,
        snapshot.corpus,
        snapshot.edges,
        snapshot.distinct,
        plural(snapshot.hits, "hit"),
        _discarded(snapshot),
    )
    if snapshot.sharing.place and not snapshot.is_over:
        figures = say("{}, from others: {:,}, {}", figures, snapshot.sharing.taken, snapshot.sharing.words)
    return plain_line(snapshot.elapsed, figures)


def _discarded(snapshot: Snapshot) -> Visible:
    share = snapshot.refused / max(1, snapshot.executions)
    return say(", {:.0f}% discarded", min(100.0, 100 * share)) if share > FEW_REFUSED else NOTHING


def _call(crasher: Crasher) -> list[Visible]:
    """What a property test was called with that ends its process: nobody could tell that before it was run again."""
    drawn = crasher.drawn if crasher.failure.kind.ends_the_process else None
    parts = (drawn.call, drawn.example, drawn.reproduce) if drawn is not None else ()
    return [_indented(line) for part in parts if part for line in lines_of(part)]


def crasher_report(crasher: Crasher, encoding: str = "utf-8", name: Visible = NOTHING) -> Visible:
    """A crasher with its traceback, its file and the one command that runs it again, typed in this encoding; with the
    `name` of its target, where there are several.
    """
    failure = crasher.failure
    what = say("{}: {}", failure.type, short_message(failure.message)) if failure.message else failure.type
    of_target = say("{}: ", name) if name else NOTHING
    lines = [say("--- {}{}: {}", of_target, crasher.words, what)]
    if crasher.memory:
        lines.append(_indented(crasher.memory))
    if crasher.is_ignored and crasher.path is not None:
        return joined("\n", lines)  # who does not want to hear of it need not see it, unless it would be lost
    if failure.traceback:
        lines += [NOTHING, *map(_indented, short_traceback(failure.traceback)), NOTHING]
    lines += _output_lines(failure)
    lines.append(say("    input: {} ({})", crasher.values, crasher.size))
    if crasher.path is not None:
        lines.append(say("    file: {}", shown_path(crasher.path)))
        lines.append(say("    run it again: {}", text.command_in(encoding, crasher.command)))
    elif crasher.seed_name:
        lines.append(label("    declared in the target's code"))
    elif crasher.nodes:
        lines.append(say("    kept by: {}", joined(", ", (say("node {}", node) for node in crasher.nodes))))
    else:
        lines.append(label("    NOT STORED: no folder took it; its bytes in hexadecimal:"))
        lines.append(_indented(visible(crasher.data.hex(), 2 * len(crasher.data))))
    return joined("\n", lines)


def _output_lines(failure: Failure) -> list[Visible]:
    """The end of what the target printed before it raised."""
    printed = lines_of(failure.output) if failure.output else []
    if not printed:
        return []
    left_out = [say("        ... ({} before)", plural(len(printed) - OUTPUT_LINES, "line"))]
    head = [say("    {}:", failure.output_title), *(left_out if len(printed) > OUTPUT_LINES else [])]
    return [*head, *(say("        {}", line) for line in printed[-OUTPUT_LINES:])]


def _indented(line: Visible) -> Visible:
    return say("    {}", line)


def summary(event: Ended, known: Sequence[Crasher], doubts: Sequence[Visible] = ()) -> Visible:
    """Why the run ended, how each worker did, what became of the crashers, and what the time went on.

    `known`: the seeds and stored inputs that fail; `doubts`: sentences on crashers of which it is not known that they
    fail again.
    """
    outcome = event.outcome
    length = text.duration(outcome.seconds)
    lines = [
        *lines_of(outcome.detail),
        *(worker_ending(row, outcome.detail) for row in event.workers),
        account(outcome, known),
        *doubts,
        *module_sentences(event.modules),
        *cost_lines(event.workers, event.yields),
        *observed_lines(event.observed, event.executions),
    ]
    head = say("fuzz: {} after {}, {}", outcome.reason.value, length, plural(event.executions, "exec"))
    return joined("\n", [head, *map(_indented, lines)])


def worker_ending(row: WorkerRow, told: str = "") -> Visible:
    """How one worker ended, in one line; a reason that `told` begins with is not said once more."""
    ending = label("not ended")
    if row.exit and row.exit_seconds is not None:
        ending = say("{} in {:.0f} ms", row.exit, row.exit_seconds * 1000)
    facts = [label(row.state.value), plural(row.executions, "exec")]
    if row.restarts:
        facts.append(plural(row.restarts, "restart"))
    is_new = row.reason and not told.startswith(row.reason)
    facts.append(say("{}: {}", ending, row.reason) if is_new else ending)
    return say("worker {}: {}", row.id, joined(", ", facts))


# Inputs that exist already --------------------------------------------------------------------------------------------


def input_lines(event: Told) -> Visible:
    """What became of one input of a replay or a regression test."""
    if not isinstance(event, InputRan):
        return NOTHING
    result, failure = event.result, event.result.failure
    problem = result.problem or (failure.sentence if failure is not None else NOTHING)
    head = say("{} {}", result.verdict.value, result.name)
    if result.verdict is not InputVerdict.SKIP:
        head = say("{} ({:.0f} ms)", head, result.seconds * 1000)
    lines = [say("{}: {}", head, problem) if problem else head]
    if result.note:
        lines.append(_indented(result.note))
    if result.verdict is InputVerdict.IGNORED:
        return joined("\n", lines)
    if failure is not None:
        lines.append(say("    input: {}", result.values))
    ended_its_process = failure is not None and failure.kind.ends_the_process
    printed = NOTHING if ended_its_process else result.output
    for part in (printed, failure.traceback if failure is not None else NOTHING):
        lines += map(_indented, lines_of(piece(part, 0, len(part.rstrip()))))
    return joined("\n", lines)


def minimized_lines(encoding: str) -> Formatter:
    """What became of an input that was to be minimized; `encoding`: of the stream that the lines go to."""

    def lines(event: Told) -> Visible:
        if not isinstance(event, InputMinimized):
            return NOTHING
        one = event.minimized
        if one.failure is None:
            return say("{} does not fail: there is nothing to minimize", one.name)
        head = say("{}: {} after {}", one.name, one.sizes, plural(one.executions, "exec"))
        if not one.is_steady:
            head = say("{}; it fails only now and then, so the search has learned nothing", head)
        elif not one.is_smallest:
            head = say("{}; the search is not over: the same command goes on from here", head)
        parts = [head, _indented(one.failure.sentence), say("    input: {}", one.values)]
        parts += [_indented(one.needed.sentence)] if one.needed is not None else []
        return joined("\n", [*parts, *_smallest(one, encoding)])

    return lines


def _smallest(one: Minimized, encoding: str, words: str = "run it again") -> list[Visible]:
    """Where the smallest input lies, if there is another one, and in such words how it is run; its bytes if it lies
    nowhere.
    """
    if one.path is not None:
        run_again = say("    {}: {}", words, text.command_in(encoding, one.command))
        return [say("    file: {}", shown_path(one.path)), run_again]
    if one.data is not None:
        not_stored = label("    NOT STORED: no folder took it; its bytes in hexadecimal:")
        return [not_stored, _indented(visible(one.data.hex(), 2 * len(one.data)))]
    return []


def change_lines(kept: str, dropped: str) -> Formatter:
    """What minimizing or importing has made of a corpus, in such words for what stays and what does not."""

    def lines(event: Told) -> Visible:
        if not isinstance(event, CorpusChanged):
            return NOTHING
        change = event.change
        edges = plural(change.edges, "edge")
        return say("{:,} {}, {:,} {}, {} covered", change.kept, kept, change.dropped, dropped, edges)

    return lines


def export_lines(event: Told) -> Visible:
    """Inputs of a property test that have gone to its framework: in words, a comment where decorators stand below."""
    if not isinstance(event, CorpusExported):
        return NOTHING
    export = event.export
    covered = say("{:,} of {}", export.edges, plural(export.all_edges, "edge"))
    if not export.examples and not export.formless:
        return say(
            "{:,} of {}: pytest runs them next, {} covered", export.chosen, plural(export.inputs, "input"), covered
        )
    formless = say(", {:,} without a form in the test's file", export.formless) if export.formless else NOTHING
    head = say("# {:,} of {}{}: {} covered", export.chosen, plural(export.inputs, "input"), formless, covered)
    return joined("\n", (head, *export.examples))


def crasher_lines(encoding: str) -> Formatter:
    """Crashers that were met on the way; `encoding`: of the stream that the lines go to."""
    met: dict[Visible, Crasher] = {}

    def lines(event: Told) -> Visible:
        match event:
            case CrasherFound(crasher=crasher):
                met[crasher.id] = crasher
                return crasher_report(crasher, encoding)
            case CrasherConfirmed(crasher=crasher):
                met[crasher.id] = crasher
                return _indented(confirmation_sentence(crasher, tuple(met.values())))
            case _:
                return NOTHING

    return lines


def problem_lines(event: Told) -> Visible:
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
