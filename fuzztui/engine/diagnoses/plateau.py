"""Nothing new has been found for long: what is missing, and whether waiting is likely to help."""

from typing import Final

from fuzztui.engine.diagnoses import chance
from fuzztui.engine.diagnoses.figures import Figures, Missing
from fuzztui.engine.show.diagnosis import Diagnosis
from fuzztui.engine.show.text import NOTHING, Visible, duration, label, say

NAME: Final = "plateau"

LEAST_SECONDS: Final = 300.0
"""Five minutes without anything new."""

LEAST_EXECUTIONS: Final = 100

AHEAD: Final = 600.0
"""Seconds for which the chance is told: ten minutes."""

LIKELY: Final = 0.5
"""Chance of something new from which on waiting is what to do."""


def diagnose(figures: Figures) -> Diagnosis | None:
    """Speaks where nothing new was found in five minutes of fuzzing."""
    if figures.since_new < LEAST_SECONDS or figures.executions < LEAST_EXECUTIONS or not figures.edges:
        return None
    more = figures.rate * AHEAD
    missing = figures.missing[0] if figures.missing else None
    odds, likely = _odds(figures, more)
    finding = say("Nothing new for {}{}.{}", duration(figures.since_new), _where(figures, missing), odds)
    given: list[tuple[str, float]] = [
        ("seconds", figures.since_new),
        ("edges", figures.edges),
        ("edges_total", figures.edges_total),
    ]
    if likely is not None:
        given += [("chance", likely), ("singles", figures.singles or 0), ("executions", figures.executions)]
    return Diagnosis(NAME, finding, _advice(figures, missing, likely), tuple(given))


def _where(figures: Figures, missing: Missing | None) -> Visible:
    if figures.edges >= figures.edges_total:
        return say("; all {:,} edges are covered", figures.edges_total)
    left = figures.edges_total - figures.edges
    if missing is None:
        return say("; {:,} of {:,} edges are missing", left, figures.edges_total)
    head = label("most") if missing.probes * 2 >= left else say("{:.0f}%", missing.probes * 100 / left)
    if missing.outcome and missing.times:
        often = label("once") if missing.times == 1 else say("{:,} times", missing.times)
        behind = say("line {}, reached {} by the corpus, {}", missing.line, often, missing.outcome)
        return say("; {} of what is missing is in {}, behind {}", head, missing.function, behind)
    at = say(" from line {} of {} on", missing.line, missing.file) if missing.line else NOTHING
    of_all = say("{:,} of {:,} edges", missing.probes, left)
    return say("; {} of what is missing ({}) is in {}{}", head, of_all, missing.function, at)


def _odds(figures: Figures, more: float) -> tuple[Visible, float | None]:
    """The chance in words and as a number; nothing where it is not counted, or nothing is executed."""
    if figures.singles is None or more <= 0 or figures.edges >= figures.edges_total:
        return NOTHING, None
    if figures.singles:
        likely = chance.chance(figures.singles, figures.executions, more)
        words = say(" The chance of a new edge in the next ten minutes is about {}", _percent(likely))
    else:
        likely = chance.most(figures.executions, more)
        words = say(" The chance of a new edge in the next ten minutes is {} at most", _percent(likely))
    finds = say("{} found but once in {:,} executions", figures.singles or label("no edge"), figures.executions)
    return say("{} ({}: {}).", words, chance.SOURCE, finds), likely


def _percent(share: float) -> Visible:
    if share < 0.01:
        return label("less than 1%")
    return label("more than 99%") if share > 0.99 else say("{:.0f}%", share * 100)


def _advice(figures: Figures, missing: Missing | None, likely: float | None) -> Visible:
    if figures.edges >= figures.edges_total:
        return label("What is instrumented is covered: check more in the target, or fuzz more of the program.")
    if likely is not None and likely >= LIKELY and figures.singles:  # else it is no more than a bound
        return label("Waiting is likely to help; a seed that gets there helps sooner.")
    if missing is not None:
        return say(
            "Waiting is unlikely to help: give a seed that reaches {}, or the values that its conditions want in a "
            "dictionary (--dict).",
            missing.function,
        )
    return label("Waiting is unlikely to help: give seeds that reach what is missing, or a dictionary (--dict).")
