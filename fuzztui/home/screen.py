"""The project: its targets, what runs of them have left, and which are to be fuzzed next."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import NOTHING, Visible, count, duration, joined, label, say, visible
from fuzztui.home.overview import Entry
from fuzztui.screens.base import MIN_HEIGHT, MIN_WIDTH
from fuzztui.screens.lists import Searching
from fuzztui.widgets.edge import set_title
from fuzztui.widgets.entry import Entry as TypedLine
from fuzztui.widgets.keybar import KeyBar
from fuzztui.widgets.keynames import answers, key_of, with_keys
from fuzztui.widgets.list_table import ListTable
from fuzztui.widgets.table import Column, Row, RowTable
from fuzztui.widgets.tone import Line, Span, Tone, content, span
from fuzztui.widgets.wording import NONE
from fuzztui.words.sentences import plural
from fuzztui.words.units import parse_limit

NAMED: Final = 3
"""Crashers of a target that are named."""


NO_LIMIT: Final = Limit()


@dataclass(slots=True)
class Bench:
    """What one person does with a project's targets, from one look at it to the next."""

    marked: set[str] = field(default_factory=set)
    """Targets to be fuzzed in turn."""
    selected: str = ""
    time_each: str = "5m"
    """How long each of several is fuzzed, as it was typed."""
    time_together: str = ""
    """How long several are fuzzed side by side, as it was typed; empty for as long as somebody likes."""
    news: dict[str, Visible] = field(default_factory=dict)
    """What came of a target's last run in this sitting."""
    told: Visible = NOTHING
    """What is said when the project is looked at again."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody wants to be done."""

    entries: tuple[Entry, ...]
    limit: Limit = NO_LIMIT
    """Of each."""
    is_triage: bool = False
    """To look at the crashers that are known; nothing is fuzzed."""
    is_together: bool = False
    """All at the same time in one run, of which the limit is; otherwise one after the other."""


COLUMNS: Final = (
    Column("target", 19, grows=True, cut="front", wish=36),
    Column("last run", 9, right=True),
    Column("for", 7, right=True, rank=5),
    Column("execs", 6, right=True, rank=4),
    Column("edges", 13, right=True, rank=3),
    Column("%", 4, right=True),
    Column("corpus", 6, right=True, rank=1),
    Column("crashers", 17, grows=True),
)

ORDERS: Final = ("by file", "newest run first", "most crashers first", "least covered first")


