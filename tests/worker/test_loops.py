"""The call that an execution does not leave is told by what returns while somebody looks."""

import sys
from collections.abc import Iterator

import pytest

from fuzztui.protocol.memory import EXECUTIONS, LOOP_DEPTH, STATE, SharedMemory, State, create
from fuzztui.worker.failures.loops import _depth, _Looking


@pytest.fixture
def words() -> Iterator["memoryview[int]"]:
    memory = SharedMemory(create(1000), 1000)
    memory.words[EXECUTIONS], memory.words[STATE] = 1, int(State.RUNNING)
    yield memory.words
    sys.setprofile(None)
    memory.close()


def test_what_has_returned_in_an_earlier_look_is_no_loop_in_a_later_one(words: "memoryview[int]") -> None:
    looking = _Looking(words)

    def callee() -> None:
        looking.begin(sys._getframe())

    def other() -> None:
        callee()

    def hang() -> int:
        callee()
        sys.setprofile(None)  # the first look is over
        found = words[LOOP_DEPTH]
        other()
        sys.setprofile(None)
        return found

    here = _depth(sys._getframe())
    assert hang() == here + 1
    assert words[LOOP_DEPTH] == here + 1

    words[EXECUTIONS] = 2
    other()
    sys.setprofile(None)
    assert words[LOOP_DEPTH] == here, "what returned in another execution tells nothing of this one"


def test_a_process_that_is_killed_in_a_later_look_before_anything_returns_was_in_its_loop(
    words: "memoryview[int]",
) -> None:
    looking = _Looking(words)
    told: list[int] = []

    def look() -> None:
        looking.begin(sys._getframe())
        told.append(words[LOOP_DEPTH])

    def hang() -> None:
        look()
        sys.setprofile(None)
        look()

    here = _depth(sys._getframe())
    hang()
    assert told == [here + 2, here + 1]
