"""What can be done with crashers: the same keys in the list and on a crasher's page."""

from dataclasses import dataclass
from typing import Final

from textual.binding import Binding, BindingType
from textual.message import Message

from fuzztui.engine.live.wishes import Expect
from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, say
from fuzztui.engine.triage.triage import Change
from fuzztui.outside.bisect import Question
from fuzztui.screens.base import EngineScreen
from fuzztui.screens.copying import Copied, CopyScreen
from fuzztui.screens.decider import Exported
from fuzztui.screens.deciding import NoteScreen, StatusScreen
from fuzztui.screens.listing import Desk
from fuzztui.screens.news import Severity
from fuzztui.terminal import clipboard
from fuzztui.widgets.keynames import key_of
from fuzztui.widgets.tone import Line, content, span
from fuzztui.widgets.wording import crasher_title
from fuzztui.words.sentences import plural

VERBS: Final[list[BindingType]] = [
    Binding(
        "y",
        "screen.copy",
        "copy",
        id="crasher.copy",
        tooltip="Copy the command, the input, the traceback, or a text for an issue.",
    ),
    Binding("e", "screen.edit", "edit", id="crasher.edit", tooltip="Open the failing line in your editor ($EDITOR)."),
    Binding(
        "m",
        "screen.minimize",
        "minimize",
        id="crasher.minimize",
        tooltip="Look for the smallest input that fails in the same way, beside all else.",
    ),
    Binding(
        "v",
        "screen.validate",
        "validate",
        id="crasher.validate",
        tooltip="Run the input again in fresh processes, to learn whether it fails by itself.",
    ),
    Binding(
        "x",
        "screen.export",
        "export",
        id="crasher.export",
        tooltip="Write a test for pytest that fails as this crasher does, and run it; once more: again, or stop that.",
    ),
    Binding(
        "t",
        "screen.decide_status",
        "status",
        id="crasher.status",
        tooltip="Decide: triaged, ignored or fixed; it is remembered in a file beside the stored inputs.",
    ),
    Binding("n", "screen.note", "note", id="crasher.note", tooltip="Write a note; it is remembered, too."),
    Binding(
        "E",
        "screen.expect",
        "expect",
        show=False,
        id="crasher.expect",
        tooltip="Take its exception into the target's contract for this run: it is no failure from then on.",
    ),
    Binding(
        "M",
        "screen.merge",
        "merge",
        id="crasher.merge",
        show=False,
        tooltip="Merge the marked crashers into this one: they are one bug. On a merged one: take that back.",
    ),
    Binding(
        "B",
        "screen.bisect",
        "bisect",
        id="crasher.bisect",
        tooltip="Find the commit since which it fails, in a worktree of its own; once more: stop that.",
    ),
]
"""In the order of their importance."""

ABOUT_CRASHERS: Final = frozenset(
    binding.action.removeprefix("screen.") for binding in VERBS if isinstance(binding, Binding)
)
"""Actions that are for a crasher."""

_ACTIONS: Final = frozenset(
    {"copy", "edit", "validate", "minimize", "export", "decide_status", "note", "merge", "bisect"}
)
_RUNS: Final = frozenset({"validate", "minimize"})
"""Actions for which inputs are run."""


