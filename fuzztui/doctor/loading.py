"""Has a worker load a target and tell what that took: the same engine as in a run, which executes nothing here."""

from dataclasses import dataclass, replace

from fuzztui.engine.questions.general import Declaration, Declared
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.task import Inspect
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import ModulesLoaded, Told, Warned, WorkerStarted
from fuzztui.engine.show.outcome import Outcome
from fuzztui.engine.show.snapshot import ImportedModule
from fuzztui.engine.show.text import NOTHING, Visible
from fuzztui.plain.console import run_headless


@dataclass(slots=True)
class Loaded:
    """What came of it."""

    outcome: Outcome
    declaration: Declaration
    modules: tuple[ImportedModule, ...] = ()
    seconds: float | None = None
    """From the start of the worker until it could be called; None if it never could."""
    rss: int | None = None
    """Bytes in use then."""
    warnings: tuple[Visible, ...] = ()


def load(options: RunOptions) -> Loaded:
    """Load the target of these options once, in one worker, at their start-up time-out at the latest."""
    session = Session(replace(options, task=Inspect(), workers=1))
    started: list[WorkerStarted] = []
    modules: list[ImportedModule] = []
    warnings: list[Visible] = []

    def note(event: Told) -> Visible:
        match event:
            case WorkerStarted():
                started.append(event)
            case ModulesLoaded():
                modules.extend(event.modules)
            case Warned():
                warnings.append(event.message)
        return NOTHING

    outcome = run_headless(session, [(None, note)])
    first = started[0] if started else None
    return Loaded(
        outcome,
        session.ask(Declared()).result(),
        tuple(modules),
        first.elapsed if first is not None else None,
        first.rss if first is not None else None,
        tuple(warnings),
    )
