"""When there is time for what brings a program further without covering anything new."""

from fuzztui.protocol.memory import EXECUTIONS
from fuzztui.worker.guidance.exploring import (
    BARREN,
    EARLY,
    LEAST_EAGER,
    STALE,
    WALKING_SHARE,
    eagerness,
)
from tests.worker.world import inhabited


def test_in_the_midst_of_finds_little_is_explored_and_more_the_longer_there_is_none() -> None:
    assert eagerness(EARLY, 0) == LEAST_EAGER
    assert LEAST_EAGER < eagerness(EARLY, BARREN // 2) < eagerness(EARLY, BARREN) == eagerness(EARLY, 10 * BARREN) == 1


def test_at_first_all_is_looked_at() -> None:
    assert eagerness(EARLY - 1, 0) == 1


def test_what_has_long_been_in_vain_has_less_time_again() -> None:
    for found in (0, EARLY):
        assert eagerness(found, STALE) == 1
        assert eagerness(found, 2 * STALE) == 0.5
        assert eagerness(found, 100 * STALE) == LEAST_EAGER


def test_what_has_long_been_in_vain_is_tried_less_often() -> None:
    with inhabited("def fuzz(data):\n    return data\n") as world:
        executor = world.executor()
        exploring = executor._guidance.exploring
        tried = []
        for _ in range(2):
            exploring.begin_call(1.0, 0)
            exploring.speculation.extend(((bytes((number,)),) for number in range(256)), (b"",))
            mutate = exploring.beside(lambda value: value, executor._mutator, raw=True)
            for _ in range(80):
                mutate(b"")
            tried.append(exploring.take_speculated())
            world.memory.words[EXECUTIONS] += STALE + 1
        assert tried[0] > 1.5 * tried[1] > 0


def test_a_find_is_what_makes_it_wait_again() -> None:
    with inhabited("def fuzz(data):\n    return data\n") as world:
        exploring = world.executor()._guidance.exploring
        walking = []
        for found in (EARLY, EARLY, EARLY + 1, EARLY + 1):
            exploring.begin_call(1.0, found)
            walking.append(exploring._walking)
            world.memory.words[EXECUTIONS] += BARREN
        assert walking == [WALKING_SHARE * LEAST_EAGER, WALKING_SHARE] * 2
