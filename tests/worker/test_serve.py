"""Serving calls, in this process: what is said to a coordinator before and after an executor has done its part."""

import os
from collections.abc import Iterator

import pytest

from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.memory import ACTIVITY, CONTROL, Activity, Control, SharedMemory, State, create
from fuzztui.protocol.messages import (
    MOST_SEEDS,
    Call,
    Crashed,
    Done,
    Execute,
    Executed,
    Found,
    Fuzz,
    Load,
    Module,
    Ping,
    Pong,
    Repeated,
    Result,
    Seed,
    Stop,
)
from fuzztui.target.errors import HarnessError
from fuzztui.worker.process.executions import Executions
from fuzztui.worker.reports import UNSENT_SHARE, Reports
from fuzztui.worker.serve import serve
from tests.engine.scripted_worker import MODULE, SEPARATOR, ScriptedCrash, load

CAPACITY = 1_500


class Serving:
    def __init__(self, memory: SharedMemory) -> None:
        self.memory = memory
        self.sent: list[Result] = []
        self.executions = Executions(memory)
        self.reports = Reports(self.sent.append, self.executions)

    def serve(self, *calls: Call) -> list[Result]:
        """What is sent while these calls are served, after the module that loading announces."""
        serve(iter((*calls, Stop())).__next__, load, self.executions, self.reports)
        return self.sent[1:]


@pytest.fixture
def serving() -> Iterator[Serving]:
    fd = create(CAPACITY)
    memory = SharedMemory(fd, CAPACITY)
    os.close(fd)
    yield Serving(memory)
    memory.close()


def loading(*seeds: bytes) -> Load:
    return Load(b"script.txt", "script", b"/", [], [], list(seeds), b"", 1, 1000, None)


def test_a_module_is_announced_before_the_first_result_and_once(serving: Serving) -> None:
    serving.serve(loading(b"cover 1"), Ping(), Ping())
    assert [type(each) for each in serving.sent] == [Module, Seed, Pong, Pong]


def test_more_seeds_than_can_be_taken_are_one_sentence_and_none_is_sent(serving: Serving) -> None:
    with pytest.raises(HarnessError, match="the target declares 100,001 seeds, want at most 100,000"):
        serving.serve(loading(*[b""] * (MOST_SEEDS + 1)))
    assert serving.sent == []


def test_as_many_seeds_as_can_be_taken_are_sent(serving: Serving) -> None:
    assert len(serving.serve(loading(*[b""] * MOST_SEEDS))) == MOST_SEEDS


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (1_501, r"seed 2 has 1,501 bytes \(1.5 kB\), at most 1,500 bytes \(1.5 kB\) fit: raise --max-len"),
        (5_300_000, r"seed 2 has 5,300,000 bytes \(5.3 MB\), at most 1,500 bytes \(1.5 kB\) fit"),
    ],
)
def test_a_seed_that_does_not_fit_is_named_with_both_sizes(serving: Serving, size: int, words: str) -> None:
    with pytest.raises(HarnessError, match=words):
        serving.serve(loading(bytes(1_500), bytes(size)))


@pytest.mark.parametrize("calls", [(), (Execute([b"cover 1"], {}),)])
def test_a_worker_that_has_loaded_its_target_is_idle_and_waiting(serving: Serving, calls: tuple[Call, ...]) -> None:
    serving.executions.enter(State.LOADING)
    serving.serve(loading(), *calls)
    assert serving.memory.state is State.IDLE
    assert serving.memory.activity is Activity.WAITING


def test_a_target_cannot_be_loaded_twice_nor_called_before_it_is_loaded(serving: Serving) -> None:
    with pytest.raises(ProtocolError, match="a second target"):
        serving.serve(loading(), loading())
    with pytest.raises(ProtocolError, match="before a target is loaded"):
        serving.serve(Ping())


def test_what_a_call_tells_to_be_covered_is_not_found_again_in_later_calls(serving: Serving) -> None:
    entry = SEPARATOR.join([b"cover 3 7", b"cover 7 8", b"cover 8"])
    told, found, later, done = serving.serve(
        loading(), Execute([], {MODULE: [3, 7]}), Fuzz(entry, 3600.0, 10, {}, False), Fuzz(entry, 3600.0, 2, {}, False)
    )
    assert told == Done(0)
    assert found == Found(b"cover 7 8", {MODULE: [7, 8]})
    assert later == Done(3)
    assert done == Done(2)


def test_a_call_without_time_left_makes_one_execution(serving: Serving) -> None:
    assert serving.serve(loading(), Fuzz(SEPARATOR.join([b"mem"] * 9), 0.0, 9, {}, False))[-1] == Done(1)


def test_nothing_is_executed_while_the_worker_is_to_pause(serving: Serving) -> None:
    serving.memory.words[CONTROL] = Control.PAUSE
    assert serving.serve(loading(), Execute([b"cover 1"], {})) == [Done(0)]
    assert serving.memory.executions == 0


def test_a_failure_is_sent_in_full_once_while_fuzzing_and_each_time_it_answers_an_input(serving: Serving) -> None:
    fuzz = Fuzz(SEPARATOR.join([b"raise ValueError x"] * 99), 3600.0, 99, {}, False)
    sent = serving.serve(loading(), fuzz, Execute([b"raise ValueError y", b"cover 1"], {}), fuzz)
    full = [each for each in sent if isinstance(each, Crashed)]
    assert [(each.index, each.failure.message) for each in full] == [(None, "x"), (0, "y")]
    assert told(sent) == 98 + 99
    assert [each for each in sent if isinstance(each, Executed)] == [Executed(1, {MODULE: [1]})]


def told(sent: list[Result]) -> int:
    """Repeats that were sent."""
    return sum(sum(each.hits.values()) for each in sent if isinstance(each, Repeated))


def test_unsent_repeats_are_a_small_part_of_those_sent_before_and_take_few_messages(serving: Serving) -> None:
    reports = serving.reports
    serving.memory.words[ACTIVITY] = Activity.BOOKKEEPING
    for number in range(100_000):
        serving.executions.begin(b"x")
        reports.crash(ScriptedCrash(f"Error{number % 3}", ""), b"x")
        sent = told(serving.sent) if number < 200 else None
        assert sent is None or max(0, number - 2) - sent <= sent // UNSENT_SHARE + 1
    assert len(serving.sent) < 3 * 700
    before = told(serving.sent)
    assert 0 <= 99_997 - before <= before // UNSENT_SHARE
    reports.send_repeats()
    assert told(serving.sent) == 99_997
    count = len(serving.sent)
    reports.send_repeats()
    assert len(serving.sent) == count
    assert serving.memory.state is State.IDLE
    assert serving.memory.activity is Activity.BOOKKEEPING
