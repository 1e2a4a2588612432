"""Every screen of the dashboard, and how one comes there: what is promised of all screens is tested of each.

A new screen is a line in `STOPS`; `test_tour.py` fails as long as it has none.
"""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, TypeVar

from textual.app import App
from textual.command import CommandList, CommandPalette
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, LoadingIndicator

from fuzztui.app import FuzzApp
from fuzztui.engine.questions.general import Question
from fuzztui.engine.questions.worker import LookAtWorker
from fuzztui.engine.show.diagnosis import Diagnosis
from fuzztui.engine.show.log import LogKind
from fuzztui.engine.show.reload import Fate, Recheck, Reloading
from fuzztui.engine.show.snapshot import Phase, Snapshot
from fuzztui.engine.show.text import label, visible
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.home.screen import HomeScreen, TimeScreen
from fuzztui.protocol.messages import Operands
from fuzztui.screens.control import ControlScreen
from fuzztui.screens.copying import CopyScreen
from fuzztui.screens.corpus import CorpusScreen, EntryScreen
from fuzztui.screens.costs import CostsScreen
from fuzztui.screens.coverage import CoverageScreen
from fuzztui.screens.crasher import CrasherScreen
from fuzztui.screens.decider import Undecided, Verdict
from fuzztui.screens.deciding import NoteScreen, StatusScreen
from fuzztui.screens.diagnoses import DiagnosesScreen
from fuzztui.screens.final import FinalScreen
from fuzztui.screens.giving import GiveScreen, RemoveScreen
from fuzztui.screens.help import HelpScreen
from fuzztui.screens.log import LogScreen
from fuzztui.screens.modules import ModulesScreen
from fuzztui.screens.node import NodeScreen
from fuzztui.screens.nodes import NodesScreen
from fuzztui.screens.operands import OperandsScreen
from fuzztui.screens.quit import QuitScreen
from fuzztui.screens.reaching import ReachingScreen
from fuzztui.screens.run import RunScreen
from fuzztui.screens.targets import TargetRunScreen, TargetsScreen
from fuzztui.screens.watch import WatchScreen
from fuzztui.screens.worker import WorkerScreen
from fuzztui.sessions.watch_app import WatchApp
from fuzztui.targets_app import TargetsApp
from tests.ui.corpora import corpus
from tests.ui.covered.measured import FILE
from tests.ui.fake_home import Scripted, project
from tests.ui.fake_targets import FakeSeveral, many, whole
from tests.ui.fakes import (
    MODULES,
    ObedientSession,
    crasher,
    crowd,
    ended,
    profiled,
    snapshot,
    worker,
    workpiece,
)
from tests.ui.shared import SHARING, WATCHED
from tests.ui.test_control import SETTINGS
from tests.ui.test_worker_screen import LOOK

T = TypeVar("T")

Change = Callable[[Any], Any]
"""What is done to everything that a screen is given before it is shown."""

SIZES: Final = ((60, 15), (80, 24), (120, 40), (200, 60))

OPERANDS: Final = [
    Operands("==", "'q'", "'\\\\'", [b"\\", b"q"]),
    Operands("==", "'u'", "'\\\\'", [b"\\", b"u"]),
    Operands("of", "'u'", "('n', 't')", [b"n", b"t", b"u"]),
]

DIAGNOSES: Final = (
    Diagnosis("failing", label("Every input fails."), label("Declare what it may raise.")),
    Diagnosis("plateau", label("Nothing new for 5m 00s."), label("Give a seed.")),
)

BUSY: Final = snapshot(
    phase=Phase.STOPPING,
    workers=tuple(worker(i, state, detail="0.4 s") for i, state in enumerate(WorkerState)),
    crashers=(crasher(0), crasher(1, path=None), crasher(2, seed_name=label("empty"))),
    warnings=(label("The target has no coverage: name its package with --include."),),
)

