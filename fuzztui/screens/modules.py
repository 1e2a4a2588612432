"""What became of the modules that the target's file imports: in which of them coverage is measured, and why not."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.widget import Widget

from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.snapshot import ImportedModule, Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, say
from fuzztui.screens.lists import ListScreen
from fuzztui.widgets.edge import set_title
from fuzztui.widgets.list_table import ListTable
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.table import Column, Row
from fuzztui.widgets.tone import Line, Span, span
from fuzztui.widgets.wording import NONE
from fuzztui.widgets.wrapped import Wrapped
from fuzztui.words.sentences import plural

COLUMNS: Final = (
    Column("", 1),
    Column("module", 20, grows=True, cut="front", wish=30),
    Column("probes", 7, right=True),
    Column("why not", 16, grows=True),
)

ORDERS: Final = ("without probes first", "by name", "most probes first")

BARE: Final = span("warn", "-")
PARTLY: Final = span("warn", "±")
WHOLE: Final = span("good", "+")
"""What stands before a module: whether it has no probes, has them in part, or wholly."""


class ModuleTable(ListTable[str]):
    """One row for each module, by its name."""

    HELP = """Coverage is measured in the target's own file, and in the modules that it imports, if they are written \
in Python. What happens in a module without probes (-) is not seen, so nothing in there guides the mutation; ± marks \
one of which a part has none. --include adds a module, --exclude leaves one out."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return False if action == "open" else super().check_action(action, parameters)


class ModulesScreen(ListScreen):
    """The imported modules, those without probes first, each with its reason."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", id="screen.back", tooltip="Back to the run."),
    ]

    def __init__(self, session: SessionLike) -> None:
        super().__init__(session)
        self.status = StatusBar(id="status")
        self.table = ModuleTable(
            COLUMNS, "The target's file imports no modules, or has not been loaded yet.", id="modules", orders=ORDERS
        )
        self.about = Wrapped(id="about")
        self._modules: tuple[ImportedModule, ...] = ()

    def body(self) -> Iterable[Widget]:
        yield self.status
        yield self.table
        yield self.about

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        self._modules = tuple(snapshot.modules)
        set_title(self.table, modules_title(snapshot.modules))
        self.table.show([_row(module) for module in snapshot.modules])
        self._explain()
        self.keybar.update_keys()

    def _explain(self) -> None:
        """Say in full what a row may have no room for."""
        selected = next((module for module in self._modules if module.name == self.table.selected), None)
        self.about.show(about_module(selected) if selected is not None else [])

    def on_row_table_selected(self) -> None:
        self._explain()

    def action_back(self) -> None:
        self.app.pop_screen()


def modules_title(modules: Sequence[ImportedModule]) -> Visible:
    """How many there are, and how many of them have no probes, or not all."""
    bare = sum(not module.instrumented for module in modules)
    partly = sum(module.instrumented and bool(module.reason) for module in modules)
    words = [say("{:,} without probes", bare)] if bare else []
    words += [say("{:,} with probes in part", partly)] if partly else []
    return joined(", ", [say("modules: {:,}", len(modules)), *words])


def about_module(module: ImportedModule) -> list[Line]:
    """A module in a sentence or two."""
    probes = plural(module.probes, "probe") if module.instrumented else label("not instrumented")
    reason = say(": {}", module.reason) if module.reason else NOTHING
    return [(span("strong", "{}  ", module.name), span("muted", "{}{}", probes, reason))]


def _row(module: ImportedModule) -> Row[str]:
    rank = 2 if module.instrumented and not module.reason else int(module.instrumented)
    mark: Span = (BARE, PARTLY, WHOLE)[rank]
    cells: tuple[Span, ...] = (
        mark,
        (module.name, "plain"),
        span("plain", "{:,}", module.probes) if module.instrumented else (NONE, "muted"),
        (module.reason, "muted"),
    )
    return Row(module.name, cells, ranks=((rank, module.name), module.name, (-module.probes, module.name)))
