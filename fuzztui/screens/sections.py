"""The parts of a crasher's page. Each is a pure function from a crasher to what is shown of it, or to nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from textual.content import Content

from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.drawn import without_call
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.similar import similar
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import (
    NOTHING,
    Visible,
    clock,
    hexdump,
    joined,
    label,
    lines_of,
    one_line,
    piece,
    say,
    size,
)
from fuzztui.screens.decider import UNDECIDED, Verdict
from fuzztui.screens.explanation import (
    FREE,
    NEEDED,
    WIDTH,
    arguments_of,
    coloured_bytes,
    coloured_values,
    scene_lines,
)
from fuzztui.screens.rows import REGRESSED, VERDICTS
from fuzztui.widgets.tone import Line, Span, Tone, content, plain, span
from fuzztui.widgets.trace import Trace, failing_source, of_the_project, read_traceback
from fuzztui.widgets.wording import ago, crasher_badge, crasher_input, crasher_title, shown_location
from fuzztui.words.sentences import confirmation_words, plural

HEX_LIMIT: Final = 4096
"""Bytes of the hex view, which shows those of a bytes or text as such, of other values their file's."""

HEX_CELLS: Final = 80
"""Cells from which on a line of the hex view has `WIDTH` bytes; else it has half of them."""

FOLDED_BYTES: Final = 64
"""Bytes of an input that are shown before somebody asks for more: what else there is must stay in sight."""

FOLDED_VALUES: Final = 400
"""Characters of the arguments that are shown before somebody asks for more."""

FOLDED_SCENES: Final = 2
"""Functions, the innermost, that are shown from inside before somebody asks for more."""

FOLDED_BRANCHES: Final = 4
"""Branches that only the failing input takes that are shown before somebody asks for more."""

FOLDED_STEPS: Final = 6
"""Steps of an input's ancestry that are shown before somebody asks for more."""

FOLDED_VARIANTS: Final = 4
"""Messages of a crasher that are shown before somebody asks for more."""

MESSAGE_LIMIT: Final = 500
"""Characters of the message above the traceback, which has it in full."""

NO_TRACEBACK: Final = label("(none: the process ended without one)")


