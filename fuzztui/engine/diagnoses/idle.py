"""A worker contributes nothing: it is far slower than the others, or finds nothing where they do."""

from statistics import median
from typing import Final

from fuzztui.engine.diagnoses.figures import Figures, Labour
from fuzztui.engine.show.diagnosis import Diagnosis
from fuzztui.engine.show.text import count, duration, label, say

NAME: Final = "idle"

LEAST_SECONDS: Final = 30.0

SLOWER: Final = 0.05
"""Of the others' rate in the middle from which down a worker counts for nothing. Workers take turns at slow entries, so
one may have a tenth of another's for a while."""

LEAST_FOUND: Final = 60
"""New entries of all in that time before a worker without one stands out: finds come in chains, of which the worker
that finds the first finds most."""

MOST_LIKELY: Final = 1e-6
"""How likely a worker may have found nothing by chance, had each find been as likely any execution's."""


def diagnose(figures: Figures) -> Diagnosis | None:
    """Speaks of the worker that has done least, if it counts for nothing."""
    worked = [labour for labour in figures.labours if labour.seconds >= LEAST_SECONDS]
    if len(worked) < 2:
        return None
    rates = {labour.worker: labour.executions / labour.seconds for labour in worked}
    least = min(worked, key=lambda labour: rates[labour.worker])
    others = median(rate for worker, rate in rates.items() if worker != least.worker)
    if others > 0 and rates[least.worker] < SLOWER * others:
        finding = say(
            "Worker {} contributes nothing: {}/s in {}, where the others have {}/s.",
            least.worker,
            count(rates[least.worker]),
            duration(least.seconds),
            count(others),
        )
        advice = label(
            "It is in slow inputs, waits for something that the others hold (a lock, a file, a port), or has no core "
            "of its own. Enter shows what it does; r restarts it; fewer workers (-j) may do as much."
        )
        figured = (("worker", least.worker), ("rate", rates[least.worker]), ("rate_of_others", others))
        return Diagnosis(NAME, finding, advice, figured)
    barren = next((labour for labour in worked if _is_barren(labour)), None)
    if barren is None:
        return None
    finding = say(
        "Worker {} has found nothing in {} and {:,} executions, in which all together have found {}.",
        barren.worker,
        duration(barren.seconds),
        barren.executions,
        barren.found_by_all,
    )
    advice = label(
        "Its inputs may run into something that only it has: a file, a port or a state that an input before has left. "
        "r restarts it; enter shows what it printed."
    )
    figured = (("worker", barren.worker), ("executions", barren.executions), ("found_by_all", barren.found_by_all))
    return Diagnosis(NAME, finding, advice, figured)


def _is_barren(labour: Labour) -> bool:
    if labour.found or labour.found_by_all < LEAST_FOUND:
        return False
    share = labour.executions / max(1, labour.executions_of_all)
    return (1.0 - min(1.0, share)) ** labour.found_by_all < MOST_LIKELY
