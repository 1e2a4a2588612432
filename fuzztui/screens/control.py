"""What can be changed while a run goes on: each setting with its present value, and a line to type another one in."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Static

from fuzztui.engine.live.wishes import (
    AddWorker,
    DropWorker,
    FocusOn,
    SetDictionary,
    SetMaxLen,
    SetMemoryLimit,
    SetTimeout,
    Wish,
)
from fuzztui.engine.request.options import MOST_WORKERS
from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.settings import Settings
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, say, size
from fuzztui.screens.lists import ListScreen
from fuzztui.terminal import clipboard
from fuzztui.widgets.edge import set_title
from fuzztui.widgets.entry import Entry
from fuzztui.widgets.keynames import key_of
from fuzztui.widgets.list_table import ListTable
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.table import Column, Row, RowTable
from fuzztui.widgets.tone import content, span
from fuzztui.widgets.wording import live_workers
from fuzztui.words.units import parse_memory, parse_seconds

COLUMNS: Final = (
    Column("setting", 12),
    Column("now", 16, grows=True, wish=18),
    Column("what it is", 24, grows=True, rank=1),
)

ORDERS: Final = ("usual order", "by name")

WORKERS: Final = "workers"
POLICY: Final = "on a crash"
RAISES: Final = "raises"

RUN_KEYS: Final[list[BindingType]] = [
    Binding("plus", "screen.add_worker", "worker more", key_display="+", show=False, id="run.add_worker",
            tooltip="One worker more: one that was stopped comes back, or another one begins."),
    Binding("minus", "screen.drop_worker", "worker fewer", key_display="-", show=False, id="run.drop_worker",
            tooltip="One worker fewer: the last one of the list is stopped; never the only one."),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as people see it."""

    name: str
    now: Callable[[Settings], Visible]
    """Its present value."""
    meaning: Visible
    example: str = ""
    """What can be typed."""
    parse: Callable[[str], Wish] | None = None
    """What somebody wishes by what was typed; ValueError with a sentence. None for one that takes no text."""


def _length(text: str) -> Wish:
    if not text.isdecimal() or not int(text):
        raise ValueError(f"{text!r} is no length, want a number of bytes from 1 on, such as 4096")
    return SetMaxLen(int(text))


def _dictionary(text: str) -> Wish:
    return SetDictionary(None if text == "none" else Path(text).expanduser().absolute())


SETTINGS: Final = (
    Setting(
        "time-out",
        lambda now: say("{:g} s", now.timeout),
        label("seconds that one execution may take; holds at once"),
        "such as 500ms, 10s or 2m",
        lambda text: SetTimeout(parse_seconds(text)),
    ),
    Setting(
        "memory",
        lambda now: size(now.memory_limit) if now.memory_limit is not None else label("no limit"),
        label("that one worker may use beyond its loaded target; holds at once"),
        "such as 512M, 2G or none",
        lambda text: SetMemoryLimit(parse_memory(text)),
    ),
    Setting(
        "max length",
        lambda now: say("{:,} bytes", now.max_len),
        label("of a generated input; workers are replaced one by one"),
        "a number of bytes, such as 4096",
        _length,
    ),
    Setting(
        "dictionary",
        lambda now: say("{:,} tokens{}", now.tokens, say(", {}", now.dictionary) if now.dictionary else NOTHING),
        label("words worth trying; workers are replaced one by one"),
        "the path of a file of tokens, or none",
        _dictionary,
    ),
    Setting(
        "focus",
        lambda now: now.focus or label("none"),
        label("a module or function: inputs that reach it come more often"),
        "such as package.module, module:function, function, or none",
        lambda text: FocusOn("" if text == "none" else text),
    ),
)
"""Those that take a text, in the order in which they are listed."""

_BY_NAME: Final = {setting.name: setting for setting in SETTINGS}


class SettingTable(ListTable[str]):
    """One row for each setting, by its name."""

    HELP = """Settings of this run, as they are now. {table.open} takes another value for the selected one; what \
cannot be is told, and changes nothing. Each change is a mark ◇ in the plots and a line in the log. raises are \
exceptions that are part of the target's contract for this run: {crasher.expect} on a crasher adds its own. \
{table.open} on it copies the line to write into the harness, so that it is so in later runs, too."""