RELOADED: Final = snapshot(
    crashers=(crasher(0, recheck=Recheck(Fate.FIXED)), crasher(1, recheck=Recheck(Fate.FAILS))),
    reloading=Reloading(
        changed=(visible("miniyaml.py"),), failure=visible("miniyaml.py:63: SyntaxError: invalid syntax"), reloads=1
    ),
)


class Session(ObedientSession):
    """Has something to say to each question, and ends when it is told to."""

    def __init__(self, first: Snapshot, change: Change, restore: Change) -> None:
        super().__init__(first)
        self._change, self._restore = change, restore
        self._changed: tuple[int, Snapshot] | None = None
        self.lines.ask_met(FILE, 65).add(OPERANDS)

    def snapshot(self) -> Snapshot:
        shown = super().snapshot()
        if self._changed is None or self._changed[0] != shown.version:
            self._changed = shown.version, self._change(shown)
        return self._changed[1]

    def publish(self, changed: Snapshot) -> None:
        """A snapshot of ours is changed already."""
        super().publish(self._restore(changed))

    def ask(self, question: Question[T]) -> "Future[T]":
        answer: Future[Any] = Future()
        asked: Any = self._restore(question)
        answer.set_result(self._change(LOOK if isinstance(asked, LookAtWorker) else super().ask(asked).result()))
        return answer


class ObedientSeveral(FakeSeveral, ObedientSession):
    """Several targets, whose run ends when it is told to: nobody waits for it when a test is over."""


class Decided(Undecided):
    """Somebody has noted something about each crasher."""

    def __init__(self, change: Change) -> None:
        self._verdict: Verdict = change(Verdict(note=label("known since May"), since=label("1f2e3d4 of 2026-05-03")))

    def verdict(self, crasher: Any) -> Verdict:
        return self._verdict


def same(value: T) -> T:
    """Nothing is changed."""
    return value


@dataclass(frozen=True, slots=True)
class Stop:
    """One screen in one state."""

    name: str
    screen: type[Screen[Any]]
    """What is in front then."""
    keys: tuple[str, ...] = ()
    shown: Callable[[], Snapshot] = snapshot
    ends: bool = False
    """Whether the run ends before keys are pressed."""
    is_of_project: bool = False
    """Whether it is one of the app that shows a project."""
    is_of_targets: bool = False
    """Whether it is one of the app that shows a run of several targets."""
    is_watched: bool = False
    """Whether it is one of the app that shows a campaign of others."""

    def app(self, change: Change = same, restore: Change = same) -> App[Any]:
        """The app, which `reach` leads there."""
        if self.is_of_project:
            return Scripted([change(entry) for entry in project()] if self.name != "home-empty" else [])
        if self.is_of_targets:
            return TargetsApp(ObedientSeveral(change(whole(*many(75)))), runs_again=True)
        session = Session(replace(self.shown(), settings=SETTINGS), change, restore)
        if "3" in self.keys:
            session.view = corpus(500)
        if self.is_watched:
            return WatchApp(session)
        app = FuzzApp(session, Decided(change) if change is not same else None, runs_again=True)
        for i, kind in enumerate((*LogKind, *LogKind)):
            words = visible(f"what there is to say of the {kind.value} number {i}")
            app.surroundings.log.note(12.0 * i, kind, change(words))
        return app

    async def reach(self, app: App[Any], pilot: Pilot[Any]) -> None:
        """Go there."""
        await pilot.pause()
        if self.ends:
            assert isinstance(app, FuzzApp)
            assert isinstance(app.session, Session)
            app.session.finish(ended(workers=profiled(2)))
            while not isinstance(app.screen, FinalScreen):
                await pilot.pause(0.01)
        await pilot.press(*self.keys)
        await pilot.pause()
        if isinstance(app.screen, CommandPalette):
            await listed(app, pilot)
        assert isinstance(app.screen, self.screen), app.screen


async def listed(app: App[Any], pilot: Pilot[Any]) -> None:
    """Wait until the palette has all that it lists, and tells of no search any more."""
    commands = list(app.get_system_commands(app.screen_stack[-2]))
    palette = app.screen_stack[-1]
    while palette.query_one(CommandList).option_count < len(commands) or palette.query_one(LoadingIndicator).has_class(
        "--visible"
    ):
        await pilot.pause(0.01)
    palette.query_one(Input).cursor_blink = False
    await pilot.pause()


