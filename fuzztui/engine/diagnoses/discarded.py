"""Nearly all executions are discarded: what is searched for lies behind a condition that hardly any input meets."""

from typing import Final

from fuzztui.engine.diagnoses.figures import Figures
from fuzztui.engine.show.diagnosis import Diagnosis
from fuzztui.engine.show.text import label, say

NAME: Final = "discarded"

LEAST_EXECUTIONS: Final = 1_000
LEAST_SECONDS: Final = 3.0

MOST: Final = 0.95
"""Share of executions that are discarded from which on it is said: by then the rate is a twentieth of what it seems."""


def diagnose(figures: Figures) -> Diagnosis | None:
    """Speaks where hardly any execution comes to a verdict."""
    ran, discarded = figures.all_executions, figures.discarded
    if ran < LEAST_EXECUTIONS or figures.fuzzing_for < LEAST_SECONDS or discarded < MOST * ran:
        return None
    if discarded >= ran - 1:  # the one that is in progress may be counted already
        finding = say("Every execution is discarded ({:,}): nothing has been tested.", ran)
    else:
        finding = say("{:.1f}% of executions are discarded ({:,} of {:,}).", 100 * discarded / ran, discarded, ran)
    advice = label(
        "Draw values that meet what assume, filter or the class asks for, instead of others that are thrown away."
    )
    return Diagnosis(NAME, finding, advice, (("executions", ran), ("discarded", discarded)))
