"""The chance of something new, against searches whose chances are known."""

import random

from fuzztui.engine.diagnoses.chance import chance, most
from fuzztui.engine.diagnoses.diagnose import diagnoses
from tests.engine.diagnoses.healthy import figures


def said(**changes: object) -> str:
    return str(next(found.finding for found in diagnoses(figures(since_new=400.0, **changes))))


def test_chance_is_one_share_for_a_few_more_executions() -> None:
    assert abs(chance(5, 1_000_000, 1) - 5e-6) < 1e-8
    assert chance(0, 1_000_000, 1_000) == 0.0
    assert chance(3, 0, 1_000) == 0.0


def test_chance_grows_with_time_and_singles_and_falls_with_executions() -> None:
    assert 0 < chance(1, 1000, 10) < chance(1, 1000, 100) < chance(2, 1000, 100) < 1
    assert chance(2, 10_000, 100) < chance(2, 1000, 100)
    assert most(1000, 1000) == 0.5


def test_estimate_agrees_with_searches_in_which_edges_get_rarer() -> None:
    """Edges that are each a third as likely as the one before: how often something new really comes in as many more."""
    odds = [3.0**-k for k in range(2, 14)]
    rng = random.Random(1)
    n, more, tries = 2000, 2000, 300
    estimates, hits = 0.0, 0
    for _ in range(tries):
        counts = [sum(rng.random() < p for _ in range(n)) if p * n < 50 else 99 for p in odds]
        singles = counts.count(1)
        estimates += chance(singles, n, more)
        hits += any(count == 0 and rng.random() < 1 - (1 - p) ** more for count, p in zip(counts, odds, strict=True))
    assert abs(estimates / tries - hits / tries) < 0.15


def test_plateau_tells_the_chance_with_its_source() -> None:
    words = said(singles=2, executions=1_000_000_000, rate=1000.0)
    assert "less than 1%" in words
    assert "Good-Turing" in words
    assert "2 found but once in 1,000,000,000 executions" in words


def test_plateau_without_any_single_find_tells_a_bound() -> None:
    assert "50% at most" in said(singles=0, executions=600_000, rate=1000.0)


def test_mere_bound_advises_nobody_to_wait() -> None:
    found = next(iter(diagnoses(figures(since_new=400.0, singles=0, executions=300_000, rate=1000.0))))
    assert "67% at most" in found.finding
    assert "unlikely to help" in found.advice


def test_no_chance_is_told_where_everything_is_covered() -> None:
    assert "chance" not in said(singles=3, edges=339)


def test_plateau_that_may_end_advises_to_wait() -> None:
    found = next(iter(diagnoses(figures(since_new=400.0, singles=9, executions=600_000, rate=1000.0))))
    assert "more than 99%" in found.finding
    assert "Waiting is likely to help" in found.advice


def test_nothing_is_said_of_a_chance_that_nobody_counts() -> None:
    assert "chance" not in said(singles=None)
    assert "chance" not in said(singles=3, rate=0.0)
