"""Most inputs fail: the search sees little beyond the failure."""

from typing import Final

from fuzztui.engine.diagnoses.figures import Figures
from fuzztui.engine.show.diagnosis import Diagnosis
from fuzztui.engine.show.text import label, piece, say

NAME: Final = "failing"

MOST: Final = 0.5
"""Share of executions that fail from which on it is said. A parser that lacks its `raises` fails at four of five; a bug
that fuzzing has found and climbs around is met far less often."""

NEARLY_ALL: Final = 0.97
"""Workers tell of failures that are known a moment later than executions are counted."""

LEAST_EXECUTIONS: Final = 200
"""Executions of the window before a share means something."""


def diagnose(figures: Figures) -> Diagnosis | None:
    """Speaks where at least half of the executions of the last seconds failed."""
    ran, failed = figures.window_executions, figures.window_failures
    if ran < LEAST_EXECUTIONS or failed < MOST * ran:
        return None
    share = min(1.0, failed / ran)
    if share >= NEARLY_ALL:
        shown = label("Every input fails") if failed >= ran else label("Nearly every input fails")
    else:
        shown = say("{}% of inputs fail", int(share * 100))
    worst = next((each for each in figures.failures if each.is_exception and each.hits), None)
    if worst is None:
        finding = say("{} ({:,} of the last {:,} executions).", shown, min(failed, ran), ran)
        advice = label("An input that ends its process is no start for another: fix that first, or keep it out.")
        return Diagnosis(NAME, finding, advice, (("share", share), ("executions", ran), ("failures", failed)))
    of_these = min(1.0, worst.hits / max(1, failed))
    finding = say(
        "{} ({:,} of the last {:,} executions), {}% of these by {}.",
        shown,
        min(failed, ran),
        ran,
        round(of_these * 100),
        worst.type,
    )
    declared = piece(worst.type, worst.type.rfind(".") + 1)
    advice = say(
        "If the function may raise it by contract, declare that: @fuzztui.fuzz(raises={}). If not, the harness hands "
        "on what the function does not take, or the bug hides all others until it is fixed.",
        declared,
    )
    figured = (("share", share), ("executions", ran), ("failures", failed), ("share_of_type", of_these))
    return Diagnosis(NAME, finding, advice, figured)