class ControlScreen(ListScreen):
    """The settings of a run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", id="screen.back", tooltip="Back, and leave the value as it is."),
        *RUN_KEYS,
    ]

    def __init__(self, session: SessionLike) -> None:
        super().__init__(session)
        self.status = StatusBar(id="status")
        self.table = SettingTable(COLUMNS, "nothing can be changed", id="settings", orders=ORDERS)
        self.entry = Entry("", id="value")
        self.answer = Static(id="answer")
        self._editing: Setting | None = None
        self._meanings: dict[str, Visible] = {}
        """What each setting is, in a sentence."""
        self._is_wrong = False
        """Whether it is said what is wrong with what was typed."""

    def body(self) -> Iterable[Widget]:
        yield self.status
        yield self.table
        yield self.answer
        yield self.entry

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        now = snapshot.settings
        live = len(live_workers(snapshot))
        policy = label("stops the run" if snapshot.stop_on_crash else "the run goes on")
        key = partial(key_of, self.app)
        raises = joined(", ", now.expected) if now.expected else label("none in this run")
        values = {
            WORKERS: say("{}", live),
            **{setting.name: setting.now(now) for setting in SETTINGS},
            POLICY: policy,
            RAISES: raises,
        }
        self._meanings = {
            WORKERS: say(
                "{} one more, {} one fewer, {} a number", *map(key, ("run.add_worker", "run.drop_worker", "table.open"))
            ),
            **{setting.name: setting.meaning for setting in SETTINGS},
            POLICY: say("what the next new crasher does; {} changes it", key("table.open")),
            RAISES: now.contract
            or say("exceptions of its contract: {} on a crasher adds its own", key("crasher.expect")),
        }
        rows = [_row(i, name, value, self._meanings[name]) for i, (name, value) in enumerate(values.items())]
        self.table.show(rows)
        renewing = say(", replacing workers: {} left", now.renewing) if now.renewing else NOTHING
        set_title(self.table, say("settings of this run{}", renewing))
        if not self._is_wrong:
            self._explain()
        self.keybar.update_keys()

    def words_now(self, action: str) -> str | None:
        if action == "open":
            return "copy the line" if self.table.selected == RAISES else "change"
        return super().words_now(action)

    def why_not(self, action: str) -> str | None:
        snapshot = self.session.snapshot()
        if action in ("add_worker", "drop_worker", "open"):
            if snapshot.is_over:
                return "the run has ended"
            if snapshot.is_stopping:
                return "the run is stopping"
        return super().why_not(action)

    # Changing one -----------------------------------------------------------------------------------------------------

    def on_row_table_opened(self, message: RowTable.Opened) -> None:
        if self.refusal("steer") or self.why_not("open"):
            return
        snapshot = self.session.snapshot()
        if message.key == POLICY:
            self.session.set_stop_on_crash(not snapshot.stop_on_crash)
        elif message.key == RAISES:
            self._copy_contract(snapshot.settings.contract)
        else:
            self._editing = _BY_NAME.get(str(message.key))
            example = self._editing.example if self._editing is not None else "a number of workers"
            self.entry.value = ""
            self.entry.placeholder = say(
                "{}: {}; {} takes it, {} leaves it as it is",
                message.key,
                example,
                key_of(self.app, "entry.take"),
                key_of(self.app, "entry.cancel"),
            )
            self.entry.display = True
            self.entry.focus()

    def _copy_contract(self, line: Visible) -> None:
        if line:
            text = line.rpartition(" (")[0] or line
            self.app.copy_to_clipboard(text)
            self.tell(clipboard.sentence(label("The line of the harness"), text))
        else:
            key = key_of(self.app, "crasher.expect")
            self.tell(say("No exception is part of the contract yet: {} on a crasher adds its own.", key))

    def on_input_submitted(self, message: Entry.Submitted) -> None:
        if message.input is not self.entry:
            return  # words to search for
        text = message.value.strip()
        if not text:
            self._close()
            return
        try:
            for wish in self._wishes(text):
                self.session.steer(wish)
        except (ValueError, RuntimeError) as error:
            self._say(say("{}", error))
        else:
            self._close()

    def _wishes(self, text: str) -> list[Wish]:
        if self._editing is not None and self._editing.parse is not None:
            return [self._editing.parse(text)]
        if not text.isdecimal() or not 1 <= int(text) <= MOST_WORKERS:
            raise ValueError(f"{text!r} is no number of workers, want one from 1 to {MOST_WORKERS}")
        more = int(text) - len(live_workers(self.session.snapshot()))
        return [AddWorker() if more > 0 else DropWorker() for _ in range(abs(more))]

    def _say(self, words: Visible) -> None:
        self._is_wrong = True
        self.answer.update(content([(span("bad", "{}", words),)]))

    def _explain(self) -> None:
        """Say in full what the selected setting is."""
        self._is_wrong = False
        meaning = self._meanings.get(self.table.selected or "", NOTHING)
        self.answer.update(content([(span("muted", "{}", meaning),)]))

    def on_row_table_selected(self) -> None:
        self._explain()

    def _close(self) -> None:
        self._explain()
        self.entry.display = False
        self.table.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "cancel_entry" and self.entry.has_focus:
            return True
        return super().check_action(action, parameters)

    def action_cancel_entry(self) -> None:
        if self.entry.has_focus:
            self._close()
        else:
            super().action_cancel_entry()

    def action_back(self) -> None:
        self.app.pop_screen()

    def action_add_worker(self) -> None:
        self.session.steer(AddWorker())

    def action_drop_worker(self) -> None:
        self.session.steer(DropWorker())


def _row(number: int, name: str, now: Visible, meaning: Visible) -> Row[str]:
    return Row(name, ((say("{}", name), "strong"), (now, "plain"), (meaning, "muted")), ranks=(number, name))
