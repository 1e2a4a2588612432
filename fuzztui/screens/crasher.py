"""One crasher: what failed, with which input, and the command that runs it again."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.snapshot import Crasher, Snapshot
from fuzztui.engine.show.text import NOTHING, clock, hexdump, joined, label, one_line, say
from fuzztui.screens.base import EngineScreen, Pager
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.tone import Line, content, plain, span
from fuzztui.widgets.trace import Trace, read_traceback
from fuzztui.widgets.wording import ago, crasher_input, crasher_size, crasher_title, newest_first
from fuzztui.words import plural

HEX_LIMIT = 4096
"""Bytes of the hex view; the whole input is in its file."""

MESSAGE_LIMIT = 500
"""Characters of the message above the traceback, which has it in full."""

NO_TRACEBACK = label("(none: the process ended without one)")


class CrasherScreen(EngineScreen):
    """Traceback, arguments, bytes and command of one crasher."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "copy command", id="crasher.copy", tooltip="Copy the command that runs this input again."),
        Binding("n,right", "step(1)", "next", id="crasher.next", tooltip="Show the next crasher."),
        Binding("b,left", "step(-1)", "previous", id="crasher.previous", tooltip="Show the crasher before this one."),
        Binding("escape", "back", "back", id="screen.back", tooltip="Back to the run."),
    ]

    HELP = """One failure of the target with the first input that showed it. The command below the input runs it \
again outside the dashboard; `y` copies it."""

    def __init__(self, session: SessionLike, crasher_id: str) -> None:
        super().__init__(session)
        self._crasher_id = crasher_id
        self._shown: Crasher | None = None
        self.status = StatusBar(id="status")
        self.headline = Static(id="headline")
        self.traceback = Static(id="traceback", classes="panel")
        self.values = Static(id="values", classes="panel")
        self.bytes = Static(id="bytes", classes="panel")
        self.command = Static(id="command", classes="panel")

    def body(self) -> Iterable[Widget]:
        self.traceback.border_title = " traceback "
        self.values.border_title = " arguments "
        self.command.border_title = "run it again"
        yield self.status
        yield self.headline
        pager = Pager(Container(self.traceback, Container(self.values, self.bytes, id="input"), id="columns"))
        # In one column the pager's edge bears the title of what it begins with: the traceback's own would be scrolled
        # out of sight with its beginning.
        pager.border_title = self.traceback.border_title
        yield pager
        yield self.command

    @property
    def crasher(self) -> Crasher | None:
        """The crasher on screen, as the newest snapshot has it."""
        return next((c for c in self.session.snapshot().crashers if c.id == self._crasher_id), None)

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        crasher = self.crasher
        if crasher is None:
            return
        self.headline.update(content(headline(crasher, snapshot)))
        if self._shown is None or self._shown.id != crasher.id:
            trace = read_traceback(crasher.failure.traceback or NO_TRACEBACK, crasher.failure.location)
            self.traceback.update(traceback_content(trace))
            self.values.update(Content(crasher.values or label("(not known)")))
            self.bytes.update(Content(joined("\n", hexdump(crasher.data, limit=HEX_LIMIT)) or label("(empty)")))
            self.bytes.border_title = say(" input, {} ", crasher_size(crasher))
            self.command.update(content([(span("muted", "$ "), (crasher.command, "strong"))]))
            self.call_after_refresh(self._scroll_to_failure, trace)
        self._shown = crasher
        self.keybar.update_keys()

    def _scroll_to_failure(self, trace: Trace) -> None:
        """Begin where a traceback names the exception and the line that raised it: mostly at its end."""
        pager = self.query_one(Pager)
        if trace.newest_first:
            pager.scroll_home(animate=False)
            return
        pager.scroll_to(y=max(0, self.traceback.virtual_region.bottom - pager.size.height), animate=False)

    def why_not(self, action: str) -> str | None:
        if action == "step" and len(self.session.snapshot().crashers) < 2:
            return "there is only one crasher"
        return None

    def action_copy(self) -> None:
        if (crasher := self.crasher) is not None:
            self.app.copy_to_clipboard(crasher.command)
            self.tell(label("The command was sent to the terminal's clipboard."))

    def action_step(self, step: int) -> None:
        snapshot = self.session.snapshot()
        ids: list[str] = [crasher.id for crasher in newest_first(snapshot)]
        if self._crasher_id in ids:
            self._crasher_id = ids[(ids.index(self._crasher_id) + step) % len(ids)]
            self.show(snapshot)

    def action_back(self) -> None:
        self.app.pop_screen()


def headline(crasher: Crasher, snapshot: Snapshot) -> list[Line]:
    """What failed, what it said, and how it came."""
    place = say("  {}", crasher.failure.location) if crasher.failure.location else NOTHING
    if crasher.seed_name is not None or crasher.path is None:
        lost = label(": its input is kept in memory only, and printed at the end")
        where = NOTHING if crasher.seed_name is not None else lost
    else:
        # The name is the hash, and stands in the command: the folder says more.
        where = say(" in {}", shown_path(crasher.path.parent))
    mark, words, tone = crasher_input(crasher)
    lines: list[Line] = [(span(tone, "{} ", mark), (crasher_title(crasher), "bad"), (place, "muted"))]
    if crasher.failure.message:
        lines.append((span("plain", "  {}", one_line(crasher.failure.message, MESSAGE_LIMIT)),))
    facts = span(
        "muted",
        "  {}, {}, first seen at {} ({}) by worker {}",
        crasher.failure.kind.value,
        plural(crasher.hits, "hit"),
        clock(crasher.elapsed),
        ago(snapshot.elapsed - crasher.elapsed),
        crasher.worker,
    )
    lines.append((facts,))
    lines.append((span(tone, "  {}{}", words, where),))
    return lines


def traceback_content(trace: Trace) -> Content:
    """A traceback in the theme's colours, the failing line of the code under test set apart."""
    result = content(trace.lines)
    if trace.failing is not None:
        begin = sum(len(plain(line)) + 1 for line in trace.lines[: trace.failing])
        end = begin + len(plain(trace.lines[trace.failing]))
        result = result.stylize("bold $text on $primary-muted", begin, end)
    return result
