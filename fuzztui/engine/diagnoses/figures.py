"""What diagnoses are made from: the figures of a run at one moment. Plain values, with seconds and bytes throughout."""

from dataclasses import dataclass
from typing import Final

from fuzztui.engine.show.text import NOTHING, Visible

FRONT: Final = 50
"""Edges that a module has at most which only hands on what a compiled one offers."""


@dataclass(frozen=True, slots=True)
class Exceptional:
    """How often inputs failed by one type of exception, in the window."""

    type: Visible
    hits: int
    is_exception: bool = True
    """Whether it is one that a target can declare: an exception, and no memory that ran out."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A module that the target's file imports."""

    name: Visible
    is_instrumented: bool
    is_compiled: bool = False
    """Whether it has no probes because it is written in C or the like."""
    probes: int = 0
    """Of the module and all that it brought along."""
    reached: int = 0
    """Of these."""
    accelerator: Visible = NOTHING
    """The compiled module that does the work of this one, `_json` for `json`; empty if there is none."""

    @property
    def is_front(self) -> bool:
        """Whether it is hardly more than the names of a compiled one, as `sqlite3` is of `_sqlite3`: then that nothing
        of it is reached says nothing.
        """
        return bool(self.accelerator) and self.probes <= FRONT


@dataclass(frozen=True, slots=True)
class Missing:
    """A function that is not covered to the end."""

    function: Visible
    file: Visible
    probes: int
    """Of it that nothing has reached."""
    line: int = 0
    """Of the condition that keeps inputs out, where that is known; else the first line that was not reached."""
    times: int = 0
    """How often that condition was met and went the other way; 0 where that is not known."""
    outcome: Visible = NOTHING
    """What never came of it, a clause: `never goes on to line 70`; empty where that is not known."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One worker process at one moment."""

    elapsed: float
    rate: float
    rss: int


@dataclass(frozen=True, slots=True)
class Labour:
    """What one worker has done since it has been fuzzing for a while."""

    worker: int
    seconds: float
    """In which it was fuzzing; those before it had warmed up do not count."""
    executions: int
    """In that time."""
    found: int
    """New entries in that time."""
    found_by_all: int
    """The same of all workers together."""
    executions_of_all: int
    readings: tuple[Reading, ...] = ()
    """Of its present process, in order of time."""


@dataclass(frozen=True, slots=True)
class Glances:
    """What executions were seen in progress when workers were looked at, at moments that no execution knows of. So the
    share of looks is the share of time.
    """

    looks: int = 0
    """At workers that were fuzzing."""
    ages: tuple[float, ...] = ()
    """For how long the executions had been in progress that were far older than usual."""
    usual: float = 0.0
    """Seconds that others of the same worker take."""
    example: Visible = NOTHING
    """The input of the oldest of them, as Python would write it, truncated."""


NO_GLANCES: Final = Glances()


@dataclass(frozen=True, slots=True)
class Loading:
    """A worker that loads its target."""

    worker: int
    seconds: float
    place: Visible = NOTHING
    """`file:line` where it stands; empty where that is not known."""
    stood: float = 0.0
    """Seconds for which each look has found it there."""


@dataclass(frozen=True, slots=True)
class Figures:
    """A run at one moment. What nobody has measured has the value of a run that nothing is wrong with."""

    elapsed: float = 0.0
    fuzzing_for: float = 0.0
    """Seconds in which it was fuzzing, pauses left out."""
    executions: int = 0
    """While it was fuzzing."""
    rate: float = 0.0
    """Executions per second."""
    window: float = 0.0
    """Seconds of the window in which executions and failures are counted."""
    window_executions: int = 0
    window_failures: int = 0
    failures: tuple[Exceptional, ...] = ()
    """What these failed by, the most hits first."""
    all_executions: int = 0
    """Of the whole run."""
    discarded: int = 0
    """Of these, those that came to no verdict."""
    edges: int = 0
    edges_total: int = 0
    edges_outside: int = 0
    """Reached outside of the target's own file."""
    imports: tuple[Imported, ...] = ()
    since_new: float = 0.0
    """Seconds of fuzzing in which nothing new was found."""
    singles: int | None = None
    """Finds of which something is covered that no other execution has covered; None where that is not counted."""
    missing: tuple[Missing, ...] = ()
    """The most probes first."""
    unstable: tuple[Visible, ...] = ()
    """Lines, `file:line`, that one input covers at one time and not at another."""
    unstable_finds: int = 0
    """Finds in which that was seen."""
    checked_finds: int = 0
    """Finds that were looked at for that."""
    labours: tuple[Labour, ...] = ()
    glances: Glances = NO_GLANCES
    loading: tuple[Loading, ...] = ()
    startup_timeout: float = 60.0
