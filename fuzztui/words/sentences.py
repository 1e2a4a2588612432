"""Sentences and figures that the dashboard, the plain lines and the command line say alike. Pure functions."""

from collections import Counter
from collections.abc import Sequence

from fuzztui.engine.show import text
from fuzztui.engine.show.costs import Cost
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.observed import Observed
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import ImportedModule, Snapshot, Yield
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, piece, say, visible
from fuzztui.engine.show.worker_row import WorkerRow, profile_of

MESSAGE_CHARACTERS = 300
TRACEBACK_LINES = 60
TRACEBACK_HEAD = 5
"""Lines kept of a longer traceback's beginning: the header and two frames."""

TRACEBACK_CHARACTERS = 4_000


WORKERS_LISTED = 8
"""Workers whose shares are printed one by one at the end; of more, all together say as much."""

YIELDS_LISTED = 8
"""Sources of inputs that are printed at the end: those that have brought the most."""


def plural(number: int, noun: str) -> Visible:
    """`1 hit`, `2,000 hits`."""
    return say("{:,} {}", number, noun if number == 1 else f"{noun}s")


def account(outcome: Outcome, known: Sequence[Crasher]) -> Visible:
    """What became of the failing executions that workers reported, which are hits. Failing seeds and stored inputs,
    `known`, were there before the run: they are no part of that sum, and counted apart.
    """
    received = plural(outcome.received, "further hit" if known else "hit")
    sum_up = say("{} received = {:,} stored + {}", received, outcome.stored, plural(outcome.duplicates, "duplicate"))
    if outcome.capped:
        sum_up = say("{} ({:,} of them beyond the caps)", sum_up, outcome.capped)
    if outcome.unsaved:
        sum_up = say("{} + {:,} NOT STORED", sum_up, outcome.unsaved)
    remembered = sum(crasher.is_stored_input and crasher.is_known for crasher in known)
    stored = sum(crasher.is_stored_input for crasher in known) - remembered
    seeds = len(known) - stored - remembered
    counts = ((seeds, "failing seed"), (stored, "failing stored input"), (remembered, "known crasher"))
    parts = [plural(number, noun) for number, noun in counts if number]
    return say("{}; {}", joined(", ", parts), sum_up) if parts else sum_up


def module_sentences(modules: Sequence[ImportedModule]) -> list[Visible]:
    """Which imported modules are not instrumented, or not wholly, those of one reason in one sentence."""
    by_reason: dict[Visible, list[Visible]] = {}
    for module in modules:
        if not module.instrumented:
            by_reason.setdefault(module.reason, []).append(module.name)
    sentences = [say("not instrumented: {}: {}", joined(", ", names), reason) for reason, names in by_reason.items()]
    partly = [module for module in modules if module.instrumented and module.reason]
    return sentences + [say("{}: {}", module.name, module.reason) for module in partly]


def memory_lines(crashers: Sequence[Crasher]) -> list[Visible]:
    """Lines for the end of a run: what has come back though it was marked fixed, what is ignored, and what a reload has
    shown to be fixed.
    """
    regressed = [crasher for crasher in crashers if crasher.is_regressed]
    ignored = [crasher for crasher in crashers if crasher.is_ignored]
    lines = [say("REGRESSED: {} ({}), marked fixed", one.failure.title, one.id) for one in regressed[:DOUBTS_LISTED]]
    if len(regressed) > DOUBTS_LISTED:
        lines.append(say("REGRESSED: {:,} more", len(regressed) - DOUBTS_LISTED))
    if ignored:
        names = joined(", ", (one.failure.title for one in ignored[:DOUBTS_LISTED]))
        more = say(" and {:,} more", len(ignored) - DOUBTS_LISTED) if len(ignored) > DOUBTS_LISTED else NOTHING
        hits = plural(sum(one.hits for one in ignored), "hit")
        lines.append(say("{} ignored ({}): {}{}", plural(len(ignored), "crasher"), hits, names, more))
    if fixed := [crasher for crasher in crashers if crasher.is_fixed]:
        names = joined(", ", (one.failure.title for one in fixed[:DOUBTS_LISTED]))
        more = say(" and {:,} more", len(fixed) - DOUBTS_LISTED) if len(fixed) > DOUBTS_LISTED else NOTHING
        was = "was" if len(fixed) == 1 else "were"
        lines.append(say("{} {} fixed during the run: {}{}", plural(len(fixed), "crasher"), was, names, more))
    return lines