@cache
def _crowd() -> Snapshot:
    return snapshot(crashers=crowd(), hits=sum(one.hits for one in crowd()))


def _workpiece() -> Snapshot:
    return snapshot(crashers=(workpiece(),), hits=21304)


def _favoured() -> Snapshot:
    return snapshot(favoured=label("tests/ui/covered/ini.py:62"))


_CROWD_KEYS = ("tab", "o", "g", "j", "right", "o", "o", "o", "k")
"""The group unfolded, the newest crashers looked at."""

_LINE = ("2", "j", "enter")

STOPS: Final = (
    Stop("run", RunScreen),
    Stop("run-crashers", RunScreen, _CROWD_KEYS, _crowd),
    Stop("run-search", RunScreen, ("tab", "slash", *"yaml"), _crowd),
    Stop("run-stopping", RunScreen, (), lambda: BUSY),
    Stop("run-reloaded", RunScreen, (), lambda: RELOADED),
    Stop("run-young", RunScreen, (), lambda: snapshot(elapsed=3.0, modules=MODULES, diagnoses=DIAGNOSES)),
    Stop("crasher", CrasherScreen, ("tab", "enter"), _workpiece),
    Stop("copy", CopyScreen, ("tab", "enter", "y"), _workpiece),
    Stop("status", StatusScreen, ("tab", "enter", "t"), _workpiece),
    Stop("note", NoteScreen, ("tab", "enter", "n"), _workpiece),
    Stop("worker", WorkerScreen, ("enter",)),
    Stop("coverage", CoverageScreen, ("2",)),
    Stop("coverage-source", CoverageScreen, (*_LINE, "n"), _favoured),
    Stop("inputs", ReachingScreen, (*_LINE, "j", "j", "enter")),
    Stop("operands", OperandsScreen, (*_LINE, "n", "n", "n", "n", "c")),
    Stop("corpus", CorpusScreen, ("3",), lambda: snapshot(corpus=503, corpus_new=500)),
    Stop("entry", EntryScreen, ("3", "enter"), lambda: snapshot(corpus=503, corpus_new=500)),
    Stop("give", GiveScreen, ("3", "a")),
    Stop("remove", RemoveScreen, ("3", "d"), lambda: snapshot(corpus=503, corpus_new=500)),
    Stop("log", LogScreen, ("4",)),
    Stop("costs", CostsScreen, ("5",), lambda: snapshot(workers=profiled(12))),
    Stop("costs-unknown", CostsScreen, ("5",)),
    Stop("modules", ModulesScreen, ("6",), lambda: snapshot(modules=MODULES)),
    Stop("nodes", NodesScreen, ("7",), lambda: snapshot(sharing=SHARING)),
    Stop("node", NodeScreen, ("7", "j", "enter"), lambda: snapshot(sharing=SHARING)),
    Stop("control", ControlScreen, ("c",)),
    Stop("diagnoses", DiagnosesScreen, ("D",), lambda: snapshot(diagnoses=DIAGNOSES)),
    Stop("help", HelpScreen, ("question_mark",)),
    Stop("palette", CommandPalette, ("ctrl+p",)),
    Stop("quit", QuitScreen, ("q",)),
    Stop("final", FinalScreen, (), ends=True),
    Stop("targets", TargetsScreen, ("j", "o", "o"), is_of_targets=True),
    Stop("target", TargetRunScreen, ("j", "enter"), is_of_targets=True),
    Stop("watch", WatchScreen, (), lambda: WATCHED, is_watched=True),
    Stop("home", HomeScreen, ("j", "space", "j", "space"), is_of_project=True),
    Stop("home-empty", HomeScreen, (), is_of_project=True),
    Stop("time", TimeScreen, ("A", "enter"), is_of_project=True),
)
"""In the order in which somebody meets them."""
