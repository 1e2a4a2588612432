"""The same input covers different lines at different times: chance, time or what earlier inputs have left decides."""

from typing import Final

from fuzztui.engine.diagnoses.figures import Figures
from fuzztui.engine.show.diagnosis import Diagnosis
from fuzztui.engine.show.text import joined, label, say

NAME: Final = "unstable"

LEAST_FINDS: Final = 4
LEAST_UNSTABLE: Final = 3

MOST: Final = 0.1
"""Share of finds from which on coverage is unstable: a cache that fills now and then makes fewer so."""

NAMED: Final = 4


def diagnose(figures: Figures) -> Diagnosis | None:
    """Speaks where a tenth of the finds that were run twice did not cover the same twice."""
    checked, unstable = figures.checked_finds, figures.unstable_finds
    if checked < LEAST_FINDS or unstable < LEAST_UNSTABLE or unstable < MOST * checked:
        return None
    lines = joined(", ", figures.unstable[:NAMED])
    more = say(" and {} more", len(figures.unstable) - NAMED) if len(figures.unstable) > NAMED else ""
    finding = say(
        "Coverage is unstable: {} of {} new inputs covered something else when they were run again at once: {}{}.",
        unstable,
        checked,
        lines,
        more,
    )
    advice = label(
        "What an input covers depends there on chance, on the clock or on inputs before it, so the corpus fills with "
        "what is not new. Seed random generators in the target, and reset what it keeps."
    )
    figured = (("finds", unstable), ("checked", checked), ("lines", len(figures.unstable)))
    return Diagnosis(NAME, finding, advice, figured)
