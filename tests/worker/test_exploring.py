"""When there is time for what brings a program further without covering anything new."""

from fuzztui.protocol.memory import EXECUTIONS
from fuzztui.worker.guidance.exploring import BARREN, EARLY, LEAST_EAGER, WALKING_SHARE, eagerness
from tests.worker.world import inhabited


def test_in_the_midst_of_finds_little_is_explored_and_more_the_longer_there_is_none() -> None:
    assert eagerness(EARLY, 0) == LEAST_EAGER
    assert LEAST_EAGER < eagerness(EARLY, BARREN // 2) < eagerness(EARLY, BARREN) == eagerness(EARLY, 10 * BARREN) == 1


def test_at_first_all_is_looked_at() -> None:
    assert eagerness(EARLY - 1, 0) == 1


def test_a_find_is_what_makes_it_wait_again() -> None:
    with inhabited("def fuzz(data):\n    return data\n") as world:
        exploring = world.executor()._guidance.exploring
        walking = []
        for found in (EARLY, EARLY, EARLY + 1, EARLY + 1):
            exploring.begin_call(1.0, found)
            walking.append(exploring._walking)
            world.memory.words[EXECUTIONS] += BARREN
        assert walking == [WALKING_SHARE * LEAST_EAGER, WALKING_SHARE] * 2
