"""Who gets how many workers: everybody soon, who finds most the most, nobody nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from fuzztui.engine.campaign.allotment import LEAST_WEIGHT, InTurn, Sharing, Standing

STEP = 0.05


@dataclass
class Target:
    """Finds edges as it is told to: for so many seconds of a worker, so many a second."""

    speed: Callable[[float], float] = lambda worked: 0.0
    loading: float = 0.2
    executing: float = 0.0
    """Seconds at work before its first input has been executed."""
    is_able: bool = True
    is_ending: bool = False
    worked: float = 0.0
    edges: float = 100.0
    places: int = 0
    turns_lost: int = 0
    """Workers that were taken away before they were at work."""
    ready_at: list[float] = field(default_factory=list)
    first_at: float | None = None

    def allot(self, places: int, now: float) -> None:
        while len(self.ready_at) > places:
            self.turns_lost += self.ready_at.pop() > now
        while len(self.ready_at) < places:
            self.ready_at.append(now + self.loading)
        self.places = places

    def ready(self, now: float) -> int:
        return sum(at <= now for at in self.ready_at)

    def work(self, now: float) -> None:
        ready = self.ready(now)
        if ready and self.first_at is None:
            self.first_at = now
        self.edges += self.speed(self.worked) * ready * STEP
        self.worked += ready * STEP

    def standing(self, now: float) -> Standing:
        has_executed = self.worked > self.executing
        return Standing(int(self.edges), self.ready(now), has_executed, self.is_able, self.is_ending)


def simulate(sharing: Sharing, targets: Sequence[Target], seconds: float, began: float = 0.0) -> float:
    """Returns when it ended, and sees to it that there are never more workers than there may be."""
    now = began
    while now < began + seconds:
        wanted = sharing.allot(now, [target.standing(now) for target in targets])
        for target, places in zip(targets, wanted, strict=True):
            target.allot(places, now)
            target.work(now)
        now += STEP
    return now


@pytest.mark.parametrize(("places", "most"), [(1, 30.0), (2, 20.0), (8, 10.0)])
def test_75_targets_have_all_had_a_worker_soon(places: int, most: float) -> None:
    targets = [Target(loading=0.2) for _ in range(75)]
    simulate(Sharing(75, places), targets, most)
    assert None not in [target.first_at for target in targets]


def test_nobody_leaves_its_first_turn_without_an_execution_however_slow_the_machine_is() -> None:
    targets = [Target(loading=2.0, executing=1.0) for _ in range(30)]
    most = 30 * (2.0 + 1.0 + 3 * STEP) / 2
    simulate(Sharing(30, 2), targets, most)
    assert [target.worked for target in targets if target.worked <= target.executing] == []


def test_nobody_loses_its_turn_to_a_slow_one_that_has_come_to_work() -> None:
    targets = [Target(loading=5.0 + number % 7) for number in range(20)]
    simulate(Sharing(20, 2), targets, 100.0)
    assert [target.turns_lost for target in targets] == [0] * 20
    assert all(target.worked for target in targets)


def test_a_first_input_that_hangs_keeps_nobody_else_from_a_first_turn() -> None:
    targets = [*(Target(executing=1000.0) for _ in range(2)), *(Target() for _ in range(4))]
    simulate(Sharing(6, 2), targets, 10.0)
    assert all(target.worked for target in targets)


def test_who_still_finds_edges_gets_the_most_and_the_others_are_not_forgotten() -> None:
    finder = Target(speed=lambda worked: 20.0)
    plateaus = [Target(speed=lambda worked: 50.0 if worked < 2 else 0.0) for _ in range(5)]
    targets = [*plateaus, finder]
    simulate(Sharing(6, 2), targets, 300.0)
    total = sum(target.worked for target in targets)
    assert finder.worked > total * 0.35
    fair = total / len(targets)
    assert all(target.worked > fair * LEAST_WEIGHT / 2 for target in plateaus)


def test_a_target_that_begins_to_find_again_gets_more_again() -> None:
    late = Target(speed=lambda worked: 30.0 if worked > 20 else 0.0)
    early = Target(speed=lambda worked: 30.0 if worked < 40 else 0.0)
    sharing = Sharing(2, 1)
    now = simulate(sharing, [early, late], 100.0)
    before = late.worked
    simulate(sharing, [early, late], 200.0, now)
    assert late.worked - before > 120


def test_with_a_place_for_each_nobody_is_without_one() -> None:
    targets = [Target(speed=lambda worked: 100.0), Target(), Target()]
    sharing, now = Sharing(3, 8), 0.0
    for _ in range(2000):
        wanted = sharing.allot(now, [target.standing(now) for target in targets])
        assert min(wanted) >= 1
        assert sum(wanted) <= 8
        for target, places in zip(targets, wanted, strict=True):
            target.allot(places, now)
            target.work(now)
        now += STEP
    assert targets[0].worked > targets[1].worked + targets[2].worked


def test_one_target_that_is_left_gets_all_places() -> None:
    targets = [Target(is_able=False), Target()]
    assert Sharing(2, 4).allot(0.0, [target.standing(0.0) for target in targets]) == [0, 4]


def test_a_target_that_loads_for_long_keeps_no_other_from_its_turn() -> None:
    hanging = [Target(loading=1000.0) for _ in range(2)]
    others = [Target() for _ in range(4)]
    simulate(Sharing(6, 2), [*hanging, *others], 20.0)
    assert all(target.worked for target in others)


def test_a_slow_loader_is_not_moved_before_it_has_worked_for_long_enough() -> None:
    slow, quick = Target(loading=4.0), Target()
    sharing = Sharing(2, 1)
    now = simulate(sharing, [slow, quick], 20.0)
    loads = 0
    for _ in range(4000):
        wanted = sharing.allot(now, [slow.standing(now), quick.standing(now)])
        loads += bool(wanted[0] and not slow.places)
        slow.allot(wanted[0], now)
        quick.allot(wanted[1], now)
        slow.work(now)
        quick.work(now)
        now += STEP
    assert loads <= 200 / (4 + 8 * 4) + 1, "loading costs an eighth of its time at most"


def test_who_is_held_for_long_has_no_more_turns_than_others_afterwards() -> None:
    held, other = Target(is_able=False), Target()
    sharing = Sharing(2, 1)
    now = simulate(sharing, [held, other], 120.0)
    held.is_able, before = True, other.worked
    simulate(sharing, [held, other], 30.0, now)
    assert other.worked > before + 5


def test_fewer_places_are_taken_at_once() -> None:
    targets = [Target(), Target()]
    sharing = Sharing(2, 4)
    assert sum(sharing.allot(0.0, [target.standing(0.0) for target in targets])) == 4
    sharing.set_places(1)
    assert sum(sharing.allot(0.1, [target.standing(0.1) for target in targets])) == 1


def test_who_is_about_to_end_keeps_its_workers_and_gets_no_more() -> None:
    targets = [Target(), Target()]
    sharing = Sharing(2, 2)
    assert sharing.allot(0.0, [target.standing(0.0) for target in targets]) == [1, 1]
    targets[0].is_able, targets[0].is_ending = False, True
    assert sharing.allot(0.1, [target.standing(0.1) for target in targets]) == [1, 1]
    targets[0].is_ending = False
    assert sharing.allot(0.2, [target.standing(0.2) for target in targets]) == [0, 2]


def test_in_turn_each_has_all_places_until_it_is_over() -> None:
    turn = InTurn(3, 2)
    able = Standing(0, 1, has_executed=True, is_able=True)
    over = Standing(0, 0, has_executed=True, is_able=False)
    ending = Standing(0, 1, has_executed=True, is_able=False, is_ending=True)
    assert turn.allot(0.0, [able, able, able]) == [2, 0, 0]
    assert turn.allot(1.0, [ending, able, able]) == [2, 0, 0]
    assert turn.allot(2.0, [over, able, able]) == [0, 2, 0]
    assert turn.allot(3.0, [over, over, over]) == [0, 0, 0]