@dataclass(frozen=True, slots=True)
class Look:
    """How a crasher's page is looked at."""

    elapsed: float
    """Of the run, in seconds."""
    ended: StopReason | None
    """Why the run ended; None as long as it goes on."""
    everything: bool = False
    """Whether long parts are shown in full."""
    verdict: Verdict = UNDECIDED
    """What people have decided about it."""
    crashers: tuple[Crasher, ...] = ()
    """All of the run."""
    test: Visible = NOTHING
    """The command that runs the test which was written of it; empty if none was in this session."""
    tested: Visible = NOTHING
    """What came of that test."""
    row_bytes: int = WIDTH
    """Bytes in a line of the hex view."""
    full_key: str = "f"
    """The key that shows long parts in full."""

    @classmethod
    def at(
        cls,
        snapshot: Snapshot,
        *,
        everything: bool = False,
        verdict: Verdict = UNDECIDED,
        cells: int = HEX_CELLS,
    ) -> "Look":
        """The look at a snapshot, in so many cells of a line."""
        ended = snapshot.outcome.reason if snapshot.outcome is not None else None
        row_bytes = WIDTH if cells >= HEX_CELLS else WIDTH // 2
        return cls(snapshot.elapsed, ended, everything, verdict, snapshot.crashers, row_bytes=row_bytes)


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page."""

    title: Visible
    text: Content


Build = Callable[[Crasher, Look], Section | None]


def arguments(crasher: Crasher, look: Look) -> Section | None:
    """The arguments as Python would write them."""
    values = crasher.values or label("(not known)")
    return Section(label("arguments"), Content(_folded(values, FOLDED_VALUES, look)))


def call(crasher: Crasher, look: Look) -> Section | None:
    """What a property test was called with, as its framework prints it, and the decorators that bring it back."""
    known = crasher.drawn
    if known is None:
        return None
    lines = [span("plain", "{}", line) for line in lines_of(_folded(known.call, FOLDED_VALUES, look))]
    shown: list[Line] = [(line,) for line in lines]
    shown += [(span("accent", "{}", each),) for each in (known.example, known.reproduce) if each]
    return Section(label("the call"), content(shown))


def input_bytes(crasher: Crasher, look: Look) -> Section | None:
    """The bytes of the input, or of its file where it is not one bytes or text."""
    shown = crasher.data if crasher.content is None else crasher.content
    lines = hexdump(shown, look.row_bytes, limit=HEX_LIMIT if look.everything else FOLDED_BYTES)
    title = say("as a file, {}", size(len(crasher.data))) if crasher.content is None else say("input, {}", crasher.size)
    return Section(title, Content(joined("\n", lines) or label("(empty)")))


def traceback(crasher: Crasher, look: Look) -> Section | None:
    """The traceback, the frames of the code under test set apart, its failing line above all."""
    trace = trace_of(crasher)
    return Section(
        label("traceback"),
        traceback_content(of_the_project(trace, crasher.failure.location, everything=look.everything)),
    )


def output(crasher: Crasher, look: Look) -> Section | None:
    """What the target printed."""
    failure = crasher.failure
    if not failure.output:
        return None
    return Section(failure.output_title, Content(_folded(failure.output, FOLDED_VALUES, look)))


def smallest(crasher: Crasher, look: Look) -> Section | None:
    """The smallest input that fails alike, and what of it is needed."""
    known = crasher.minimized
    if known is None:
        return None
    lines: list[Line] = [(span("accent" if known.is_running else "plain", "{}", known.sentence),)]
    arguments = arguments_of(known.values) if known.needed is not None else None
    if known.needed is not None and arguments is not None:
        lines.append(coloured_values(arguments, known.needed))
        if len(arguments) == 1 and isinstance(arguments[0], bytes | str):
            lines += coloured_bytes(arguments[0], known.needed, look.row_bytes)
        rest: Line = (span("muted", "; "), (known.needed.sentence, FREE))
        lines.append((span(NEEDED, "needed"), *rest) if known.needed.free else ((known.needed.sentence, NEEDED),))
    elif known.values:
        lines.append((span("strong", "{}", known.values),))
    if known.command:
        lines.append((span("muted", "$ "), (known.command, "plain")))
    return Section(label("smallest input"), content(lines))


def inside(crasher: Crasher, look: Look) -> Section | None:
    """What the failure looks like from inside: source and local variables of the project's functions."""
    known = crasher.minimized
    scenes = (known.scenes if known is not None else ()) or crasher.scenes or crasher.failure.scenes
    if not scenes:
        return None
    shown = scenes if look.everything else scenes[-FOLDED_SCENES:]
    lines = [line for scene in reversed(shown) for line in scene_lines(scene)]
    if left_out := len(scenes) - len(shown):
        lines.append((span("muted", "… {} more: {} shows all", plural(left_out, "function"), look.full_key),))
    return Section(label("from inside"), content(lines))


def parting(crasher: Crasher, look: Look) -> Section | None:
    """Where the smallest input goes another way than its nearest neighbour that passes."""
    known = crasher.minimized
    if known is None or not known.branches:
        return None
    shown = known.branches if look.everything else known.branches[:FOLDED_BRANCHES]
    lines: list[Line] = [(span("muted", "passes: "), (piece(known.neighbour, 0, FOLDED_VALUES), "plain"))]
    lines += [(span("muted", "only what fails goes "), (branch.sentence, "accent")) for branch in shown]
    if left_out := len(known.branches) - len(shown):
        more = say("{:,} more {}", left_out, "branch" if left_out == 1 else "branches")
        lines.append((span("muted", "… {}: {} shows all", more, look.full_key),))
    return Section(label("where it parts from what passes"), content(lines))


def ancestry(crasher: Crasher, look: Look) -> Section | None:
    """How the input came about, from a seed on."""
    steps = crasher.lineage
    if not steps:
        return None
    shown = steps if look.everything or len(steps) <= FOLDED_STEPS else (*steps[:1], *steps[1 - FOLDED_STEPS :])
    lines: list[Line] = [(span("muted", "→ " if i else "  "), (step.sentence, "plain")) for i, step in enumerate(shown)]
    if left_out := len(steps) - len(shown):
        lines.insert(1, (span("muted", "  … {} more: {} shows all", plural(left_out, "step"), look.full_key),))
    return Section(label("how it came about"), content(lines))


