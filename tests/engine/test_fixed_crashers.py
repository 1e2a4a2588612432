"""A crasher that somebody has marked fixed: settled where its input passes, regressed and loud where it fails."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from fuzztui.engine.keep import crashers, recording
from fuzztui.engine.show.crasher import Confirmation, Crasher, clean_runs_wanted
from fuzztui.engine.show.reload import Fate
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import label
from fuzztui.engine.triage.triage import Change, Known, Triage
from fuzztui.engine.work.confirmation import MOST_RUNS
from fuzztui.reports.crashes import markdown, table
from fuzztui.screens.listing import Desk, listed
from fuzztui.screens.rows import crasher_row
from fuzztui.screens.sections import Look, headline
from fuzztui.widgets.tone import plain
from fuzztui.words.sentences import confirmation_words, memory_lines
from tests.engine.test_decided_meanwhile import decide, session, snapshot
from tests.engine.test_left import given, left, met, revisit
from tests.engine.work.scripted import ScriptedWorker, Work, failure
from tests.engine.work.test_rechecking import CLEAN, answered
from tests.ui.fakes import crasher as fake

A = "1-ValueError"
SURE, CLEAN_NOW = Confirmation(10, 10), Confirmation(10, 0, had_failed=True)


@pytest.fixture(autouse=True)
def _each_look_is_a_minute_later(monkeypatch: pytest.MonkeyPatch) -> None:
    minutes = itertools.count()

    def later() -> str:
        return f"2026-02-28T{13 + (minute := next(minutes)) // 60:02}:{minute % 60:02}:00Z"

    for module in (recording, crashers):
        monkeypatch.setattr(module, "utc_now", later)


# What running it again says -----------------------------------------------------------------------------------------

ANSWERS = [
    (None, Confirmation(10, 0), False),
    (SURE, Confirmation(10, 0), True),
    (SURE, Confirmation(3, 0), True),
    (SURE, Confirmation(2, 0), False),
    (SURE, Confirmation(10, 1), False),
    (SURE, Confirmation(10, 0, 3), False),
    (SURE, Confirmation(10, 0, before=2), False),
    (Confirmation(10, 5), Confirmation(4, 0), False),
    (Confirmation(10, 5), Confirmation(5, 0), True),
    (Confirmation(10, 0), Confirmation(10, 0), False),
    (Confirmation(3, 0, 3), Confirmation(10, 0), False),
    (Confirmation(10, 0, before=8), Confirmation(10, 0, is_chance=True), True),
    (Confirmation(10, 0, before=8), Confirmation(10, 0), False),
    (CLEAN_NOW, Confirmation(1, 0), True),
]


@pytest.mark.parametrize(("before", "now", "is_clean"), ANSWERS)
def test_clean_runs_tell_that_it_may_be_mended_only_after_failures_and_often_enough(
    before: Confirmation | None, now: Confirmation, is_clean: bool
) -> None:
    told = now.after(before)
    assert told.had_failed is is_clean
    assert replace(told, had_failed=False) == now
    assert ("clean" in told.badge) is is_clean


def test_clean_answer_speaks_neither_of_state_nor_of_failing_again() -> None:
    assert CLEAN_NOW.sentence == "0/10 clean: runs clean now, having failed before: it may be fixed"


# On the screen and in words -----------------------------------------------------------------------------------------

DAY = label("2026-02-28T13:05:00Z")
STATES = {
    "found": (fake(0, confirmation=SURE), "10/10: failed again each time", "10/10", False, True),
    "clean, and nobody has said fixed": (
        fake(0, confirmation=CLEAN_NOW, passed=DAY),
        CLEAN_NOW.sentence,
        "0/10",
        False,
        True,
    ),
    "marked, not run since": (
        fake(0, confirmation=SURE, status=Status.FIXED, is_fixed_here=True),
        "not run since; before that 10/10",
        "10/10",
        False,
        True,
    ),
    "marked and clean": (
        fake(0, confirmation=CLEAN_NOW, status=Status.FIXED, is_fixed_here=True, passed=DAY),
        "ran clean 10/10",
        "pass",
        True,
        False,
    ),
    "marked, passed in another session": (
        fake(0, confirmation=SURE, status=Status.FIXED, is_fixed_here=True, passed=DAY),
        "passed when it was last run, on 2026-02-28",
        "pass",
        True,
        False,
    ),
    "regressed": (
        fake(0, confirmation=SURE, status=Status.FIXED),
        "10/10: failed again each time",
        "10/10",
        False,
        True,
    ),
}


@pytest.mark.parametrize(("one", "words", "again", "is_struck", "counts"), STATES.values(), ids=STATES)
def test_words_row_and_count_of_each_state(one: Crasher, words: str, again: str, is_struck: bool, counts: bool) -> None:
    assert confirmation_words(one, None) == words
    assert words in plain(next(line for line in headline(one, Look(1.0, None)) if words in plain(line)))
    (item,) = listed([one], Desk().order, "")
    cells = crasher_row(item, Desk(), 1.0).cells
    assert [cell[0] for cell in cells if isinstance(cell, tuple)][8] == again
    tones = {cell[1] for cell in cells if isinstance(cell, tuple)}
    assert ("struck" in tones) is is_struck
    assert any(tone == "struck" for line in headline(one, Look(1.0, None)) for _, tone in line) is is_struck
    assert one.is_wanted is counts


# In a session of triage ---------------------------------------------------------------------------------------------


def mark(work: Work, status: Status = Status.FIXED) -> None:
    Triage.load(work.options.target, work.options.cache_dir).decide(A, Change(status=status))


def run_again(work: Work, worker: ScriptedWorker, *, fails: bool) -> None:
    while not work.is_done():
        given(worker)
        worker.fails() if fails else worker.clean(0)
        worker.done()


def confirmed(folder: Path) -> tuple[Work, Crasher]:
    """Met in a first session, and run again there: it failed each time."""
    first = met(folder)
    first.search.confirm(A, SURE)
    first.search.crashers.write_records()
    (crasher,) = left(first)
    return first, crasher


def known(work: Work) -> Known:
    (bucket,) = Triage.load(work.options.target, work.options.cache_dir).buckets
    return bucket


def test_marked_and_found_clean_it_is_settled_now_and_tomorrow(tmp_path: Path) -> None:
    first, _ = confirmed(tmp_path)
    mark(first)
    (crasher,) = left(first)
    assert (crasher.is_fixed, crasher.is_wanted) == (False, True), "nobody has run it since"
    work, worker = revisit(tmp_path, crasher)
    run_again(work, worker, fails=False)
    now = work.search.crashers.get(A)
    assert (now.is_settled, now.is_regressed, work.search.crashers.failing) == (True, False, 0)
    assert (now.confirmation, snapshot(work).distinct) == (CLEAN_NOW, 0)
    (tomorrow,) = left(work)
    assert (tomorrow.is_settled, tomorrow.confirmation) == (True, CLEAN_NOW)
    assert known(work).record.reproduces is False  # type: ignore[union-attr]


def test_marked_after_it_was_found_clean_it_is_settled_too(tmp_path: Path) -> None:
    first, crasher = confirmed(tmp_path)
    work, worker = revisit(tmp_path, crasher)
    run_again(work, worker, fails=False)
    assert not work.search.crashers.get(A).is_fixed, "only a person says that"
    mark(first)
    work.search.reread_decisions()
    assert work.search.crashers.get(A).is_settled


def test_regressed_one_that_is_mended_again_is_settled(tmp_path: Path) -> None:
    first, _ = confirmed(tmp_path)
    mark(first)
    work, worker = revisit(tmp_path, *left(first))
    run_again(work, worker, fails=True)
    assert (work.search.crashers.get(A).is_regressed, known(work).is_regressed) == (True, True)
    work, worker = revisit(tmp_path, *left(first))
    run_again(work, worker, fails=False)
    now = work.search.crashers.get(A)
    assert (now.is_regressed, now.is_settled, known(work).is_regressed) == (False, True, False)
    work, worker = revisit(tmp_path, *left(first))
    run_again(work, worker, fails=True)
    assert (work.search.crashers.get(A).is_regressed, known(work).is_regressed) == (True, True)


def test_other_input_that_fails_so_unsettles_it(tmp_path: Path) -> None:
    first, _ = confirmed(tmp_path)
    mark(first)
    work, worker = revisit(tmp_path, *left(first))
    run_again(work, worker, fails=False)
    work.search.record(0, b"other", failure("ValueError"), None)
    now = work.search.crashers.get(A)
    assert (now.passed, now.is_regressed, now.is_wanted) == ("", True, True)


def test_one_that_failed_now_and_then_has_to_run_clean_more_often(tmp_path: Path) -> None:
    first = met(tmp_path)
    first.search.confirm(A, Confirmation(10, 1))
    first.search.crashers.write_records()
    work, worker = revisit(tmp_path, *left(first))
    run_again(work, worker, fails=False)
    told = work.search.crashers.get(A).confirmation
    assert told == Confirmation(clean_runs_wanted(Confirmation(10, 1)), 0, had_failed=True)
    assert told.runs > MOST_RUNS


# In a run whose code is loaded anew ---------------------------------------------------------------------------------


def reloaded(folder: Path, *outcomes: str) -> tuple[Work, ScriptedWorker]:
    """A run that has met a crasher, which a person marks fixed; the code is loaded anew, and its input runs so."""
    work = session(folder, "ValueError")
    worker = work.worker()
    worker.ask()
    worker.clean(1)
    worker.done()
    decide(work, A, Change(status=Status.FIXED))
    work.reload(worker)
    answered(worker, b"ValueError", *outcomes)
    return work, worker


def test_marked_and_clean_since_a_reload_fails_no_run(tmp_path: Path) -> None:
    work, _ = reloaded(tmp_path, *CLEAN)
    now = work.search.crashers.get(A)
    assert (now.is_settled, work.search.crashers.failing, snapshot(work).distinct) == (True, 0, 0)
    assert confirmation_words(now, None) == "passes on the code that runs now"
    assert memory_lines(work.search.crashers.crashers) == ["1 crasher was fixed during the run: ValueError in parse"]
    work.search.crashers.write_records()
    assert known(work).record.passed  # type: ignore[union-attr]
    (tomorrow,) = left(work)
    assert tomorrow.is_settled


def test_what_a_reload_shows_and_nobody_has_marked_still_fails_the_run(tmp_path: Path) -> None:
    work, _ = reloaded(tmp_path, *CLEAN)
    decide(work, A, None)
    assert (work.search.crashers.get(A).is_fixed, work.search.crashers.failing) == (True, 1)


def test_marked_and_failing_after_a_reload_has_regressed(tmp_path: Path) -> None:
    work, _ = reloaded(tmp_path, "ValueError")
    now = work.search.crashers.get(A)
    assert (now.is_regressed, now.is_fixed, work.search.crashers.failing) == (True, False, 1)
    assert now.recheck is not None
    assert now.recheck.fate is Fate.FAILS
    assert memory_lines([now])[0].startswith("REGRESSED: ")


def test_hit_after_it_was_taken_for_fixed_has_regressed(tmp_path: Path) -> None:
    work, _ = reloaded(tmp_path, *CLEAN)
    work.search.repeat(0, A, 1)
    now = work.search.crashers.get(A)
    assert (now.is_regressed, now.is_settled, now.passed, work.search.crashers.failing) == (True, False, "", 1)
    work.search.crashers.write_records()
    assert (known(work).is_regressed, known(work).record.passed) == (True, "")  # type: ignore[union-attr]


def test_nothing_is_known_of_a_settled_one_while_other_code_is_loaded(tmp_path: Path) -> None:
    work, worker = reloaded(tmp_path, *CLEAN)
    work.reload(worker)
    assert (work.search.crashers.get(A).is_settled, work.search.crashers.failing) == (False, 1)
    answered(worker, b"ValueError", "ValueError")
    assert work.search.crashers.get(A).is_regressed
    work.search.crashers.write_records()
    assert (known(work).is_regressed, known(work).record.passed) == (True, "")  # type: ignore[union-attr]


# On the command line ------------------------------------------------------------------------------------------------


def as_table(one: Known) -> str:
    return "\n".join(table("it", [one]))


def as_page(one: Known) -> str:
    return "\n".join(markdown("it", ("it",), [one]))


def test_list_says_what_was_before_it_was_marked_and_that_it_passes_now(tmp_path: Path) -> None:
    first, crasher = confirmed(tmp_path)
    assert " 10/10 " in as_table(known(first))
    mark(first)
    assert " 10/10 before " in as_table(known(first))
    assert "before it was marked fixed 10/10: failed again each time" in as_page(known(first))
    work, worker = revisit(tmp_path, crasher)
    run_again(work, worker, fails=False)
    assert " passes now " in as_table(known(work))
    assert "10/10" not in as_table(known(work)) + as_page(known(work))
    assert "passed when it was last run, on 20" in as_page(known(work))
    work, worker = revisit(tmp_path, *left(first))
    run_again(work, worker, fails=True)
    assert " REGRESSED " in as_table(known(work))
    assert " 10/10 " in as_table(known(work))