class TargetTable(ListTable[str]):
    """One row for each target, by its id."""

    HELP = """The targets of this project, with what the last run of each has left: when it ended, how long it took, \
the edges that it reached of those known, inputs in the corpus, and crashers by what people have decided about them. \
{table.open} fuzzes the selected one, which goes on where it ended, and comes back here. {home.mark} marks several: \
{table.open} then asks how long each is to be fuzzed, one after the other; {home.together} \
fuzzes them side by side, in one run whose workers they share."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "screen.mark", "mark", id="home.mark",
                tooltip="Mark the selected target, or take its mark away: all marked ones are fuzzed in turn."),
        Binding("b", "screen.together", "side by side", id="home.together",
                tooltip="Fuzz all marked targets at the same time, in one run: they share the workers."),
        Binding("A", "screen.mark_all", "mark all", show=False, id="home.mark_all",
                tooltip="Mark all targets that are listed, or take all marks away."),
        Binding("c", "screen.crashers", "crashers", id="home.crashers",
                tooltip="Look at the crashers that are known of the selected target; nothing is fuzzed."),
    ]  # fmt: skip


class HomeScreen(Searching, Screen[None]):
    """Targets, and what is to be done with them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "read_again", "read again", id="home.read",
                tooltip="Look for targets, and for what runs have left, once more."),
    ]  # fmt: skip

    def __init__(self, root: Path, bench: Bench, do: Callable[[Plan], None], read: Callable[[], None]) -> None:
        """`do` carries out what somebody wants; `read` looks at the project again."""
        super().__init__()
        self.bench = bench
        self._root = root
        self._do = do
        self._read = read
        self._entries: dict[str, Entry] = {}
        self._found: set[str] = set()
        """Targets that there are in what has been read of the project this time."""
        self._problems: list[Visible] = []
        self._is_read = False
        self.status = Static(id="status")
        self.table = TargetTable(COLUMNS, "", id="targets", orders=ORDERS)
        self.empty = Static(id="empty")
        self.detail = Static(id="detail")
        self.news = Static(id="jobs")
        self.keybar = KeyBar()

    def compose(self) -> ComposeResult:
        yield self.status
        yield self.table
        yield self.empty
        yield self.search
        yield self.detail
        yield Static(f"This terminal is too small: fuzztui needs {MIN_WIDTH} x {MIN_HEIGHT}.", classes="too-small")
        with Horizontal(classes="news"):
            yield self.news
        yield self.keybar

    def on_mount(self) -> None:
        set_title(self.table, label("targets"))
        self.table.focus()
        self.draw()

    # What there is ----------------------------------------------------------------------------------------------------

    def take(self, entries: Iterable[Entry], problems: Iterable[Visible]) -> None:
        """Show more of the project."""
        found = {entry.id: entry for entry in entries}
        self._found |= found.keys()
        self._entries.update(found)
        self._problems += problems
        self.draw()

    def forget(self) -> None:
        """The project is about to be read again. What was there is shown until all of it has been."""
        self._found.clear()
        self._problems.clear()
        self._is_read = False

    def finish(self) -> None:
        """All of the project has been read."""
        self._is_read = True
        self._entries = {name: entry for name, entry in self._entries.items() if name in self._found}
        self.bench.marked &= self._entries.keys()
        self.draw()
        if self.bench.selected:
            self.table.select(self.bench.selected)
        if self.bench.told:
            self.app.notify(self.bench.told, markup=False)
            self.bench.told = NOTHING

    def draw(self) -> None:
        """Show what is known now."""
        now = time.time()
        entries = sorted(self._entries.values(), key=_by_file)
        self.table.show([row_of(entry, now, entry.id in self.bench.marked) for entry in entries])
        marked = say(", {} marked", len(self.bench.marked)) if self.bench.marked else NOTHING
        reading = NOTHING if self._is_read else label(", reading…")
        set_title(self.table, say("targets: {:,}{}{}", len(entries), marked, reading))
        is_empty = not entries
        self.set_class(is_empty and self._is_read, "-empty")
        if self.has_class("-empty"):
            self.empty.update(content(empty_lines(self._root, self._problems, key_of(self.app, "home.read"))))
            self.set_focus(None)
        elif self.focused is None:
            self.table.focus()
        self.status.update(content(status_lines(self._root, entries)))
        self._draw_detail()
        self.keybar.update_keys()

    def _draw_detail(self) -> None:
        entry = self.selected
        lines: list[Line] = []
        if entry is not None:
            lines = detail_lines(entry, self.bench, self._problems, key_of(self.app, "table.open"))
        self.detail.update(content(lines))

    @property
    def selected(self) -> Entry | None:
        """The target of the selected row."""
        return self._entries.get(self.table.selected or "")

    def chosen(self) -> tuple[Entry, ...]:
        """The marked targets in their order, or else the selected one, as far as they can be run."""
        marked = sorted((self._entries[name] for name in self.bench.marked & self._entries.keys()), key=_by_file)
        own = [self.selected] if self.selected is not None else []
        return tuple(entry for entry in marked or own if entry.target is not None)

    def explain(self) -> list[str]:
        """Paragraphs for the help."""
        return [with_keys(self.app, TargetTable.HELP)]

    # Keys -------------------------------------------------------------------------------------------------------------

    def words_now(self, action: str) -> str | None:
        """What a key does now."""
        if action == "open":
            return f"fuzz {len(self.chosen())} in turn" if self.bench.marked else "fuzz"
        return None

    def refusal(self, action: str) -> str | None:
        """Why an action cannot be done now."""
        match action:
            case "open" if not self.chosen():
                return "its project's settings cannot be read" if self.selected is not None else "there is no target"
            case "together" if len(self.bench.marked) < 2:
                return "mark two targets or more"
            case "mark" if self.selected is None or self.selected.target is None:
                return "it cannot be run"
            case "crashers" if self.selected is None or not self.selected.all_crashers:
                return "no crasher of it is known"
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if self.refusal(action) else super().check_action(action, parameters)

    def want(self, table: RowTable[Any], words: str) -> None:
        super().want(table, words)
        self._draw_detail()

    def on_row_table_selected(self) -> None:
        self.bench.selected = self.table.selected or ""
        self._draw_detail()
        self.keybar.update_keys()

    def on_row_table_opened(self, message: RowTable.Opened) -> None:
        if not self.bench.marked and (entry := self._entries.get(str(message.key))) is not None:
            if entry.target is not None:
                self._do(Plan((entry,)))
        elif chosen := self.chosen():
            self.app.push_screen(TimeScreen(chosen, self.bench.time_each), lambda typed: self._in_turn(chosen, typed))

    def _in_turn(self, chosen: tuple[Entry, ...], typed: str | None) -> None:
        if typed is not None:
            self.bench.time_each = typed
            self._do(Plan(chosen, parse_limit(typed)))

    def action_together(self) -> None:
        """Fuzz all marked targets in one run."""
        chosen = self.chosen()
        if len(chosen) > 1:
            screen = TimeScreen(chosen, self.bench.time_together, is_together=True)
            self.app.push_screen(screen, lambda typed: self._side_by_side(chosen, typed))

    def _side_by_side(self, chosen: tuple[Entry, ...], typed: str | None) -> None:
        if typed is not None:
            self.bench.time_together = typed
            self._do(Plan(chosen, parse_limit(typed) if typed else NO_LIMIT, is_together=True))

    def action_mark(self) -> None:
        if (entry := self.selected) is not None and entry.target is not None:
            self.bench.marked ^= {entry.id}
            self.table.action_move(1)
            self.draw()

    def action_mark_all(self) -> None:
        self.bench.marked = set() if self.bench.marked else set(filter(self._can_run, self.table.listed))
        self.draw()

    def _can_run(self, name: str) -> bool:
        entry = self._entries.get(name)
        return entry is not None and entry.target is not None

    def action_crashers(self) -> None:
        if (entry := self.selected) is not None and entry.target is not None and entry.all_crashers:
            self._do(Plan((entry,), is_triage=True))

    def action_read_again(self) -> None:
        self._read()