def facts(crasher: Crasher, look: Look) -> Section | None:
    """How it came and what is known of it."""
    failure = crasher.failure
    seen = say("at {} ({}) by worker {}", clock(crasher.elapsed), ago(look.elapsed - crasher.elapsed), crasher.worker)
    if crasher.elapsed < 0:  # before this session
        seen = ago(look.elapsed - crasher.elapsed)
    lines: list[Line] = [
        (span("plain", "{}, {}, first seen {}", failure.kind.value, plural(crasher.hits, "hit"), seen),),
        *([(span("plain", "before this session: {}", crasher.earlier.sentence),)] if crasher.earlier else []),
        (_saved(crasher),),
        (span("muted", "crasher {}", crasher.id),),
    ]
    if failure.group and failure.group != crasher.id:
        lines.append((span("muted", "group {}", failure.group),))
    return Section(label("history"), content(lines))


def says(crasher: Crasher, look: Look) -> Section | None:
    """What its failures say, and the smallest input that each message has; nothing where all say the same."""
    if len(crasher.variants) < 2:
        return None
    shown = crasher.variants if look.everything else crasher.variants[:FOLDED_VARIANTS]
    lines: list[Line] = [
        (span("plain", "{}", one.message or label("(no message)")), span("muted", "  {}", size(one.size)))
        for one in shown
    ]
    if len(shown) < len(crasher.variants):
        lines.append((span("muted", "and {} more", len(crasher.variants) - len(shown)),))
    return Section(label("says also"), content(lines))


def perhaps(crasher: Crasher, look: Look) -> Section | None:
    """Other crashers that may be the same bug."""
    by_id = {other.id: other for other in look.crashers}
    found = similar(crasher.failure, (other.failure for other in look.crashers))
    lines: list[Line] = [
        (
            span("plain", "{}", by_id[other].failure.title),
            span("muted", "  {}, at {}", why, shown_location(by_id[other].failure.location)),
        )
        for other, why in found
    ]
    return Section(label("perhaps the same bug"), content(lines)) if lines else None


def again(crasher: Crasher, _look: Look) -> Section | None:
    """The command that runs it again."""
    return Section(label("run it again"), command_content(crasher)) if crasher.command else None


def decided(_crasher: Crasher, look: Look) -> Section | None:
    """What people have written down about it."""
    verdict = look.verdict
    lines: list[Line] = []
    if verdict.note:
        lines.append((span("plain", "{}", verdict.note),))
    if verdict.merged_into:
        lines.append((span("muted", "merged into {}: M takes that back", verdict.merged_into),))
    return Section(label("note"), content(lines)) if lines else None


def since(_crasher: Crasher, look: Look) -> Section | None:
    """The commit since which it fails, where somebody has bisected it."""
    return Section(label("fails since"), Content(look.verdict.since)) if look.verdict.since else None


def tested(_crasher: Crasher, look: Look) -> Section | None:
    """The test that was written of it, and what came of that."""
    if not look.test:
        return None
    lines: list[Line] = [(span("muted", "$ "), (look.test, "strong"))]
    if look.tested:
        tone: Tone = "good" if look.tested.startswith("passed") else "plain"
        lines.append((span(tone, "{}", look.tested),))
    return Section(label("test"), content(lines))


INPUT: Final[dict[str, Build]] = {
    "call": call,
    "arguments": arguments,
    "bytes": input_bytes,
    "smallest": smallest,
    "printed": output,
}
"""The parts about the input, by their names."""

FAILURE: Final[dict[str, Build]] = {
    "note": decided,
    "since": since,
    "test": tested,
    "traceback": traceback,
    "inside": inside,
    "parting": parting,
    "variants": says,
    "similar": perhaps,
    "lineage": ancestry,
    "facts": facts,
    "again": again,
}
"""The parts about the failure, by their names."""


