"""The places of the dashboard: screens that a number key goes to from anywhere, and that are kept while one is away.

A new one is a line in `PLACES`: its key, its name, what it is for, and how its screen is made. The app binds the keys,
shows them, and lists them in the palette and the help. Escape goes back to where one came from, the run.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from textual.binding import Binding, BindingType

from fuzztui.engine.session import SessionLike
from fuzztui.engine.show.log import Log
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.screens.base import EngineScreen
from fuzztui.screens.corpus import CorpusScreen
from fuzztui.screens.costs import CostsScreen
from fuzztui.screens.coverage import CoverageScreen
from fuzztui.screens.listing import Desk
from fuzztui.screens.log import LogScreen
from fuzztui.screens.modules import ModulesScreen
from fuzztui.screens.nodes import NodesScreen
from fuzztui.screens.run import RunScreen


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a place may need to be built."""

    session: SessionLike
    desk: Desk
    """How crashers are read and what is decided about them; one for all screens."""
    log: Log = field(default_factory=Log)
    """What has happened so far."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place."""

    key: str
    name: str
    """In one word, as it is shown; also the action's parameter."""
    tooltip: str
    build: Callable[[Surroundings], EngineScreen]
    """Makes the screen, once, when somebody goes there for the first time."""
    is_there: Callable[[Snapshot], bool] = lambda _: True
    """Whether there is anything to go there for in a run."""


HOME: Final = "run"
"""The place that is always there, below all others."""


def _runs_here(snapshot: Snapshot) -> bool:
    return not snapshot.is_watched


PLACES: Final = (
    Place("1", HOME, "Go to the run: totals, workers, crashers.", lambda at: RunScreen(at.session, at.desk)),
    Place(
        "2",
        "coverage",
        "Go to the coverage: functions and their source, with what no input reaches.",
        lambda at: CoverageScreen(at.session),
        _runs_here,
    ),
    Place(
        "3",
        "corpus",
        "Go to the corpus: its inputs, and what each brought.",
        lambda at: CorpusScreen(at.session),
        _runs_here,
    ),
    Place(
        "4", "log", "Go to the log: everything that happened, with its time.", lambda at: LogScreen(at.session, at.log)
    ),
    Place(
        "5",
        "costs",
        "Go to what the time goes on, and what brings new inputs.",
        lambda at: CostsScreen(at.session),
        _runs_here,
    ),
    Place(
        "6",
        "modules",
        "Go to the imported modules: which are instrumented, or why not.",
        lambda at: ModulesScreen(at.session),
        _runs_here,
    ),
)
"""In the order of their keys. These are there in every run that is not watched only."""

NODES: Final = Place(
    "7",
    "nodes",
    "Go to the nodes that share what they find with this run.",
    lambda at: NodesScreen(at.session),
    lambda snapshot: bool(snapshot.sharing.place),
)

_ALL: Final = (*PLACES, NODES)


def places_of(snapshot: Snapshot) -> list[Place]:
    """Those that there are in a run."""
    return [place for place in _ALL if place.is_there(snapshot)]


PLACE_KEYS: Final[list[BindingType]] = [
    Binding(place.key, f"go('{place.name}')", place.name, show=False, id=f"place.{place.name}", tooltip=place.tooltip)
    for place in _ALL
]
"""For the app, which has the action `go`."""


def place_named(name: str) -> Place:
    """The place of a name, which must be one."""
    return next(place for place in _ALL if place.name == name)
