"""One crasher's page: a workbench on which all that is known of it lies, with the keys that do something about it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget

from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import NOTHING, label, say
from fuzztui.screens.base import Pager
from fuzztui.screens.listing import Desk
from fuzztui.screens.sections import FAILURE, INPUT, Look, Section, command_content, headline
from fuzztui.screens.verbs import VERBS, VerbScreen
from fuzztui.widgets.edge import set_title
from fuzztui.widgets.keynames import key_of
from fuzztui.widgets.statusbar import StatusBar
from fuzztui.widgets.tone import content
from fuzztui.widgets.words import Words


class CrasherScreen(VerbScreen):
    """What failed, with which input, and what can be done about it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *VERBS,
        Binding("escape", "back", "back", id="screen.back", tooltip="Back to the list."),
        Binding("f", "everything", "full", id="crasher.full", tooltip="Show long parts in full, or folded again."),
        Binding("right,right_square_bracket", "step(1)", "next", key_display="→", id="crasher.next",
                tooltip="Show the next crasher of the list."),
        Binding("left,left_square_bracket", "step(-1)", "previous", show=False, key_display="←",
                id="crasher.previous",
                tooltip="Show the crasher before this one."),
    ]  # fmt: skip

    HELP = """One failure of the target with the first input that showed it. The command below the input runs it \
again outside the dashboard. Frames of libraries are folded, and long inputs cut: {crasher.full} shows everything."""

    def __init__(self, session: SessionLike, crasher_id: str, desk: Desk) -> None:
        """`desk`: how the list that this page was opened from is read; the next crasher is the next one there."""
        super().__init__(session, desk)
        self._crasher_id = crasher_id
        self._everything = False
        self._drawn: dict[str, Section | None] = {}
        """The parts as they are on screen, by their names."""
        self.status = StatusBar(id="status")
        self.headline = Words(id="headline")
        self.panels = {name: Words(id=name, classes="panel -absent") for name in (*INPUT, *FAILURE)}
        self.command = Words(id="command", classes="panel")

    def body(self) -> Iterable[Widget]:
        set_title(self.command, label("run it again"))
        yield self.status
        yield self.headline
        yield Pager(
            Container(
                Container(*(self.panels[name] for name in INPUT), id="input"),
                Container(*(self.panels[name] for name in FAILURE), id="failure"),
                id="columns",
            )
        )
        yield self.command

    @property
    def crasher(self) -> Crasher | None:
        """The crasher on screen, as the newest snapshot has it."""
        return next((c for c in self.session.snapshot().crashers if c.id == self._crasher_id), None)

    def current(self) -> Crasher | None:
        return self.crasher

    def chosen(self) -> list[Crasher]:
        return [self.crasher] if self.crasher is not None else []

    def show(self, snapshot: Snapshot) -> None:
        self.status.show(snapshot)
        crasher = self.crasher
        if crasher is None:
            return
        self.desk.seen.add(crasher.id)
        verdict, trying = self.desk.decider.verdict(crasher), self.desk.trying
        look = replace(
            Look.at(snapshot, everything=self._everything, verdict=verdict, cells=self.app.size.width),
            test=trying.tests[crasher.id].command if crasher.id in trying.tests else NOTHING,
            tested=trying.results.get(crasher.id, NOTHING),
            full_key=key_of(self.app, "crasher.full"),
        )
        self.headline.update(content(headline(crasher, look)))
        for name, build in (*INPUT.items(), *FAILURE.items()):
            section = build(crasher, look)
            if name not in self._drawn or self._drawn[name] != section:
                self._drawn[name] = section
                self._draw(self.panels[name], section)
        self.show_jobs(snapshot)
        self.command.update(command_content(crasher, snapshot.target_word))
        self.keybar.update_keys()

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002
        self.show(self.session.snapshot())

    @staticmethod
    def _draw(panel: Words, section: Section | None) -> None:
        panel.set_class(section is None, "-absent")
        if section is not None:
            set_title(panel, say(" {} ", section.title))
            panel.update(section.text)

    def why_not(self, action: str) -> str | None:
        if action == "step" and len(self.desk.sequence(self.session.snapshot())) < 2:
            return "there is only one crasher"
        return super().why_not(action)

    def words_now(self, action: str) -> str | None:
        return "fold" if action == "everything" and self._everything else None

    def action_everything(self) -> None:
        self._everything = not self._everything
        self.show(self.session.snapshot())

    def action_step(self, step: int) -> None:
        snapshot = self.session.snapshot()
        ids: list[str] = [crasher.id for crasher in self.desk.sequence(snapshot)]
        if not ids:
            return
        # One that the list has no more, searched away say, is followed by the list's first.
        at = ids.index(self._crasher_id) + step if self._crasher_id in ids else 0
        self._crasher_id = ids[at % len(ids)]
        self.query_one(Pager).scroll_home(animate=False)
        self.show(snapshot)

    def action_back(self) -> None:
        self.app.pop_screen()
