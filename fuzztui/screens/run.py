"""The home screen: everything that matters of a run, and the keys that steer it."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, piece, say, visible
from fuzztui.engine.show.worker_row import WorkerRow, WorkerState
from fuzztui.screens import rows
from fuzztui.screens.base import Pager
from fuzztui.screens.beside import MIN_HEIGHT, MIN_WIDTH, NOTHING_SELECTED, crasher_beside, worker_beside
from fuzztui.screens.control import ControlScreen
from fuzztui.screens.crasher import CrasherScreen
from fuzztui.screens.decider import Verdict
from fuzztui.screens.diagnoses import DiagnosesScreen, notice
from fuzztui.screens.listing import Desk, Fold, Item, groups_in
from fuzztui.screens.lists import ListScreen
from fuzztui.screens.steering import STEERING, SteeringScreen
from fuzztui.screens.verbs import VERBS, VerbScreen
from fuzztui.screens.worker import WorkerScreen
from fuzztui.screens.workers import WORKER_KEYS, pause_worker, stop_worker, why_not_with
from fuzztui.widgets.edge import set_subtitle, set_title
from fuzztui.widgets.figures import coverage_figure, marks_words, rate_figure
from fuzztui.widgets.keynames import key_of
from fuzztui.widgets.list_table import SEARCH_KEYS, ListTable, none_has, tell_what_is_listed
from fuzztui.widgets.plot import Plot
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.table import LazyRows, RowTable
from fuzztui.widgets.tone import Line, content, span
from fuzztui.widgets.wording import MEANINGS, crasher_title, helper_words, live_workers, running_words, state_span
from fuzztui.widgets.words import Words
from fuzztui.widgets.wrapped import Wrapped
from fuzztui.words.sentences import bare_modules, plural

_STEERING: Final = STEERING | {"control", "stop_worker", "restart_worker", "pause_worker"}
"""Actions that need a run that goes on."""


ENDING_NAMED = 3
"""Workers that still end which are named: the table above has all of them."""

MODULES_SHOWN = 20.0
"""Seconds of a run in which a line tells of modules without probes; later the screen of modules does."""


class WorkerTable(ListTable[int]):
    """One row for each worker, by its id."""

    HELP = """Each worker is a process of its own that mutates inputs and runs the target. {worker.stop} stops, \
{worker.restart} restarts and {worker.pause} pauses the one marked ▸; the others go on. {table.open} shows what it \
printed and how it ended. After a crasher a helper may be named above the list: a process beside the workers that runs \
crashers again, to learn whether they fail each time, and makes their inputs smaller; it ends by itself."""

    BINDINGS: ClassVar[list[BindingType]] = [*WORKER_KEYS, *SEARCH_KEYS]


class CrasherTable(RowTable[str]):
    """One row for each group of crashers; below one that is unfolded, one for each crasher in it."""

    HELP = """A crasher is an input that makes the target fail. Inputs that fail in the same way are its hits; \
crashers that fail at the same place, reached in different ways, share a row, which {crashers.unfold} unfolds and \
{crashers.fold} folds. {table.open} shows the traceback, the input and the command that runs it again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        SEARCH_KEYS[0],
        *VERBS,
        Binding("space", "screen.mark", "mark", id="crashers.mark",
                tooltip="Mark the selected crasher, or take its mark away: status and merge are for all marked ones."),
        SEARCH_KEYS[1],
        Binding("right,l", "screen.fold(False)", "unfold", key_display="→", id="crashers.unfold",
                tooltip="Give each crasher of the selected group a row of its own."),
        Binding("left,h", "screen.fold(True)", "fold", key_display="←", id="crashers.fold",
                tooltip="Let the crashers of the selected group share one row."),
        Binding("N", "screen.look_at_all", show=False, id="crashers.seen",
                tooltip="Take all crashers for seen: only what comes from now on is new."),
        SEARCH_KEYS[2],
    ]  # fmt: skip


