"""Finds of which something is covered that no other execution has covered are counted, whoever tells in which order."""

import random

from fuzztui.engine.work.rarity import Rarity


def test_find_is_single_until_all_that_was_new_of_it_is_met_again() -> None:
    rarity = Rarity()
    rarity.found({"m": [1, 2]}, {"m": [0, 1, 2]})
    rarity.found({"m": [3]}, {"m": [0, 3]})
    assert rarity.singles == 2
    rarity.met_again({"m": [1, 0]})
    assert rarity.singles == 2
    rarity.met_again({"m": [2]})
    rarity.met_again({"m": [2]})
    assert rarity.singles == 1


def test_find_that_covers_what_another_had_found_makes_that_common() -> None:
    rarity = Rarity()
    rarity.found({"m": [1]}, {"m": [1]})
    rarity.found({"m": [2]}, {"m": [1, 2]})
    assert rarity.singles == 1
    rarity.found({}, {"m": [2]})
    assert rarity.singles == 0


def test_workers_are_told_only_what_is_single_still() -> None:
    rarity = Rarity()
    rarity.found({"m": [1], "n": [4]}, {"m": [1], "n": [4]})
    position = len(rarity)
    rarity.met_again({"m": [1]})
    assert rarity.since(0) == {"n": [4]}
    rarity.found({"m": [7]}, {"m": [7]})
    assert rarity.since(position) == {"m": [7]}


def test_counts_agree_with_a_plain_count_of_every_execution() -> None:
    rng = random.Random(8)
    for _ in range(50):
        rarity, times, finds = Rarity(), dict[int, int](), list[set[int]]()
        for _ in range(60):
            covered = {edge for edge in range(12) if rng.random() < 0.5**edge}
            new = {edge for edge in covered if edge not in times}
            for edge in covered:
                times[edge] = times.get(edge, 0) + 1
            if new:
                finds.append(new)
                rarity.found({"m": sorted(new)}, {"m": sorted(covered)})
            else:
                rarity.met_again({"m": sorted(covered)})
            assert rarity.singles == sum(any(times[edge] == 1 for edge in find) for find in finds)
