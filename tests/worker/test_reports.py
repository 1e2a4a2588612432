"""What a worker sends of failures: each kind in full, smaller inputs and new messages too, all others as numbers."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from fuzztui.protocol.caps import MOST_BUCKETS, MOST_BUCKETS_OF_GROUP, MOST_VARIANTS
from fuzztui.protocol.memory import SharedMemory, create
from fuzztui.protocol.messages import Capped, Crashed, Failure, Repeated, Result
from fuzztui.worker import reports as module
from fuzztui.worker.process.executions import Executions
from fuzztui.worker.reports import LONGEST_INTERVAL, NEWS_AT_FIRST, NEWS_SHARE, Reports


class Fails(NamedTuple):
    bucket: str = "b"
    text: str = ""
    group: str = "g"

    def message(self) -> str:
        return self.text

    def describe(self, *, detailed: bool = False) -> Failure:
        return Failure("E", self.text, "", [], self.bucket, self.group)


class FakeClock:
    now = 0.0

    def seconds(self) -> float:
        return self.now


@pytest.fixture
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Clock", FakeClock())


@pytest.fixture
def sent() -> list[Result]:
    return []


@pytest.fixture
def reports(sent: list[Result]) -> Iterator[Reports]:
    memory = SharedMemory(create(1000), 1000)
    yield Reports(sent.append, Executions(memory))
    memory.close()


def in_full(sent: list[Result]) -> list[tuple[str, bytes]]:
    return [(result.failure.message, result.data) for result in sent if isinstance(result, Crashed)]


def hits(reports: Reports, sent: list[Result]) -> int:
    """All failures that were told of."""
    reports.send_repeats()
    counted = sum(sum(result.hits.values()) for result in sent if isinstance(result, Repeated))
    counted += sum(result.hits for result in sent if isinstance(result, Capped))
    return len(in_full(sent)) + counted


def test_a_failure_is_sent_in_full_once(reports: Reports, sent: list[Result]) -> None:
    for number in range(5000):
        reports.crash(Fails(text=f"index {number}"), b"input")
    assert in_full(sent) == [("index 0", b"input")]
    assert hits(reports, sent) == 5000


def test_repeats_of_many_failures_go_in_few_messages(reports: Reports, sent: list[Result]) -> None:
    for number in range(50_000):
        reports.crash(Fails(bucket=f"{number % 500}", group=f"{number % 500}"), b"input")
    assert hits(reports, sent) == 50_000
    assert len(in_full(sent)) == 500
    assert sum(isinstance(result, Repeated) for result in sent) < 700


def test_another_message_is_sent_in_full(reports: Reports, sent: list[Result]) -> None:
    for number in range(5000):
        reports.crash(Fails(text="rare" if number % 100 == 99 else "often"), b"input")
    assert in_full(sent) == [("often", b"input"), ("rare", b"input")]
    assert hits(reports, sent) == 5000


def test_a_smaller_input_is_sent_in_full_when_it_comes(reports: Reports, sent: list[Result]) -> None:
    for size in (100, 200, 99, 50, 60, 49, 20, 19, 20, 0, 0):
        reports.crash(Fails(), b"x" * size)
    assert [len(data) for _, data in in_full(sent)] == [100, 50, 20, 19, 0]  # byte by byte where they are small
    assert hits(reports, sent) == 11


@pytest.mark.usefixtures("still_clock")  # so that there is time for all of them
def test_inputs_that_shrink_byte_by_byte_are_no_flood(reports: Reports, sent: list[Result]) -> None:
    for size in range(100_000, 0, -1):
        reports.crash(Fails(), b"x" * size)
    assert len(in_full(sent)) < 300
    assert in_full(sent)[-1] == ("", b"x")
    assert hits(reports, sent) == 100_000


def test_random_messages_are_no_flood(reports: Reports, sent: list[Result]) -> None:
    words = [chr(0x4E00 + number) for number in range(20_000)]
    for number, word in enumerate(words):
        reports.crash(Fails(text=word), b"x" * (100_000 - number))
    variants = {message for message, _ in in_full(sent)}
    assert len(variants) == MOST_VARIANTS
    assert hits(reports, sent) == len(words)


def test_few_messages_are_looked_at_where_they_say_nothing_new(reports: Reports) -> None:
    looks = 0

    class Looks(Fails):
        def message(self) -> str:
            nonlocal looks
            looks += 1
            return "the same"

    for _ in range(100_000):
        reports.crash(Looks(), b"input")
    assert looks < 20 + 100_000 / LONGEST_INTERVAL


def test_failures_beyond_the_caps_are_counted(reports: Reports, sent: list[Result]) -> None:
    for number in range(2 * MOST_BUCKETS_OF_GROUP):
        reports.crash(Fails(bucket=f"{number}"), b"input")
    assert len(in_full(sent)) == MOST_BUCKETS_OF_GROUP
    assert hits(reports, sent) == 2 * MOST_BUCKETS_OF_GROUP
    for number in range(2 * MOST_BUCKETS):
        reports.crash(Fails(bucket=f"more {number}", group=f"{number}"), b"input")
    assert len(in_full(sent)) == MOST_BUCKETS
    assert hits(reports, sent) == 2 * MOST_BUCKETS_OF_GROUP + 2 * MOST_BUCKETS
    assert sum(result.hits for result in sent if isinstance(result, Capped)) == hits(reports, sent) - MOST_BUCKETS


def test_an_input_of_the_coordinators_is_answered_in_full_in_any_case(reports: Reports, sent: list[Result]) -> None:
    for number in range(MOST_BUCKETS_OF_GROUP + 1):
        reports.crash(Fails(bucket=f"{number}"), b"input")
    for number in (0, MOST_BUCKETS_OF_GROUP, 0):
        reports.crash(Fails(bucket=f"{number}"), b"input", index=7)
    answers = [result.failure.bucket for result in sent if isinstance(result, Crashed) and result.index == 7]
    assert answers == ["0", str(MOST_BUCKETS_OF_GROUP), "0"]


def test_smaller_inputs_of_known_failures_are_described_in_a_small_part_of_the_time(
    monkeypatch: pytest.MonkeyPatch, sent: list[Result]
) -> None:
    class Slow(Fails):
        def describe(self, *, detailed: bool = False) -> Failure:
            clock.now += 2 * NEWS_AT_FIRST
            return super().describe(detailed=detailed)

    clock = FakeClock()
    monkeypatch.setattr(module, "Clock", clock)
    memory = SharedMemory(create(1000), 1000)
    reports = Reports(sent.append, Executions(memory))
    for size in (900, 700, 500, 300):
        reports.crash(Slow(), b"x" * size)
    assert [len(data) for _, data in in_full(sent)] == [900, 700], "the first is no news, the second takes all there is"
    reports.crash(Slow("other"), b"x")
    assert [len(data) for _, data in in_full(sent)] == [900, 700, 1], "what is not known is always described"
    clock.now += 2 * NEWS_AT_FIRST / NEWS_SHARE
    reports.crash(Slow(), b"x" * 300)
    assert [len(data) for _, data in in_full(sent)] == [900, 700, 1, 300], "what was left comes when there is time"
    assert hits(reports, sent) == 6
    memory.close()