class VerbScreen(EngineScreen):
    """A screen on which crashers can be chosen."""

    @dataclass
    class Edit(Message):
        """A line of source, `file:line`, is to be opened in an editor."""

        location: Visible

    @dataclass
    class JobChanged(Message):
        """A job of this person's has come further, or has ended (`words` say how)."""

        words: Visible = NOTHING
        severity: Severity = "information"

    def __init__(self, session: SessionLike, desk: Desk) -> None:
        """`desk`: how the crashers are read; shared by the list and the pages that are opened from it."""
        super().__init__(session)
        self.desk = desk

    def current(self) -> Crasher | None:
        """The crasher that is shown or selected."""
        raise NotImplementedError

    def subject(self, action: str) -> Visible:
        crasher = self.current() if action in ABOUT_CRASHERS else None
        return crasher_title(crasher) if crasher is not None else NOTHING

    def chosen(self) -> list[Crasher]:
        """Those that a command to several is for: the marked ones, or else what is selected."""
        raise NotImplementedError

    def why_not(self, action: str) -> str | None:
        if action not in _ACTIONS:
            return super().why_not(action)
        crasher = self.current()
        if crasher is None:
            return "there is no crasher"
        if action == "edit" and not crasher.failure.location:
            return "it is not known which line fails"
        if action == "merge" and not self._to_be_merged(crasher) and not self.desk.decider.verdict(crasher).merged_into:
            return "no other crasher is marked"
        snapshot = self.session.snapshot()
        if action in _RUNS and (snapshot.is_over or snapshot.stop_reason is not None):
            return "the run has ended" if snapshot.is_over else "the run is stopping"
        return None

    # Copying and editing ----------------------------------------------------------------------------------------------

    def action_copy(self) -> None:
        if (crasher := self.current()) is not None:
            test = self.desk.trying.tests.get(crasher.id)
            self.app.push_screen(CopyScreen(self.session.snapshot(), crasher, test), self._copied)

    def _copied(self, copied: Copied | None) -> None:
        if copied is not None:
            self.app.copy_to_clipboard(copied.text)
            self.tell(clipboard.sentence(copied.name, copied.text))

    def action_edit(self) -> None:
        if (crasher := self.current()) is not None:
            self.post_message(self.Edit(crasher.failure.location))

    # Running ----------------------------------------------------------------------------------------------------------

    def action_validate(self) -> None:
        for crasher in self.chosen():
            self.desk.validate(crasher)
            self.session.validate(crasher.id)
        self.desk.marked.clear()
        self.show(self.session.snapshot())

    def action_minimize(self) -> None:
        for crasher in self.chosen():
            self.session.minimize(crasher.id)
        self.desk.marked.clear()
        self.show(self.session.snapshot())

    def action_expect(self) -> None:
        if (crasher := self.current()) is not None:
            self.session.steer(Expect(crasher.id))

    def show_jobs(self, snapshot: Snapshot) -> None:
        """Draw what is being done for this person, in the line above the keys."""
        line = job_line(snapshot, self.desk) or favour_line(snapshot, key_of(self.app, "coverage.favour"))
        self.jobs.update(content([line]))
        self.signposts.set_class(bool(line), "-crowded")

    def action_export(self) -> None:
        """Write the test of a crasher and run it, or end the one that is being run."""
        crasher, trying = self.current(), self.desk.trying
        if trying.is_running:
            trying.stop()
            return
        if crasher is None:
            return
        exported = self.desk.decider.export(crasher)
        if not isinstance(exported, Exported):
            self.tell(exported, "error")
            return
        app, test = self.app, exported.test  # the screen may be gone when there is an answer

        def answered(crasher: str, words: Visible, *, is_answer: bool) -> None:  # noqa: ARG001
            what = say("{} ({})", words if is_answer else say("not run: {}", words), test.id)  # narrow ones cut the end
            app.post_message(self.JobChanged(what, "information" if is_answer else "warning"))

        trying.start(crasher.id, test, answered)
        self.tell(say("{} ({}); pytest runs it", test.id, exported.words))
        self.show(self.session.snapshot())

    def action_bisect(self) -> None:
        """Begin, or end what has begun: there is one such search at a time."""
        crasher, bisecting = self.current(), self.desk.bisecting
        if bisecting.is_running:
            bisecting.stop()
            return
        if crasher is None:
            return
        asked = self.desk.decider.question(crasher)
        if not isinstance(asked, Question):
            self.tell(asked, "error")
            return
        app, title = self.app, crasher_title(crasher)  # the screen may be gone by then

        def answered(crasher: str, words: Visible, *, is_answer: bool) -> None:  # noqa: ARG001
            what = say("fails since {} ({})", words, title) if is_answer else say("not bisected: {} ({})", words, title)
            app.post_message(self.JobChanged(what, "information" if is_answer else "warning"))

        def told() -> None:
            app.post_message(self.JobChanged())

        bisecting.start(crasher.id, asked, told, answered)
        self.show_jobs(self.session.snapshot())

    def job_changed(self, words: Visible, severity: Severity) -> None:
        """Show how far a job has come; what it has found, too, if it has ended."""
        if words:
            self.tell(words, severity)
        self.show(self.session.snapshot())

    # Deciding ---------------------------------------------------------------------------------------------------------

    def action_decide_status(self) -> None:
        if chosen := self.chosen():
            self.app.push_screen(StatusScreen(chosen), lambda status: self._decide(chosen, status))

    def _decide(self, chosen: list[Crasher], status: Status | None) -> None:
        if status is not None:
            self._change(chosen, Change(status=status), label(status.value))

    def action_note(self) -> None:
        if (crasher := self.current()) is not None:
            before = self.desk.decider.verdict(crasher).note
            self.app.push_screen(NoteScreen(crasher, before), lambda note: self._note(crasher, note))

    def _note(self, crasher: Crasher, note: str | None) -> None:
        if note is not None:
            self._change([crasher], Change(note=note), label("noted" if note else "without a note"))

    def _to_be_merged(self, into: Crasher) -> list[Crasher]:
        marked = self.desk.marked - {into.id}
        return [crasher for crasher in self.session.snapshot().crashers if crasher.id in marked]

    def action_merge(self) -> None:
        if (crasher := self.current()) is None:
            return
        if marked := self._to_be_merged(crasher):
            self._change(marked, Change(alias=crasher.id), say("merged into {}", crasher_title(crasher)))
        elif self.desk.decider.verdict(crasher).merged_into:
            self._change([crasher], Change(alias=""), label("a crasher of its own again"))

    def _change(self, crashers: list[Crasher], change: Change, words: Visible) -> None:
        """Write decisions, and say what has come of it."""
        problems = [problem for crasher in crashers if (problem := self.desk.decider.decide(crasher, change))]
        self.desk.marked.clear()
        done = len(crashers) - len(problems)
        name = crasher_title(crashers[0]) if len(crashers) == 1 else plural(done, "crasher")
        if problems:
            self.tell(say("Not written: {}", problems[0]), "error")
        else:
            self.tell(say("{}: {}", name, words))
        self.show(self.session.snapshot())


