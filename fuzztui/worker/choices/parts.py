"""What an executor has beside all else where its target is a property test. It imports for those alone."""

from typing import TYPE_CHECKING

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.load import LoadedTarget
from fuzztui.worker.coverage.seen import SeenCells
from fuzztui.worker.discoveries import Discoveries
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.instrumentation.retire import Retirement
from fuzztui.worker.mutate import Mutator
from fuzztui.worker.reports import Reports
from fuzztui.worker.runner import Runner

if TYPE_CHECKING:
    from fuzztui.worker.choices.afresh import Afresh
    from fuzztui.worker.choices.drawing import Drawing
    from fuzztui.worker.choices.observations import Observations

__builtins__ = PRIVATE_BUILTINS


def observations(target: LoadedTarget, probes: ProbeMap, reports: Reports) -> "Observations | None":
    """What a property test tells of its executions: from now on that counts as coverage."""
    if target.test is None:
        return None
    from fuzztui.worker.choices.observations import Observations

    found = Observations(probes, reports.note_module, *target.test.place)
    target.test.observe = found.note
    return found


def drawing(target: LoadedTarget, mutator: Mutator) -> "Drawing | None":
    """What is drawn, where the target is a property test."""
    if target.test is None:
        return None
    from fuzztui.worker.choices.drawing import Drawing
    from fuzztui.worker.mutate.choices.domain import ChoicesDomain

    (domain,) = mutator.domains
    assert isinstance(domain, ChoicesDomain), "a property test takes choices"
    return Drawing(target.test, domain)


def afresh(
    drawn_by: "Drawing | None",
    runner: Runner,
    seen: SeenCells,
    retirement: Retirement,
    discoveries: Discoveries,
    mutator: Mutator,
) -> "Afresh | None":
    """What draws inputs from nothing, where the target is a property test."""
    if drawn_by is None:
        return None
    from fuzztui.worker.choices.afresh import Afresh

    return Afresh(drawn_by, runner, seen, retirement, discoveries, mutator.surroundings.random)