MODULES_NAMED = 4
"""Modules that are named where one line has to do."""


def bare_modules(modules: Sequence[ImportedModule]) -> Visible:
    """The imported modules without probes in a few words: `math, numpy and 3 more`; empty if all have some."""
    names = [module.name for module in modules if not module.instrumented]
    shown = joined(", ", names[:MODULES_NAMED])
    return say("{} and {} more", shown, len(names) - MODULES_NAMED) if len(names) > MODULES_NAMED else shown


DOUBTS_LISTED = 5
"""Crashers that are named at the end where they do not fail again each time; of more, the number says enough."""


def confirmation_words(crasher: Crasher, ended: StopReason | None) -> Visible:
    """What came of running a crasher again; `ended`: why the run ended, None as long as it goes on."""
    if crasher.status is Status.FIXED and not crasher.is_regressed:
        return _since_it_was_fixed(crasher)
    if crasher.confirmation is not None:
        return crasher.confirmation.sentence
    if ended is None:
        return label("not run again yet")
    if ended is StopReason.EXECUTION_LIMIT:
        return label("not run again: the execution limit was reached")
    return label("not run again: the run ended first")


def _since_it_was_fixed(crasher: Crasher) -> Visible:
    """What is known of one that is marked fixed, and has not failed since."""
    known, recheck = crasher.confirmation, crasher.recheck
    if recheck is not None and recheck.fate.is_fixed:
        return label("passes on the code that runs now")
    if crasher.passed and known is not None and known.had_failed:
        return say("ran clean {0}/{0}", known.runs)
    if crasher.passed:
        return say("passed when it was last run, on {}", piece(crasher.passed, 0, 10))
    if known is None:
        return label("not run since")
    return say("not run since; before that {}", known.badge)


def names_apart(crashers: Sequence[Crasher]) -> list[Visible]:
    """What failed, of each crasher, and what tells it from others of these where that is the same: its place, what it
    says, or else its identity.
    """
    names = [crasher.failure.title for crasher in crashers]
    for more in (_place, _saying, _identity):
        times = Counter(names)
        names = [
            say("{}{}", name, more(crasher)) if times[name] > 1 else name
            for name, crasher in zip(names, crashers, strict=True)
        ]
    return names


def _place(crasher: Crasher) -> Visible:
    location = crasher.failure.location
    return say(" at {}", location) if location else NOTHING


def _saying(crasher: Crasher) -> Visible:
    message = crasher.failure.message
    return say(" ({})", text.one_line(message, 60)) if message else NOTHING


def _identity(crasher: Crasher) -> Visible:
    return say(" [{}]", crasher.id)


def confirmation_sentence(crasher: Crasher, known: Sequence[Crasher]) -> Visible:
    """A crasher, named so that it is told from the others of `known`, which has it, and what came of running it again
    while the run goes on.
    """
    names = {one.id: name for one, name in zip(known, names_apart(known), strict=True)}
    return say("{}: {}", names[crasher.id], confirmation_words(crasher, None))


def doubt_lines(crashers: Sequence[Crasher], ended: StopReason) -> list[Visible]:
    """A line for each outcome of running crashers again but the one that all runs failed, with those that it names."""
    by_words: dict[Visible, list[Visible]] = {}
    for crasher, name in zip(crashers, names_apart(crashers), strict=True):
        known = crasher.confirmation
        if known is None or known.failures < known.runs or known.slow:
            by_words.setdefault(confirmation_words(crasher, ended), []).append(name)
    lines = []
    for words, titles in by_words.items():
        names = joined(", ", titles[:DOUBTS_LISTED])
        more = say(" and {} more", len(titles) - DOUBTS_LISTED) if len(titles) > DOUBTS_LISTED else NOTHING
        lines.append(say("{}: {}{}", words, names, more))
    return lines


def run_rate(snapshot: Snapshot) -> float | None:
    """Executions per second: of the last seconds while the run goes on, of all of it where there is no such figure."""
    if snapshot.rate is not None and (snapshot.outcome is None or snapshot.is_watched):
        return snapshot.rate
    return snapshot.executions / snapshot.elapsed if snapshot.elapsed > 0 else None