class RunScreen(SteeringScreen, ListScreen, VerbScreen):
    """Totals, plots, workers and crashers of a run."""

    STEERING = _STEERING

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "c",
            "control",
            "control",
            id="run.control",
            tooltip="Show the settings, and change them while the run goes on: limits, dictionary, contract, focus.",
        ),
        Binding(
            "D",
            "diagnoses",
            show=False,
            id="run.diagnoses",
            tooltip="Show what keeps the run from finding more, and what to do about it.",
        ),
    ]

    def __init__(self, session: SessionLike, desk: Desk) -> None:
        super().__init__(session, desk)
        self.status = StatusBar(id="status")
        self.rate_plot = Plot(id="rate")
        self.coverage_plot = Plot(id="coverage")
        self.worker_table = WorkerTable(
            rows.WORKER_COLUMNS, "no worker has started yet", id="workers", orders=rows.WORKER_ORDERS
        )
        self.crasher_table = CrasherTable(rows.CRASHER_COLUMNS, "none so far", id="crashers", follows_top=True)
        self._followed: WorkerTable | CrasherTable = self.crasher_table
        """The list that the pane beside it follows."""
        self._had_focus = False
        self._items: dict[str, Item] = {}
        """The rows of the crashers' table, by their keys."""
        self.about = Words(id="about")
        self.beside = Pager(self.about, id="beside")
        self.diagnosis = Words(id="diagnosis")
        self.notices = Wrapped(id="notices")

    def body(self) -> Iterable[Widget]:
        yield self.status
        yield Horizontal(self.rate_plot, self.coverage_plot, id="plots")
        yield self.worker_table
        with Horizontal(id="below"):
            yield self.crasher_table
            yield self.beside
        yield self.diagnosis
        yield self.notices

    def on_mount(self) -> None:
        super().on_mount()
        if self.has_class("-triage"):
            self.crasher_table.focus()

    def show(self, snapshot: Snapshot) -> None:
        if snapshot.phase is Phase.TRIAGE:
            self.add_class("-triage")
        self.status.show(snapshot)
        self.rate_plot.show(rate_figure(snapshot, self.zoom))
        self.coverage_plot.show(coverage_figure(snapshot, self.zoom))
        self.worker_table.show([rows.worker_row(row) for row in snapshot.workers])
        self._show_crashers(snapshot)
        self._show_beside(snapshot)
        self.show_jobs(snapshot)
        self._set_titles(snapshot)
        diagnosed = tuple(notice(snapshot.diagnoses)) if not snapshot.is_over else ()
        noticed = notice_lines(snapshot, key_of(self.app, "app.quit"), key_of(self.app, "place.modules"))
        self.diagnosis.update(content(diagnosed))
        self.diagnosis.display = bool(diagnosed)
        self.notices.show(list(noticed))
        self.notices.display = bool(noticed)
        self.set_class(bool(diagnosed or noticed), "-noticed")
        self.keybar.update_keys()

    def on_resize(self, event: events.Resize) -> None:
        has_room = event.size.width >= MIN_WIDTH and event.size.height >= MIN_HEIGHT
        self.set_class(has_room, "-with-detail")
        self.call_after_refresh(self._show_again)  # once the list has its width

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        # The first focus is nobody's choice: until somebody makes one a crasher is what one wants to read.
        if isinstance(event.widget, WorkerTable | CrasherTable):
            self._followed = event.widget if self._had_focus else self.crasher_table
            self._had_focus = True
        self._show_beside(self.session.snapshot())

    def _show_beside(self, snapshot: Snapshot) -> None:
        """Draw what is selected in the list that has the focus, or had it last."""
        if not self.has_class("-with-detail"):
            return
        title, about = label("nothing selected"), NOTHING_SELECTED
        crasher = self.current()
        follows_worker = self._followed is self.worker_table or crasher is None
        if follows_worker and (row := self.selected_worker()) is not None:
            title, about = say("worker {}", row.id), worker_beside(row, key_of(self.app, "table.open"))
        elif crasher is not None:
            verdict = self.desk.decider.verdict(crasher)
            title, about = crasher_title(crasher), crasher_beside(crasher, snapshot, verdict, self.beside.size.width)
        self.about.update(about)
        set_title(self.beside, title)
        set_subtitle(self.beside, say("{}: all about it", key_of(self.app, "table.open")))

    def _show_crashers(self, snapshot: Snapshot) -> None:
        items = self.desk.items(snapshot)
        self._items = by_key = {item.key: item for item in items}
        is_grouped = any(item.fold is not Fold.ALONE for item in items)
        columns = rows.crasher_columns(beside=self.has_class("-with-detail"), grouped=is_grouped)
        self.crasher_table.show_columns(columns)
        alike = frozenset() if self.crasher_table.has_room_for("message") else rows.alike(items)
        self.crasher_table.show(
            LazyRows(
                tuple(by_key),
                lambda key: rows.crasher_row(by_key[key], self.desk, snapshot.elapsed, says_message=key in alike),
            )
        )
        words = none_has(self.crasher_table, len(snapshot.crashers), visible(self.desk.words))
        self.crasher_table.say_when_empty(words if snapshot.crashers else label("  none so far"))
        self.crasher_table.set_class(bool(snapshot.crashers), "-found")
        marked = say("{} marked, ", len(self.desk.marked)) if self.desk.marked else NOTHING
        listed = sum(len(item.crashers) for item in items if item.fold is not Fold.MEMBER)
        order = say("{}{}", marked, self.desk.order.value)
        tell_what_is_listed(self.crasher_table, listed, len(snapshot.crashers), visible(self.desk.words), order)

    def _set_titles(self, snapshot: Snapshot) -> None:
        titles: dict[Widget, Visible] = {
            self.rate_plot: label("execs/s"),
            self.coverage_plot: say("⠒⠒ edges {:,}   ⠂⠐ corpus {:,}", snapshot.edges, snapshot.corpus),
            self.worker_table: say("workers: {}{}", running_words(snapshot), helper_words(snapshot)),
            self.crasher_table: crashers_title(snapshot, self._items.values(), self.desk.verdicts(snapshot.crashers)),
        }
        for widget, title in titles.items():
            set_title(widget, title)
        subtitles = {
            self.rate_plot: label(self.zoom.value),
            self.coverage_plot: marks_words(snapshot, self.zoom),
        }
        for plot, words in subtitles.items():
            set_subtitle(plot, words)

    def selected_worker(self) -> WorkerRow | None:
        """The newest row of the worker that is selected now."""
        return next((row for row in self.session.snapshot().workers if row.id == self.worker_table.selected), None)

    def subject(self, action: str) -> Visible:
        if action in ("stop_worker", "restart_worker", "pause_worker"):
            return say("worker {}", self.worker_table.selected)
        return super().subject(action)

    def why_not(self, action: str) -> str | None:
        if action in ("stop_worker", "pause_worker", "restart_worker"):
            return self.why_over() or why_not_with(action, self.selected_worker())
        return super().why_not(action)

    def is_past(self) -> bool:
        return super().is_past() or self.has_class("-triage")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "fold":
            return self._can_fold(bool(parameters[0]))
        return super().check_action(action, parameters)

    def words_now(self, action: str) -> str | None:
        if action == "pause_worker" and (row := self.selected_worker()) is not None and row.state is WorkerState.PAUSED:
            return "go on"
        return super().words_now(action)

    # Crashers ---------------------------------------------------------------------------------------------------------

    @property
    def selected_item(self) -> Item | None:
        """What the selected row of the crashers' table stands for."""
        return self._items.get(self.crasher_table.selected or "")

    def current(self) -> Crasher | None:
        return self.selected_item.crasher if self.selected_item is not None else None

    def chosen(self) -> list[Crasher]:
        marked = [crasher for crasher in self.desk.sequence(self.session.snapshot()) if crasher.id in self.desk.marked]
        if marked or self.selected_item is None:
            return marked
        return list(self.selected_item.crashers)

    def action_mark(self) -> None:
        if (item := self.selected_item) is None:
            return
        ids = {crasher.id for crasher in item.crashers}
        if ids <= self.desk.marked:
            self.desk.marked -= ids
        else:
            self.desk.marked |= ids
        self.crasher_table.action_move(1)
        self._show_again()

    def words_of(self, table: RowTable[Any]) -> Visible:
        return visible(self.desk.words) if table is self.crasher_table else super().words_of(table)

    def want(self, table: RowTable[Any], words: str) -> None:
        if table is not self.crasher_table:
            return super().want(table, words)
        if not words and not self.desk.words:
            self.desk.marked.clear()
        self.desk.words = words
        self._show_again()
        return None

    def chooses(self, table: RowTable[Any]) -> bool:
        return super().chooses(table) or (table is self.crasher_table and bool(self.desk.marked))

    def order_next(self, table: RowTable[Any]) -> None:
        if table is not self.crasher_table:
            return super().order_next(table)
        self.desk.order = self.desk.order.following
        self._show_again()
        return None

    def _can_fold(self, folded: bool) -> bool:
        item = self.selected_item
        return item is not None and item.fold in ((Fold.UNFOLDED, Fold.MEMBER) if folded else (Fold.FOLDED,))

    def action_fold(self, folded: bool) -> None:
        if (item := self.selected_item) is None:
            return
        if not folded:
            self.desk.unfolded.add(item.group)
        else:
            self.desk.unfolded.discard(item.group)
        self._show_again()
        if folded:
            # A member's row is gone: its group's has it.
            self.crasher_table.select(next(key for key, one in self._items.items() if item.crasher in one.crashers))

    def action_look_at_all(self) -> None:
        self.desk.seen.update(crasher.id for crasher in self.session.snapshot().crashers)
        self._show_again()

    def _show_again(self) -> None:
        self.show(self.session.snapshot())

    # Workers and the run ----------------------------------------------------------------------------------------------

    def action_stop_worker(self) -> None:
        if (row := self.selected_worker()) is not None:
            stop_worker(self, row.id)

    def action_control(self) -> None:
        self.app.push_screen(ControlScreen(self.session))

    def action_restart_worker(self) -> None:
        if (row := self.selected_worker()) is not None:
            self.session.restart_worker(row.id)

    def action_pause_worker(self) -> None:
        if (row := self.selected_worker()) is not None:
            pause_worker(self, row)

    def action_diagnoses(self) -> None:
        self.app.push_screen(DiagnosesScreen(self.session))

    def explain(self) -> list[str]:
        paragraphs = super().explain()
        row = self.selected_worker()
        if row is not None and self.worker_table.has_focus:
            paragraphs.append(f"Worker {row.id}: {row.state.value}. That means: {MEANINGS[row.state]}.")
        return [*paragraphs, *(diagnosis.text for diagnosis in self.session.snapshot().diagnoses)]

    def on_row_table_selected(self, message: RowTable.Selected) -> None:
        if isinstance(message.table, WorkerTable | CrasherTable):
            self._followed = message.table
        if message.table is self.crasher_table and (item := self.selected_item) is not None:
            self.desk.seen.update(crasher.id for crasher in item.crashers)
            self._show_crashers(self.session.snapshot())
        self._show_beside(self.session.snapshot())
        self.keybar.update_keys()

    def on_row_table_opened(self, message: RowTable.Opened) -> None:
        if isinstance(message.key, int):
            self.app.push_screen(WorkerScreen(self.session, message.key))
        elif (item := self._items.get(message.key)) is not None:
            self.app.push_screen(CrasherScreen(self.session, item.crasher.id, self.desk))