class TimeScreen(ModalScreen[str | None]):
    """Asks how long each of several targets is to be fuzzed; its result is what was typed, None if it was left."""

    def __init__(self, entries: Sequence[Entry], before: str, *, is_together: bool = False) -> None:
        """`is_together`: side by side, for which no time need be said."""
        super().__init__()
        self._entries = entries
        self._before = before
        self._is_together = is_together
        hint = "5m, 1h30m, 10000x, or nothing: until you stop" if is_together else "5m, 1h30m, or 10000x"
        self._line = TypedLine(hint, id="note")
        self._wrong = Static()

    def compose(self) -> ComposeResult:
        names = joined(", ", (visible(entry.info.name) for entry in self._entries[:NAMED]))
        more = say(" and {:,} more", len(self._entries) - NAMED) if len(self._entries) > NAMED else NOTHING
        with Vertical(id="question", classes="-typed"):
            how = label("side by side, how long in all?" if self._is_together else "in turn, how long each?")
            yield Static(content([(span("strong", "Fuzz {}{} {}", names, more, how),)]))
            yield self._line
            yield self._wrong
            yield Static(content([answers(self.app, ("entry.take", "begins"), ("entry.cancel", "goes back"))]))

    def on_mount(self) -> None:
        self._line.value = self._before
        self._line.focus()

    def on_input_submitted(self, message: TypedLine.Submitted) -> None:
        typed = message.value.strip()
        try:
            limit = parse_limit(typed) if typed or not self._is_together else NO_LIMIT
            if self._is_together and limit.executions is not None and limit.executions < len(self._entries):
                raise ValueError(f"want one execution at least for each of {len(self._entries)} targets")
        except ValueError as error:
            self._wrong.update(content([(span("warn", "{}", error),)]))
        else:
            self.dismiss(typed)

    def action_cancel_entry(self) -> None:
        self.dismiss(None)


# Words ------------------------------------------------------------------------------------------------------------


def row_of(entry: Entry, now: float, is_marked: bool) -> Row[str]:
    """A target's row; `now` in seconds since 1970."""
    last = entry.last
    cells: tuple[Span, ...] = (
        span("warn" if entry.problem else "plain", "{}", entry.id),
        _when(entry, now),
        span("plain", "{}", duration(last.seconds)) if last is not None else _DASH,
        span("plain", "{}", count(last.executions)) if last is not None else _DASH,
        span("plain", "{:,} / {:,}", last.edges, last.edges_total) if last is not None and last.edges_total else _DASH,
        span("plain", "{:.0f}%", 100 * last.coverage) if last is not None and last.edges_total else _DASH,
        span("plain", "{:,}", entry.corpus) if last is not None or entry.corpus else _DASH,
        crasher_words(entry),
    )
    ended = last.ended if last is not None else 0.0
    covered = last.coverage if last is not None else 2.0
    ranks = (_by_file(entry), -ended, (-entry.open_crashers, -entry.all_crashers), covered)
    return Row(entry.id, cells, is_marked, ranks=ranks)