def headline(crasher: Crasher, look: Look) -> list[Line]:
    """What failed, what it said, in which line, what is decided about it, and whether it fails again."""
    place = say("  {}", shown_location(crasher.failure.location)) if crasher.failure.location else NOTHING
    mark, _, tone = crasher_input(crasher)
    lines: list[Line] = [
        (span(tone, "{} ", mark), (crasher_title(crasher), "struck" if crasher.is_fixed else "bad"), (place, "muted"))
    ]
    if crasher.failure.message:
        lines.append((span("plain", "  {}", one_line(crasher.failure.message, MESSAGE_LIMIT)),))
    if source := failing_source(trace_of(crasher)):
        lines.append((span("muted", "  → "), (source, "accent")))
    again = span(crasher_badge(crasher)[1], "{}", confirmation_words(crasher, look.ended))
    verdict: Line = (verdict_span(look.verdict),) if look.verdict.status is not Status.NEW else ()
    if crasher.confirmation is not None or crasher.recheck is None:
        verdict = (*verdict, again)
    if verdict:
        lines.append((span("plain", "  "), *verdict))
    if crasher.recheck is not None:
        what_now = span("good" if crasher.is_fixed else "warn", "  ↻ {}", crasher.recheck.sentence)
        lines.append((what_now, span("muted", " (on the code that runs now)")))
    if crasher.is_lost:
        text, tone = _saved(crasher)
        lines.append((span(tone, "  {}", text),))
    return lines


def verdict_span(verdict: Verdict) -> Span:
    """What is decided, as a mark and a word."""
    mark, word, tone = VERDICTS[verdict.status] if not verdict.is_regressed else REGRESSED
    return say("{} {}, ", mark, word), tone


def trace_of(crasher: Crasher) -> Trace:
    """A crasher's traceback, line by line."""
    drawn = crasher.drawn
    # What stands below it is a part of its own.
    text = crasher.failure.traceback if drawn is None else without_call(crasher.failure.traceback)
    return read_traceback(text or NO_TRACEBACK, crasher.failure.location)


def traceback_content(trace: Trace) -> Content:
    """A traceback in the theme's colours, the failing line of the code under test set apart."""
    result = content(trace.lines)
    if trace.failing is not None:
        begin = sum(len(plain(line)) + 1 for line in trace.lines[: trace.failing])
        end = begin + len(plain(trace.lines[trace.failing]))
        result = result.stylize("bold $text on $primary-muted", begin, end)
    return result


def command_content(crasher: Crasher, target: Visible = NOTHING) -> Content:
    """The command as a shell would show it; `target`: as it is typed there. What is stored nowhere has no command of
    its own.
    """
    if crasher.command:
        return content([(span("muted", "$ "), (crasher.command, "strong"))])
    if crasher.seed_name is not None:
        test = span("strong", "fuzztui test {}", target)
        return content([(span("muted", "$ "), test, span("muted", "   runs it with all other seeds"))])
    if crasher.nodes:
        keeps = "keeps" if len(crasher.nodes) == 1 else "keep"
        return content([(span("muted", "on {}, which {} its input and its record", _who(crasher.nodes), keeps),)])
    return content([(span("muted", "by no command: its input is stored nowhere"),)])


def _who(nodes: Sequence[Visible]) -> Visible:
    return say("{} {}", "node" if len(nodes) == 1 else "nodes", joined(", ", nodes))


def _saved(crasher: Crasher) -> Span:
    _, words, tone = crasher_input(crasher)
    if crasher.seed_name is not None:
        return words, tone
    if crasher.path is None:
        return say("{}: its input is kept in memory only, and printed at the end", words), tone
    # The name is the hash, and stands in the command: the folder says more.
    return say("{} in {}", words, shown_path(crasher.path.parent)), tone


def _folded(text: Visible, limit: int, look: Look) -> Visible:
    """A text, or its beginning and how much more there is."""
    if look.everything or len(text) <= limit:
        return text
    return say("{}\n… {:,} more characters: {} shows all", piece(text, 0, limit), len(text) - limit, look.full_key)