def favour_line(snapshot: Snapshot, key: str) -> Line:
    """That inputs which reach some line come more often, where a person has asked for that, and the key for it."""
    if not snapshot.favoured or snapshot.is_over:
        return ()
    return (span("accent", "★ favours {}: {} there undoes it", snapshot.favoured, key),)


def job_line(snapshot: Snapshot, desk: Desk) -> Line:
    """What is being done that somebody has asked for: one of these jobs, and how many more there are."""
    jobs = [
        (say("◍ {}", crasher_title(crasher)), crasher.minimized.sentence)
        for crasher in snapshot.crashers
        if crasher.minimized is not None and crasher.minimized.is_running and not snapshot.is_over
    ]
    jobs += [
        (say("◎ validating {}", crasher_title(crasher)), label("its input runs again in fresh processes"))
        for crasher in snapshot.crashers
        if desk.awaits(crasher) and not snapshot.is_over
    ]
    if tried := desk.trying.crasher:
        jobs.insert(0, (say("▷ {}", desk.trying.tests[tried].id), desk.trying.line))
    if bisected := desk.bisecting.crasher:
        names = [crasher_title(crasher) for crasher in snapshot.crashers if crasher.id == bisected]
        jobs.insert(0, (say("⎇ bisecting {}", joined(", ", names)), desk.bisecting.line))
    if not jobs:
        return ()
    more = say(" and {:,} more", len(jobs) - 1) if len(jobs) > 1 else NOTHING
    (name, sentence), *_ = jobs
    return (span("accent", "{}{}: {}", name, more, sentence),)