def short_message(message: str) -> Visible:
    """A crasher's message where many are listed; its record has all of it."""
    return text.visible(message, MESSAGE_CHARACTERS)


def short_traceback(traceback: str) -> list[Visible]:
    """Lines of a traceback as many as are read: its beginning, and the end that names the failing line; its record has
    all of it.
    """
    lines = [text.visible(line, MESSAGE_CHARACTERS) for line in traceback.rstrip().splitlines()]
    if len(lines) <= TRACEBACK_LINES and sum(map(len, lines)) <= TRACEBACK_CHARACTERS:
        return lines
    head = lines[:TRACEBACK_HEAD]
    rest = lines[TRACEBACK_HEAD:]
    room = TRACEBACK_CHARACTERS - sum(map(len, head))
    kept = 0
    for line in reversed(rest):
        room -= len(line)
        if room < 0 or kept == TRACEBACK_LINES - TRACEBACK_HEAD - 1:
            break
        kept += 1
    left_out = len(rest) - kept
    note = [say("… {} left out: the crash record has all of them", plural(left_out, "line"))] if left_out else []
    return [*head, *note, *rest[left_out:]]


def share_words(share: float | None) -> Visible:
    """A share in per cent, in at most four cells: `62%`, `<1%`; empty before there is a figure."""
    if share is None:
        return NOTHING
    return label("<1%") if 0 < share < 0.005 else say("{:.0f}%", share * 100)


def source_words(source: Visible) -> Visible:
    """The name of a source of inputs as people read it."""
    return visible(source.replace("_", " "))


def finds_per_million(source: Yield) -> Visible:
    """Finds in a million tries: `4.2`, `61`, `3.45k`; empty before the first try."""
    if not source.tries:
        return NOTHING
    finds = source.finds * 1_000_000 / source.tries
    return say("{:.1f}", finds) if 0 < finds < 9.95 else text.count(finds)


FEW_REFUSED = 0.01
"""Share of executions that are worth no word if they come to no verdict."""

OBSERVED_LISTED = 12
"""Events and scores that are listed at the end of a run."""


def observed_words(one: Observed, executions: int) -> Visible:
    """How high a score has come, or which share of the executions told of an event."""
    if one.best is not None:
        return say("{:,.6g} at best", one.best)
    share = 100 * (one.executions or 0) / max(1, executions)
    return say("{:.3g}% of the executions", min(100.0, share))


def observed_lines(observed: Sequence[Observed], executions: int) -> list[Visible]:
    """What a property test has told of its executions, in so many lines at most."""
    lines = [say("{}: {}", one.words, observed_words(one, executions)) for one in observed[:OBSERVED_LISTED]]
    if more := len(observed) - len(lines):
        lines.append(say("and {:,} more events and scores", more))
    return lines


def cost_lines(rows: Sequence[WorkerRow], yields: Sequence[Yield]) -> list[Visible]:
    """What a run's time went on and what brought new inputs, as two small tables; none for a run without a profile."""
    whole = profile_of(rows)
    if whole is None:
        return []
    few = rows if len(rows) <= WORKERS_LISTED else []
    listed = [(say("worker {}", row.id), row.profile) for row in few if row.profile is not None]
    columns = [*listed, (label("all"), whole)]  # there are fewer workers than costs, mostly: such a table is narrow
    shares = _table(
        [say("time, {}", plural(whole.samples, "sample")), *(name for name, _ in columns)],
        [
            [label(cost.value), *(share_words(profile.share(cost)) for _, profile in columns)]
            for cost in Cost
            if whole.share(cost)
        ],
    )
    brought = [one for one in yields if one.finds][:YIELDS_LISTED]
    sources = _table(
        list(map(label, ("new inputs from", "tries", "finds", "per million tries"))),
        [
            [source_words(one.source), text.count(one.tries), say("{:,}", one.finds), finds_per_million(one)]
            for one in brought
        ],
    )
    return [*shares, *(sources if brought else [])]


def _table(head: list[Visible], rows: list[list[Visible]]) -> list[Visible]:
    """Lines of aligned columns: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return [
        joined(
            "  ",
            (
                say("{:>{}}" if i else "{:<{}}", cell, width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ),
        )
        for row in (head, *rows)
    ]
