"""A target that takes long to load, with the place where it stands."""

from typing import Final

from fuzztui.engine.diagnoses.figures import Figures
from fuzztui.engine.show.diagnosis import Diagnosis
from fuzztui.engine.show.text import NOTHING, duration, label, say

NAME: Final = "loading"

LEAST_SECONDS: Final = 5.0
"""Of loading that are felt: large libraries take two or three."""

STANDS: Final = 2.0
"""Seconds at one line from which on it is said to stand there."""

GETS_ON: Final = 8.0
"""Seconds of loading from which on one that stands nowhere is said to get on: before, it was seen but once or twice."""


def diagnose(figures: Figures) -> Diagnosis | None:
    """Speaks of the worker that has been loading for longest, from five seconds on."""
    longest = max(figures.loading, key=lambda each: each.seconds, default=None)
    if longest is None or longest.seconds < LEAST_SECONDS:
        return None
    if longest.place and longest.stood < STANDS and longest.seconds < GETS_ON:
        return None
    others = len(figures.loading) - 1
    who = say("Worker {}{}", longest.worker, say(" and {} more", others) if others else NOTHING)
    have = "have" if others else "has"
    if longest.place and longest.stood >= STANDS:
        where = say(", for {} at {}", duration(longest.stood), longest.place)
    else:
        where = say(", now at {}", longest.place) if longest.place else NOTHING
    finding = say("{} {} been loading the target for {}{}.", who, have, duration(longest.seconds), where)
    advice = say(
        "What the file does when it is imported, and its set-up, have to end before anything is fuzzed: look at that "
        "line. After {:g} s (--startup-timeout) the run ends.",
        figures.startup_timeout,
    )
    if longest.stood < STANDS and longest.place:
        advice = label(
            "It is still getting on. Each worker takes that, and each that follows one that died: load less in the "
            "target's file."
        )
    return Diagnosis(NAME, finding, advice, (("seconds", longest.seconds), ("workers", len(figures.loading))))
