"""What the run's time goes on, and what each source of inputs brings for it."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.costs import Cost
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import label, say
from fuzztui.engine.show.worker_row import profile_of
from fuzztui.screens import rows
from fuzztui.screens.lists import ListScreen
from fuzztui.screens.worker import WorkerScreen
from fuzztui.widgets.edge import set_title
from fuzztui.widgets.list_table import ListTable
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.table import RowTable
from fuzztui.widgets.tone import Line, blank, content, plain, span, wrapped
from fuzztui.widgets.wording import COST_MEANINGS, COSTS
from fuzztui.words.sentences import plural

NO_PROFILE: Line = (span("muted", "Start the run with --profile to see here what the workers' time goes on."),)

GAP = blank(3)


class CostTable(ListTable[int]):
    """One row for all workers, by `rows.ALL`, and one for each, by its id."""

    HELP = """Each line is the time of one worker since it was ready, without pauses. Samples are looks at what it was \
doing, at random moments: before there are ten thousand, one hundredth more or less means little."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if action == "open" and self.selected == rows.ALL else super().check_action(action, parameters)


class YieldTable(ListTable[str]):
    """One row for each source of inputs, by its name."""

    HELP = """Where inputs come from: the operators that mutate, and the comparisons seen when an entry was traced. \
Tries are executions that a source had a part in; finds are those of them that reached something new to their worker. \
Operators that made an input together each count it."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return False if action == "open" else super().check_action(action, parameters)


class ObservedTable(ListTable[str]):
    """One row for each event and score of a property test, by its words."""

    HELP = """What the test says of its executions: `event()` of how many, `target()` how high its score has come. An \
event that is new, and a score higher than any before, are kept in the corpus and mutated."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return False if action == "open" else super().check_action(action, parameters)


class Legend(Widget):
    """Which part of a bar stands for what: as many lines as that takes."""

    DEFAULT_CSS = "Legend { height: auto; padding: 0 1; }"

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._profiled = True

    def show(self, profiled: bool) -> None:
        """Explain the bars, or say why there are none."""
        if profiled != self._profiled:
            self._profiled = profiled
            self.refresh(layout=True)

    def _lines(self, width: int) -> list[Line]:
        return legend(width) if self._profiled else wrapped([NO_PROFILE], width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return len(self._lines(width))

    def render(self) -> Content:
        return content(self._lines(self.content_size.width))


def legend(width: int) -> list[Line]:
    """Glyph and word of each cost, in lines of at most `width` cells."""
    lines: list[Line] = [()]
    for cost in Cost:
        glyph, tone = COSTS[cost]
        entry: Line = (span(tone, "{} ", glyph), span("plain", "{}", cost.value))
        longer = (*lines[-1], GAP, *entry) if lines[-1] else entry
        if lines[-1] and len(plain(longer)) > width:
            lines.append(entry)
        else:
            lines[-1] = longer
    return lines


class CostsScreen(ListScreen):
    """Shares of the workers' time, and the yields of the sources of inputs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", id="screen.back", tooltip="Back to the run."),
    ]

    def __init__(self, session: SessionLike) -> None:
        super().__init__(session)
        self.status = StatusBar(id="status")
        self.legend = Legend(id="legend")
        self.cost_table = CostTable(rows.COST_COLUMNS, "no worker has started yet", id="costs", orders=rows.COST_ORDERS)
        self.yield_table = YieldTable(
            rows.YIELD_COLUMNS, "nothing has been mutated yet", id="yields", orders=rows.YIELD_ORDERS
        )
        self.observed_table = ObservedTable(
            rows.OBSERVED_COLUMNS, "the test tells nothing", id="observed", orders=rows.OBSERVED_ORDERS
        )

    def body(self) -> Iterable[Widget]:
        set_title(self.cost_table, label("where the time goes"))
        # Before the screen chooses what has the focus first.
        self._show_costs(profile_of(self.session.snapshot().workers) is not None)
        yield self.status
        yield self.legend
        yield self.cost_table
        yield self.yield_table
        self._show_observed(bool(self.session.snapshot().observed))
        yield self.observed_table

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        whole = profile_of(snapshot.workers)
        self._show_costs(whole is not None)
        if whole is not None:
            self.cost_table.show(rows.cost_rows(snapshot.workers))
        self.yield_table.show(rows.yield_rows(snapshot.yields))
        finds = sum(source.finds for source in snapshot.yields)
        set_title(self.yield_table, say("what brings new inputs: {}", plural(finds, "find")))
        self._show_observed(bool(snapshot.observed))
        if snapshot.observed:
            self.observed_table.show(rows.observed_rows(snapshot.observed, snapshot.executions))
            scores = sum(one.best is not None for one in snapshot.observed)
            events = len(snapshot.observed) - scores
            set_title(self.observed_table, say("{}, {}", plural(events, "event"), plural(scores, "score")))
        self.keybar.update_keys()

    def _show_observed(self, tells: bool) -> None:
        self.observed_table.display = self.observed_table.can_focus = tells

    def _show_costs(self, profiled: bool) -> None:
        self.legend.show(profiled)
        self.cost_table.display = self.cost_table.can_focus = profiled

    def explain(self) -> list[str]:
        paragraphs = super().explain()
        if self.cost_table.has_focus:
            paragraphs.append("\n".join(f"{COSTS[cost][0]} {cost.value}: {COST_MEANINGS[cost]}." for cost in Cost))
        return paragraphs

    def why_not(self, action: str) -> str | None:
        return "choose one worker" if action == "open" else None

    def on_row_table_selected(self) -> None:
        self.keybar.update_keys()

    def on_row_table_opened(self, message: RowTable.Opened) -> None:
        if isinstance(message.key, int):
            self.app.push_screen(WorkerScreen(self.session, message.key))

    def action_back(self) -> None:
        self.app.pop_screen()