def crashers_title(snapshot: Snapshot, items: Iterable[Item], verdicts: Mapping[str, Verdict]) -> Visible:
    """How many crashers there are in how many groups, and how many of them are listed."""
    total = len(snapshot.crashers)  # whatever is merged: it is listed, so that it can be taken apart again
    groups = groups_in(snapshot.crashers, verdicts)
    grouped = say(" in {}", plural(groups, "group")) if groups < total else NOTHING
    listed = sum(len(item.crashers) for item in items if item.fold is not Fold.MEMBER)
    shown = say("{:,} of ", listed) if listed < total else NOTHING
    return say("crashers: {}{:,}{} ({})", shown, total, grouped, plural(snapshot.hits, "hit"))


def notice_lines(snapshot: Snapshot, quit_key: str, modules_key: str) -> tuple[Line, ...]:
    """What a person should read now: who is still ending while the run stops, and the engine's warnings. The keys are
    those of two actions, as this person has them.
    """
    lines: list[Line] = []
    if snapshot.is_stopping:
        ending = live_workers(snapshot)
        names = joined(", ", (say("{} ({})", row.id, piece(state_span(row)[0], 2)) for row in ending[:ENDING_NAMED]))
        more = say(" and {} more", len(ending) - ENDING_NAMED) if len(ending) > ENDING_NAMED else NOTHING
        who = say("still ending: worker {}{}", names, more) if ending else label("every worker has ended")
        lines.append((span("warn", "□ Stopping: {} kills what is left at once; {}", quit_key, who),))
    elif snapshot.elapsed < MODULES_SHOWN and (bare := bare_modules(snapshot.modules)):
        lines.append((span("muted", "· No probes in {}. {} shows why.", bare, modules_key),))
    lines += [(span("warn", "! {}", warning),) for warning in snapshot.warnings[-3:]]
    if len(snapshot.warnings) > 3:
        lines.append((span("muted", "  {}", plural(len(snapshot.warnings) - 3, "earlier warning")),))
    return tuple(lines)
