"""The dashboard of a run that has several targets: all of them, and each with its own places."""

from collections import deque
from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from fuzztui.app import FuzzApp
from fuzztui.dashboard import run_app
from fuzztui.engine.campaign.campaign import Campaign
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.events import CrasherConfirmed, Ended, OfTarget, Steered, Told
from fuzztui.engine.show.log import Log, LogKind, words_of
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import say
from fuzztui.screens.base import EngineScreen
from fuzztui.screens.decider import Decider, DiskDecider, Undecided
from fuzztui.screens.final import FinalScreen
from fuzztui.screens.listing import Desk
from fuzztui.screens.log import LogScreen
from fuzztui.screens.nodes import NodesScreen
from fuzztui.screens.places import HOME, NODES, Surroundings, place_named, places_of
from fuzztui.screens.targets import Several, TargetRunScreen, TargetsScreen
from fuzztui.settings import Settings
from fuzztui.widgets.keynames import key_of
from fuzztui.widgets.signpost import Signpost

LOG = "log"

_OF_ALL = (LOG, NODES.name)
"""Places of all targets, besides themselves."""

_TOLD = (LogKind.CRASHER, LogKind.WARNING)
"""What the log of the whole run says of its targets; each target's own says everything."""

NEWS = 1000


class TargetsApp(FuzzApp):
    """Shows all targets, and whichever of them somebody opens, and steers them."""

    BOTTOM = TargetsScreen

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("0", "leave_target", "targets", show=False, id="place.targets",
                tooltip="Go to all targets of this run."),
    ]  # fmt: skip

    def __init__(
        self,
        several: Several,
        decider_of: Callable[[str], Decider] = lambda _: Undecided(),
        settings: Settings | None = None,
        *,
        stays: bool = True,
        runs_again: bool = False,
        earlier: int = 0,
    ) -> None:
        """`decider_of` gives what decides about a target's crashers, by its name; the rest: see `FuzzApp`."""
        self._views: dict[str, Surroundings] = {}
        """Of each target that has been opened, or that something was told of."""
        super().__init__(several, None, settings, stays=stays, runs_again=runs_again, earlier=earlier)
        self._several = several
        self._decider_of = decider_of
        self._logs: dict[str, Log] = {row.id: Log() for row in several.snapshot().targets}
        self._confirmed: deque[tuple[str, Crasher]] = deque(maxlen=NEWS)

    # What is looked at ------------------------------------------------------------------------------------------------

    @property
    def looked_at(self) -> str:
        """The target that somebody has opened; empty if all are looked at."""
        return next((screen.target for screen in self.screen_stack if isinstance(screen, TargetRunScreen)), "")

    @property
    def surroundings(self) -> Surroundings:
        """Of the target that is looked at, or of all."""
        return self._view(self.looked_at) if self.is_running else self._whole

    def _view(self, target: str) -> Surroundings:
        if not target:
            return self._whole
        if target not in self._views:
            part = self._several.part(target)
            assert part is not None, "a target of this run"
            self._views[target] = Surroundings(part, Desk(self._decider_of(target)), self._logs[target])
        return self._views[target]

    # The engine's threads ---------------------------------------------------------------------------------------------

    def _on_event(self, event: Told) -> None:
        if not isinstance(event, OfTarget):
            super()._on_event(event)
            return
        self._logs[event.target].take(event.event)
        told = words_of(event.event)
        if told is not None and (told[0] in _TOLD or isinstance(event.event, Ended)):
            self._whole.log.note(event.elapsed, told[0], say("{}: {}", event.target, told[1]))
        if isinstance(event.event, CrasherConfirmed):
            self._confirmed.append((event.target, event.event.crasher))
        elif isinstance(event.event, Steered):
            self.post_message(self.Steering(event.event))

    def pull(self) -> None:
        super().pull()
        for _ in range(len(self._confirmed)):
            target, crasher = self._confirmed.popleft()
            if target in self._views and (told := self._views[target].desk.validated(crasher)):
                self.tell(told)

    # Places -----------------------------------------------------------------------------------------------------------

    def _place(self, name: str) -> EngineScreen:
        """The screen of a place of the target that is looked at, or of all."""
        return self._place_of(self.looked_at if self.is_running and self.screen_stack else "", name)

    def _place_of(self, target: str, name: str) -> EngineScreen:
        key = f"{name} of {target}"
        if key not in self._places:
            self._places[key] = self._build(target, name)
            self.install_screen(self._places[key], key)
        return self._places[key]

    def _build(self, target: str, name: str) -> EngineScreen:
        at = self._view(target)
        if not target:
            return self._build_of_all(name, at)
        if name != HOME:
            return place_named(name).build(at)
        screen = TargetRunScreen(at.session, at.desk)
        screen.target = target
        return screen

    def _build_of_all(self, name: str, at: Surroundings) -> EngineScreen:
        if name == NODES.name:
            return NodesScreen(self.session)
        return LogScreen(self.session, at.log) if name == LOG else TargetsScreen(self._several)

    def on_targets_screen_open(self, message: TargetsScreen.Open) -> None:
        self.push_screen(self._place_of(message.target, HOME))

    def action_go(self, name: str) -> None:
        if self.looked_at:
            super().action_go(name)
        elif name in (HOME, *_OF_ALL):
            self.action_leave_target()
            if name != HOME:
                self.push_screen(self._place(name))
        else:
            self.tell(say("That is a place of one target: {} opens the selected one.", key_of(self, "table.open")))

    def action_leave_target(self) -> None:
        """Go to all targets; the result stays where it is shown."""
        while len(self.screen_stack) > 2 and not isinstance(self.screen, TargetsScreen | FinalScreen):
            self.pop_screen()

    def _show_signposts(self) -> None:
        target = self.looked_at
        names = {id(screen): key.partition(" of ")[0] for key, screen in self._places.items()}
        here = next((names[id(screen)] for screen in reversed(self.screen_stack) if id(screen) in names), HOME)
        posts = [Signpost("0", "targets", "Go to all targets of this run.", not target and here == HOME)]
        for place in places_of(self._view(target).session.snapshot()):
            if target or place.name in _OF_ALL:
                is_here = place.name == here and (bool(target) or here in _OF_ALL)
                posts.append(Signpost(place.key, place.name, place.tooltip, is_here))
        front = next((screen for screen in reversed(self.screen_stack) if isinstance(screen, EngineScreen)), None)
        if front is not None:
            front.signposts.show(posts)


def run_targets_dashboard(
    begin: Callable[[], Campaign], settings: Settings | None = None, *, stays: bool = True
) -> tuple[int, Snapshot]:
    """Run several targets under the dashboard; the exit status of all runs, see `fuzztui.app.run_dashboard`, and how
    the last one ended. `begin` makes a run of them.
    """
    campaigns = [begin()]
    options = {str(part.name): part.options for part in campaigns[0].parts}
    begun = False

    def app_of(settings: Settings | None, earlier: int) -> TargetsApp:
        nonlocal begun
        if begun:
            campaigns.append(begin())
        begun = True
        return TargetsApp(
            campaigns[-1],
            lambda target: DiskDecider(options[target]),
            settings,
            stays=stays,
            runs_again=stays,
            earlier=earlier,
        )

    status = run_app(app_of, campaigns[0].parts[0].options, settings)
    return status, campaigns[-1].snapshot()
