"""Inputs of crashers are made smaller beside the search, in a process that is kept for one of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.request.options import DEFAULT_MINIMIZE_TIME
from fuzztui.engine.show.crasher import Confirmation
from fuzztui.engine.show.events import InputMinimized
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.work.board import Renewal
from fuzztui.engine.work.minimization import PREFIX, WRITTEN_EVERY
from fuzztui.engine.work.minimizing import TURN, MinimizingCrashers
from fuzztui.engine.work.rest import SHARE
from fuzztui.protocol.messages import Fuzz
from tests.engine.work.scripted import KILLED, ScriptedWorker, Work, contents, failure, names

FOUND = b"some <tag> and more"
SURE = Confirmation(3, 3)


def minimizing(folder: Path, **given: Any) -> tuple[Work, ScriptedWorker]:
    """A run that fuzzes, and its first worker."""
    work = Work(folder, **{"minimize_time": 60.0, **given})
    return work, work.fuzzing(b"seed")


def found(work: Work, data: bytes = FOUND, name: str = "ValueError", confirmation: Confirmation = SURE) -> str:
    """An input fails and is run again; returns the identity of its failure."""
    work.search.record(0, data, failure(name), None)
    work.search.confirm(failure(name).id, confirmation)
    return failure(name).id


def answer(
    worker: ScriptedWorker, name: str = "ValueError", limit: int = 100_000, other: bytes | None = None
) -> list[list[bytes]]:
    """Run all that is asked for until there is something else to do: what holds `<` and then `>` fails, `other` in
    another way. Returns the batches.
    """
    batches: list[list[bytes]] = []
    while len(batches) < limit:
        asked = worker.ask()
        if asked is Renewal.FRESH_PROCESS:
            worker.renews()
            continue
        if not isinstance(asked, list):
            if asked is not None:
                worker.done()
            return batches
        batches.append(asked)
        for data in asked:
            if data == other:
                worker.fails("KeyError")
            elif 0 <= data.find(b"<") < data.rfind(b">"):
                worker.fails(name)
            else:
                worker.clean(0)
        worker.done()
    return batches


def told(work: Work) -> list[Minimized]:
    return [event.minimized for event in work.told.events if isinstance(event, InputMinimized)]


def shown(work: Work, failure_id: str) -> Minimized:
    minimized = work.search.crashers.get(failure_id).minimized
    assert minimized is not None
    return minimized


def test_the_smallest_input_is_stored_beside_the_original_and_told_of(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path)
    crasher = found(work)
    assert answer(worker)[0] == [FOUND], "it begins with the input itself"
    (minimized,) = told(work)
    assert shown(work, crasher) == minimized
    assert (minimized.bucket, minimized.before, minimized.after) == (crasher, len(FOUND), 2)
    assert minimized.is_smallest
    assert not minimized.is_running
    assert contents(work.stored) == sorted([FOUND, b"<>"])
    assert minimized.path is not None
    assert minimized.path.read_bytes() == b"<>"
    assert str(minimized.sizes) == "19 B -> 2 B"
    record = json.loads((work.records / f"{crasher}.json").read_bytes())
    assert record["minimized"]["sha256"] == minimized.path.name
    assert record["minimized"]["bytes"] == 2
    assert work.job(MinimizingCrashers).is_done
    assert isinstance(worker.ask(), Fuzz)


def test_smaller_forms_are_neither_hits_nor_received(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path)
    found(work)
    answer(worker)
    book = work.search.crashers
    assert (book.received, book.stored, book.duplicates, book.hits) == (1, 1, 0, 1)


def test_the_process_is_kept_for_one_crasher(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path)
    found(work)
    assert worker.ask() is Renewal.FRESH_PROCESS
    worker.renews()
    assert worker.ask() == [FOUND]
    worker.fails()
    worker.done()
    assert isinstance(worker.ask(), list)


def test_the_next_crasher_begins_in_a_fresh_process(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path)
    found(work)
    found(work, b"<second>", "TypeError")
    work.board.finish()
    asked = worker.ask(finishing=True)
    while not told(work):
        if asked is Renewal.FRESH_PROCESS:
            worker.renews()
        else:
            assert isinstance(asked, list)
            for data in asked:
                if 0 <= data.find(b"<") < data.rfind(b">"):
                    worker.fails()
                else:
                    worker.clean(0)
            worker.done()
        asked = worker.ask(finishing=True)
    assert asked is Renewal.FRESH_PROCESS
    worker.renews()
    assert worker.ask(finishing=True) == [b"<second>"]


def test_it_shows_as_it_happens(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path)
    crasher = found(work)
    sizes = set()
    for _ in range(200):
        answer(worker, limit=1)
        minimized = shown(work, crasher)
        sizes.add((minimized.after, minimized.is_running))
    assert {is_running for _, is_running in sizes} == {True, False}
    assert len(sizes) > 3, "it becomes smaller step by step"
    assert (2, False) in sizes


@pytest.mark.parametrize("failures", [0, 1, 2])
def test_what_fails_only_now_and_then_is_left_until_somebody_asks(tmp_path: Path, failures: int) -> None:
    work, worker = minimizing(tmp_path)
    crasher = found(work, confirmation=Confirmation(3, failures))
    assert answer(worker) == []
    work.job(MinimizingCrashers).wish(crasher)
    answer(worker)
    assert shown(work, crasher).after == 2


def test_only_the_first_of_a_group_is_taken_without_being_asked_for(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path)
    first = failure("ValueError")
    work.search.record(0, FOUND, first, None)
    work.search.confirm(first.id, SURE)
    second = failure("TypeError")
    object.__setattr__(second, "group", first.group)
    work.search.record(0, b"<other>", second, None)
    work.search.confirm(second.id, SURE)
    answer(worker)
    assert [one.bucket for one in told(work)] == [first.id]


def test_of_a_group_whose_first_is_doubtful_the_next_is_taken(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path)
    first = failure("ValueError")
    work.search.record(0, FOUND, first, None)
    work.search.confirm(first.id, Confirmation(3, 1))
    second = failure("TypeError")
    object.__setattr__(second, "group", first.group)
    work.search.record(0, b"<other>", second, None)
    work.search.confirm(second.id, SURE)
    answer(worker, "TypeError")
    assert [one.bucket for one in told(work)] == [second.id]


def test_without_time_nothing_is_taken_but_what_is_asked_for(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path, minimize_time=0.0)
    crasher = found(work)
    assert answer(worker) == []
    assert work.job(MinimizingCrashers).is_done
    work.job(MinimizingCrashers).wish(crasher)
    answer(worker)
    assert shown(work, crasher).after == 2


def test_a_failing_seed_is_left_until_somebody_asks(tmp_path: Path) -> None:
    work = Work(tmp_path, minimize_time=60.0).begin(FOUND)
    worker = work.worker()
    assert worker.ask() == [FOUND]
    worker.fails()
    worker.done()
    work.search.confirm(failure().id, SURE)
    assert answer(worker) == []
    work.job(MinimizingCrashers).wish(failure().id)
    answer(worker)
    assert shown(work, failure().id).after == 2


def test_a_crasher_that_nobody_knows_cannot_be_asked_for(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path)
    work.job(MinimizingCrashers).wish("1-Nobody")
    assert work.job(MinimizingCrashers).is_done
    assert isinstance(worker.ask(), Fuzz)


def test_another_bucket_is_no_smaller_form_but_a_crasher_of_its_own(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path)
    found(work)
    answer(worker, other=b"")
    assert [crasher.failure.type for crasher in work.told.crashers] == ["ValueError", "KeyError"]
    assert told(work)[0].after == 2
    assert contents(work.stored) == sorted([FOUND, b"<>", b""])


def test_a_death_is_an_answer(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path)
    crasher = found(work, b"abcd", "exit status 3")
    worker.ask()
    worker.renews()
    while (asked := worker.ask()) is not None and not isinstance(asked, Fuzz):
        if asked is Renewal.FRESH_PROCESS:
            worker.renews()
            continue
        assert isinstance(asked, list)
        for data in asked:
            if len(data) >= 3:
                worker.dies()
                break
            worker.clean(0)
        else:
            worker.done()
    assert shown(work, crasher).after == 3


def test_a_kill_from_outside_is_no_answer(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path)
    crasher = found(work, b"abcdef")
    worker.ask()
    worker.renews()
    assert worker.ask() == [b"abcdef"]
    worker.fails()
    worker.done()
    asked = worker.ask()
    assert isinstance(asked, list)
    worker.dies("killed", suspicion=KILLED)
    for _ in range(3):  # the suspect runs clean, each time in a process of its own
        if (again := worker.ask()) is Renewal.FRESH_PROCESS:
            worker.renews()
            again = worker.ask()
        assert again == asked[:1]
        worker.clean(0)
        worker.done()
    assert answer(worker)
    assert shown(work, crasher).after == 6
    assert len(work.told.crashers) == 1


def test_it_takes_turns_with_the_search_and_rests(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path)
    crasher = found(work)
    assert answer(worker, limit=1) == [[FOUND]]
    work.clock.now += TURN
    assert worker.ask() is Renewal.FRESH_PROCESS, "its turn is over, and the search wants probes"
    worker.renews()
    assert isinstance(worker.ask(), Fuzz)
    worker.done()
    work.clock.now += TURN * (2 * SHARE - 1) - 0.1  # crashers wait to be run again, too
    assert isinstance(worker.ask(), Fuzz), "and it rests nine times as long"
    worker.done()
    work.clock.now += 0.2
    answer(worker)
    assert shown(work, crasher).after == 2, "then it goes on where it was"


def test_what_was_asked_for_neither_waits_nor_rests(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path, workers=2)
    found(work)
    answer(worker, limit=1)
    wanted = found(work, b"<wanted>", "TypeError")
    work.job(MinimizingCrashers).wish(wanted)
    other = work.worker(1)
    answer(other, "TypeError", limit=2)
    work.clock.now += TURN + 1
    answer(other, "TypeError")
    assert [one.bucket for one in told(work)] == [wanted]


def test_one_crasher_at_a_time_is_made_smaller(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path, workers=2)
    found(work)
    found(work, b"<second>", "TypeError")
    answer(worker, limit=1)
    assert isinstance(work.worker(1).ask(), Fuzz)


def test_what_takes_too_long_is_stored_as_far_as_it_is(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path, minimize_time=2.0)
    crasher = found(work)
    answer(worker, limit=4)
    work.clock.now += 2.0
    assert answer(worker) == []
    minimized = shown(work, crasher)
    assert told(work) == [minimized]
    assert not minimized.is_smallest
    assert 2 < minimized.after < len(FOUND)
    assert minimized.path is not None


def test_a_person_may_have_more_time(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path, minimize_time=2.0)
    crasher = found(work)
    work.job(MinimizingCrashers).wish(crasher)
    answer(worker, limit=4)
    work.clock.now += DEFAULT_MINIMIZE_TIME - 1
    answer(worker)
    assert shown(work, crasher).is_smallest


def test_the_end_of_the_run_waits_for_it_and_every_worker_takes_one(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path, workers=2)
    found(work)
    found(work, b"<second>", "TypeError")
    work.board.finish()
    assert work.board.patience == 60.0
    assert work.can_finish()
    other = work.worker(1)
    for one in (worker, other):
        if one.ask(finishing=True) is Renewal.FRESH_PROCESS:
            one.renews()
            one.ask(finishing=True)
    assert [worker.call.items[0].data, other.call.items[0].data] == [FOUND, b"<second>"]
    worker.fails()
    worker.done()
    other.fails("TypeError")
    other.done()
    answer(worker)
    answer(other, "TypeError")
    assert not work.can_finish()
    assert work.board.patience == 0.0
    assert len(told(work)) == 2


def test_the_end_waits_for_a_slow_confirmation_as_long_as_it_fails_each_time(tmp_path: Path) -> None:
    work = Work(tmp_path, minimize_time=60.0, confirms=True)
    worker = work.fuzzing(b"seed")
    worker.ask()
    worker.fails(data=FOUND)
    worker.done()
    work.board.finish()
    assert work.board.patience < 60.0, "nobody knows yet whether it fails again"
    asked = worker.ask(finishing=True)
    if asked is Renewal.FRESH_PROCESS:
        worker.renews()
        worker.ask(finishing=True)
    worker.fails()
    worker.done()
    assert work.board.patience >= 60.0
    while (asked := worker.ask(finishing=True)) is Renewal.FRESH_PROCESS:
        worker.renews()
    assert asked == [FOUND]
    worker.clean(0)
    worker.done()
    assert work.board.patience < 60.0


def test_a_stop_stores_how_far_it_came_and_the_next_search_begins_there(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path)
    work.clock.now = WRITTEN_EVERY
    crasher = found(work)
    answer(worker, limit=4)
    assert len([name for name in names(work.records) if name.startswith(PREFIX)]) == 1
    work.board.close()
    smaller = shown(work, crasher)
    assert not smaller.is_running
    assert not smaller.is_smallest
    assert smaller.path is not None
    assert FOUND in contents(work.stored)
    again, second = minimizing(tmp_path)
    again.search.record(0, FOUND, failure(), None)
    again.job(MinimizingCrashers).wish(crasher)
    assert answer(second, limit=2)[1] == [smaller.path.read_bytes()]


def test_what_was_never_begun_is_not_told_of(tmp_path: Path) -> None:
    work, _ = minimizing(tmp_path)
    found(work)
    work.board.close()
    assert told(work) == []


def test_a_worker_that_leaves_hands_its_crasher_on(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path, workers=2)
    crasher = found(work)
    answer(worker, limit=1)
    worker.leaves()
    answer(work.worker(1))
    assert shown(work, crasher).after == 2


def test_executions_are_the_runs_and_where_they_are_limited_no_clock_decides(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path, executions=20_000)
    crasher = found(work)
    executed = sum(map(len, answer(worker)))
    assert executed > 0
    assert work.job(MinimizingCrashers).account.used == executed + 1  # and the seed
    assert shown(work, crasher).after == 2
    later = found(work, b"<later>" * 200, "TypeError")
    work.clock.now += 1_000
    assert answer(worker, "TypeError") == [], "it rests"
    assert isinstance(worker.ask(), Fuzz)
    worker.use(executed * (2 * SHARE - 1))
    worker.done()
    assert answer(worker, "TypeError", limit=1) == [[b"<later>" * 200]]
    assert shown(work, later).is_running


def test_without_executions_left_nothing_is_begun(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path, executions=2)
    assert isinstance(worker.ask(), Fuzz)
    worker.use(1)
    worker.done()
    found(work)
    assert worker.ask() is None
    assert not work.can_finish()


def test_a_smallest_input_that_can_be_stored_nowhere_is_unsaved(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path)
    crasher = found(work)
    for folder in (work.stored, work.records):
        folder.rename(folder.with_name("aside"))
        folder.write_bytes(b"in the way")
    answer(worker)
    assert shown(work, crasher).data == b"<>"
    assert work.board.unsaved == 1


def test_an_input_that_does_not_fail_any_more_is_not_minimized(tmp_path: Path) -> None:
    work, worker = minimizing(tmp_path)
    crasher = found(work)
    while not isinstance(asked := worker.ask(), Fuzz):
        if asked is Renewal.FRESH_PROCESS:
            worker.renews()
            continue
        worker.clean(0)
        worker.done()
    minimized = shown(work, crasher)
    assert str(minimized.sentence) == "not minimized: it did not fail again so"
    assert minimized.path is None