_DASH: Final[Span] = (NONE, "muted")


def _by_file(entry: Entry) -> tuple[str, int]:
    return str(entry.info.file), entry.info.line


def _when(entry: Entry, now: float) -> Span:
    if entry.last is None:
        return span("muted", "never")
    if entry.last.is_going_on:
        return span("good", "running")
    age = max(0.0, now - entry.last.ended)
    return (label("just now"), "plain") if age < 5 else span("plain", "{} ago", _age(age))


def _age(seconds: float) -> Visible:
    """In one unit: nobody needs the minutes of yesterday."""
    for size, unit in ((86400.0, "d"), (3600.0, "h"), (60.0, "m")):
        if seconds >= size:
            return say("{:.0f}{}", seconds // size, unit)
    return say("{:.0f}s", seconds)


def crasher_words(entry: Entry) -> Span:
    """Crashers by what is decided about them: `2 new, 1 ignored`."""
    counts = [(entry.regressed, "regressed"), *((entry.crashers.get(status, 0), status.value) for status in Status)]
    parts = [say("{:,} {}", number, word) for number, word in counts if number]
    if not parts:
        return span("muted", "none") if entry.last is not None else _DASH
    tone: Tone = "bad" if entry.open_crashers else "muted"
    return joined(", ", parts), tone


def status_lines(root: Path, entries: Sequence[Entry]) -> list[Line]:
    """The project, and its targets in figures."""
    never = sum(entry.last is None for entry in entries)
    found = sum(entry.open_crashers for entry in entries)
    decided = sum(entry.all_crashers for entry in entries) - sum(entry.crashers.get(Status.NEW, 0) for entry in entries)
    figures: list[Span] = [span("plain", "{}", plural(len(entries), "target"))]
    figures += [span("muted", "   {:,} never run", never)] if never else []
    figures += [span("bad", "   ✗ {} to look at", plural(found, "crasher"))] if found else []
    figures += [span("muted", "   {:,} decided", decided)] if decided > 0 else []
    return [(span("strong", "{}", root.name or "/"), span("muted", "  {}", root)), tuple(figures)]


def detail_lines(entry: Entry, bench: Bench, problems: Sequence[Visible], open_key: str) -> list[Line]:
    """All about one target, in four lines at most. `open_key`: the key that fuzzes it."""
    given = joined(", ", (say("{}: {}", name, kind) for name, kind in entry.info.parameters))
    lines: list[Line] = [(span("strong", "{}", entry.info.name), span("plain", "({})", given),
                          span("muted", "  line {} of {}", entry.info.line, entry.info.file.name))]  # fmt: skip
    if entry.problem:
        lines.append((span("warn", "! {}", entry.problem),))
    if (news := bench.news.get(entry.id)) is not None:
        lines.append((span("plain", "{}", news),))
    if entry.titles:
        more = say(" and {:,} more", len(entry.titles) - NAMED) if len(entry.titles) > NAMED else NOTHING
        lines.append((span("bad", "✗ "), span("plain", "{}{}", joined(", ", entry.titles[:NAMED]), more)))
    elif entry.last is None:
        lines.append((span("muted", "never run here: {} fuzzes it", open_key),))
    if problems:
        more = say(" (and {:,} more)", len(problems) - 1) if len(problems) > 1 else NOTHING
        lines.append((span("warn", "! {}{}", problems[0], more),))
    return lines


def empty_lines(root: Path, problems: Sequence[Visible], again_key: str) -> list[Line]:
    """What to do where there is no target."""
    lines: list[Line] = [
        (span("strong", "There are no fuzz targets below {}.", root),),
        (),
        (span("plain", "Have one written for a function of yours:"),),
        (span("accent", "  $ fuzztui init package.module:function"),),
        (),
        (span("plain", "Or write one, in any Python file:"),),
        (span("accent", "  def fuzz_parse(data: bytes) -> None:"),),
        (span("accent", "      parse(data)"),),
        (),
        (span("accent", "{}", again_key), span("plain", " reads the project again")),
    ]
    if problems:
        lines += [(), *((span("warn", "! {}", problem),) for problem in problems[:NAMED])]
    return lines
