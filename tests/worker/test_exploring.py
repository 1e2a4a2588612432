"""When there is time for what brings a program further without covering anything new."""

from types import SimpleNamespace
from typing import cast

import pytest

from fuzztui.protocol.memory import EXECUTIONS
from fuzztui.protocol.messages import Done
from fuzztui.worker.guidance.eagerness import (
    BARREN,
    EARLY,
    FLOOD,
    FRESH,
    LEAST_EAGER,
    LEAST_FRESH,
    LEAST_OF_MANY,
    LEAST_OF_SAME,
    LEFT,
    LEISURE,
    PAIRS,
    PATIENCE,
    SAME,
    STALE,
    STATES,
    Eagerness,
)
from fuzztui.worker.guidance.exploring import EXPLORED, LONG, LONGER, PURSUING_SHARE, WALKING_SHARE
from fuzztui.worker.guidance.following import FEW
from fuzztui.worker.guidance.input_to_state import CANDIDATES_PER_ENTRY, STRUCTURAL_PER_ENTRY
from fuzztui.worker.guidance.leads import LEAST_PROMISING, REMEMBERED
from fuzztui.worker.mutate.whole import Plain
from fuzztui.worker.process.clock import Timer
from tests.worker.world import inhabited, without_provider

SLOW = """
import time
def fuzz(data):
    end = time.process_time() + 0.01
    while time.process_time() < end:
        pass
"""

STEPS = """
def fuzz(data):
    if data[:1] < b"m":
        data[1:].startswith(b"first")
    else:
        data[1:].startswith(b"second")
    if data[1:2] < b"m":
        return data[2:].startswith(b"third")
    return data[2:].startswith(b"fourth")
"""
"""Each of whose branches a mutation takes, together with each other one."""


def eagerness(found: int, barren: int) -> float:
    """After so many finds, so many executions after the last."""
    search = Eagerness()
    search.count(found, 0, 0)
    search.count(found, 0, barren)
    return search.value


def test_in_the_midst_of_finds_little_is_explored_and_more_the_longer_there_is_none() -> None:
    assert eagerness(EARLY, 0) == LEAST_EAGER
    assert LEAST_EAGER < eagerness(EARLY, BARREN // 2) < eagerness(EARLY, BARREN) == eagerness(EARLY, 10 * BARREN) == 1


def test_at_first_all_is_looked_at() -> None:
    assert eagerness(EARLY - 1, 0) == 1


def test_what_has_long_been_in_vain_has_less_time_again() -> None:
    for found in (0, EARLY):
        search = Eagerness()
        search.count(found, 0, 0)
        assert not search.count(found, 0, STALE)
        assert search.value == 1
        assert search.count(found, 0, PATIENCE + 1), "states are learned anew"
        assert not search.count(found, 0, PATIENCE + 1 + 2 * STALE)
        assert search.value == 0.5


def test_what_has_long_been_in_vain_stays_so_when_states_are_learned_anew() -> None:
    search = Eagerness()
    search.count(EARLY, 0, 0)
    assert not search.count(EARLY, 0, FRESH)
    assert search.freshness == 1
    assert not search.count(EARLY, 0, 2 * FRESH)
    assert search.freshness == 0.5
    assert search.count(EARLY, 0, 8 * FRESH), "states are learned anew"
    assert search.freshness == 0.125
    search.skip(3, 0, 4 * FRESH)
    assert not search.count(EARLY + 3, 0, 14 * FRESH), "four of these were another search's"
    assert search.freshness == 0.1
    search.count(EARLY + 3, 0, 1000 * FRESH)
    assert search.freshness == LEAST_FRESH
    search.count(EARLY + 4, 0, 1000 * FRESH + 1)
    assert search.freshness == 1


def test_looking_further_has_less_time_where_only_more_of_the_same_has_been_found_for_long() -> None:
    search = Eagerness()
    search.count(EARLY - 1, 9, 0)
    for found, reached, executions, recency in (
        (EARLY, 9, SAME, 1),
        (EARLY + 1, 9, 2 * SAME, 0.5),
        (EARLY + 2, 9, 1000 * SAME, LEAST_OF_SAME),
        (EARLY + 3, 10, 1000 * SAME + 1, 1),
    ):
        search.count(found, reached, executions - 1)
        search.count(found + 1, reached, executions)
        assert search.recency == pytest.approx(recency, rel=1e-4)
        most = search.recency * search.value
        assert search.looking == search.walking == most
    search.skip(7, 7, 5 * SAME)
    search.count(EARLY + 11, 17, 1007 * SAME + 1)
    assert search.recency == pytest.approx(0.5, rel=1e-4), "these were another search's"


def test_what_has_long_been_in_vain_has_less_of_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    with inhabited("def fuzz(data):\n    return data\n") as world:
        executor = world.executor()
        parts: list[float] = []
        begin = executor._legs.begin

        def begins(found: int, eagerness: float) -> None:
            parts.append(eagerness)
            begin(found, eagerness)

        monkeypatch.setattr(executor._legs, "begin", begins)
        for _ in range(3):
            world.fuzz(executor, b"entry", 10, seconds=1.0)
        world.memory.words[EXECUTIONS] += 4 * FRESH
        for _ in range(2):
            world.fuzz(executor, b"entry", 10, seconds=1.0)
        assert parts[0] == 1
        assert 0.2 < parts[-1] <= 0.25


def test_finds_are_many_after_the_first_ones_while_mutations_go_on_making_them() -> None:
    search = Eagerness()
    fruitful = []
    for found, executions in ((EARLY // 2, 1000), (EARLY, 2000), (EARLY + 9, 3000), (EARLY + 20, 4000)):
        search.count(found, 0, executions)
        fruitful.append(search.is_fruitful)
    assert fruitful == [False, True, False, True], "a small program has no more than the first ones"
    search.count(EARLY + 20, 0, 5000)
    fruitful.append(search.is_fruitful)
    search.skip(EARLY, 0, 1000)
    search.count(2 * EARLY + 60, 0, 7000)
    fruitful.append(search.is_fruitful)
    assert fruitful[4:] == [False, True], "what another search has found is no matter"


def test_of_turns_that_find_more_than_can_be_looked_into_most_are_hurried() -> None:
    search, found, executions = Eagerness(), 0, 0
    hurried: list[list[bool]] = []
    for rate, turns in ((0.02, 20), (0.02, 4 * LEISURE), (0.001, LEISURE), (0.02, 2 * LEISURE)):
        hurried.append([])
        for _ in range(turns):
            executions += 5_000
            found += int(5_000 * rate)
            search.count(found, 0, executions)
            hurried[-1].append(search.is_hurried)
    assert found > FLOOD + sum(map(len, hurried))
    first, many, few, again = (each.count(True) for each in hurried)
    assert not any(hurried[0][: FLOOD // 100])
    assert first
    assert many == 4 * (LEISURE - 1)
    assert few == 0, "finds are not as many any more"
    assert again == 2 * (LEISURE - 1)


def test_no_turn_is_hurried_while_there_are_as_many_as_finds() -> None:
    search = Eagerness()
    for number in range(2 * FLOOD):
        search.count(number, 0, 50 * number)
        assert not search.is_hurried
    search.skip(2 * FLOOD, 0, 1000)
    search.count(4 * FLOOD + 50, 0, 101 * FLOOD)
    assert not search.is_hurried, "what another search has found is no matter"


def test_what_a_hurried_turn_leaves_out_is_done_in_a_later_one() -> None:
    with without_provider(), inhabited("def fuzz(data):\n    return data == b'some'\n") as world:
        executor = world.executor()
        guidance = executor._guidance
        guidance.exploring.speculation.extend(((b"%d" % number,) for number in range(10_000)), (b"",))
        looked_into = []
        for turn in range(2 * LEISURE):
            world.memory.words[EXECUTIONS] += 10_000
            executor._discoveries.found += 2 * FLOOD
            *_, done = world.fuzz(executor, b"entry", 400, trace=turn == 0)
            assert isinstance(done, Done)
            looked_into.append("comparisons" in done.yields)
            assert guidance.is_due((b"entry",)) == (not any(looked_into))
        assert looked_into == [(1 + turn) % LEISURE == 0 for turn in range(2 * LEISURE)]


def test_the_more_states_come_without_a_find_the_less_it_is_looked_for_more() -> None:
    search = Eagerness()
    looking, walking = [], []
    for number in range(20 * PAIRS + 2):
        looking.append(search.looking)
        walking.append(search.walking)
        search.note_state()
        if number % 2:
            search.note_pair()
    assert looking[: STATES + 1] == [1.0] * (STATES + 1)
    assert looking[2 * STATES] == 0.5
    assert walking[: 2 * PAIRS + 1] == [1.0] * (2 * PAIRS + 1)
    assert walking[4 * PAIRS] == 0.5
    assert looking[-1] == walking[-1] == LEAST_OF_MANY


def test_states_that_lead_to_finds_are_worth_having() -> None:
    search = Eagerness()
    for _ in range(4 * STATES):
        search.note_state()
    assert search.is_swamped
    assert search.looking == 0.25
    search.count(1, 0, 0)
    assert search.looking == 0.25 / LEFT
    search.count(11, 0, 0)
    assert search.looking == 1
    assert not search.is_swamped


def test_where_states_are_ever_so_many_hardly_any_is_gone_on_from() -> None:
    with inhabited("def fuzz(data):\n    return data\n") as world:
        executor = world.executor()
        exploring = executor._guidance.exploring
        tried = []
        for _ in range(2):
            exploring.begin_call(1.0, 0, 0)
            exploring.speculation.extend(((bytes((number,)),) for number in range(256)), (b"",))
            exploring._progress.keep((b"further",))
            mutate = exploring.beside(lambda value: b"other" if value else value, (b"",), executor._mutator, raw=True)
            tried.append(sum(bool(mutate(b"")) for _ in range(320)))
            for _ in range(STATES + 1):
                exploring.eagerness.note_state()
        usual, swamped = tried
        assert usual > 2.5 * swamped > 0


def test_it_is_counted_how_many_states_come() -> None:
    with inhabited(STEPS) as world:
        executor = world.executor()
        exploring = executor._guidance.exploring
        for _ in range(EXPLORED):
            exploring.begin_call(3600.0, 0, 0)
            exploring.explore((b"entry",), executor._mutator, 1000)
        assert exploring._progress.entries
        assert exploring.eagerness._states >= len(exploring._progress.entries)
        assert exploring._paths.entries
        assert exploring.eagerness._pairs >= len(exploring._paths.entries)


def test_a_walk_that_takes_too_long_has_others_wait() -> None:
    with inhabited(SLOW) as world:
        executor = world.executor()
        exploring = executor._guidance.exploring
        walks = []
        for _ in range(8):
            exploring.begin_call(0.02, 0, 0)
            walks.append(bool(exploring.explore((b"",), executor._mutator, 1000)))
        assert walks[0]
        assert walks.count(True) < 4


def test_what_follows_from_inputs_has_its_part_of_the_time_that_the_call_before_took() -> None:
    pursuing = []
    for took in (0.0, 0.5):
        with inhabited("def fuzz(data):\n    return data\n") as world:
            guidance = world.executor()._guidance
            guidance.begin_call(0.02, 0, 0)
            guidance._call = cast("Timer", SimpleNamespace(seconds=took))
            guidance.settle(0)
            guidance.exploring._pursuing = 0.0
            guidance.begin_call(0.02, 0, 0)
            pursuing.append(guidance.exploring._pursuing)
    assert pursuing == [PURSUING_SHARE * 0.02, PURSUING_SHARE * 0.5]


def test_what_hardly_ever_leads_further_has_little_more_time_after_a_long_call() -> None:
    with inhabited("def fuzz(data):\n    return data\n") as world:
        exploring = world.executor()._guidance.exploring
        exploring.begin_call(0.02, 0, 0)
        for _ in range(REMEMBERED):
            exploring._leads.note(is_further=False)
        exploring._pursuing = 0.0
        exploring.begin_call(0.02, 0, 0, 0.52)
        assert exploring._pursuing == pytest.approx(PURSUING_SHARE * (0.02 + 0.5 * LEAST_PROMISING))


def test_mutations_are_looked_at_after_one_call_that_took_as_long_as_many() -> None:
    looked = []
    for took in (0.0, 0.02 * EXPLORED):
        with inhabited(STEPS) as world:
            executor = world.executor()
            exploring = executor._guidance.exploring
            exploring.begin_call(0.02, 0, 0, took)
            exploring._walking = 0.0
            exploring._looking = 3600.0
            looked.append(exploring.explore((b"entry",), executor._mutator, 1000))
    assert looked[0] == 0
    assert looked[1] > 0


def test_what_has_long_been_in_vain_is_tried_less_often() -> None:
    with inhabited("def fuzz(data):\n    return data\n") as world:
        executor = world.executor()
        exploring = executor._guidance.exploring
        tried = []
        for _ in range(3):
            exploring.begin_call(1.0, 0, 0)
            exploring.speculation.extend(((bytes((number,)),) for number in range(256)), (b"",))
            mutate = exploring.beside(lambda value: value, (b"",), executor._mutator, raw=True)
            for _ in range(80):
                mutate(b"")
            tried.append(exploring.take_speculated())
            world.memory.words[EXECUTIONS] += STALE + 1
        first, anew, stale = tried
        assert min(first, anew) > 1.5 * stale > 0


def test_what_may_lead_somewhere_is_tried_less_often_where_mutations_find_much() -> None:
    with inhabited("def fuzz(data):\n    return data\n") as world:
        executor = world.executor()
        exploring = executor._guidance.exploring
        tried = []
        for found, executions in ((0, 0), (EARLY, 1000), (EARLY, 1000)):
            world.memory.words[EXECUTIONS] += executions
            exploring.begin_call(1.0, found, 0)
            exploring.speculation.extend(((bytes((number,)),) for number in range(256)), (b"",))
            mutate = exploring.beside(lambda value: value, (b"",), executor._mutator, raw=True)
            for _ in range(400):
                mutate(b"")
            tried.append(exploring.take_speculated())
        assert tried[1] * 2 < tried[0]
        assert tried[1] * 2 < tried[2]


def test_short_entries_leave_far_longer_inputs_that_have_come_further_to_long_ones() -> None:
    with inhabited("def fuzz(data):\n    return data\n") as world:
        executor = world.executor()
        exploring = executor._guidance.exploring
        exploring.begin_call(1.0, 0, 0)
        for kept in (exploring._progress, exploring._paths):
            kept.keep((b"f" * LONG,))
            kept.keep((b"l" * LONGER * LONG,))
        begun: list[set[bytes]] = []
        for entry in (b"e", b"e" * LONG, b"e" * (LONG - 1)):
            mutate = exploring.beside(lambda value: value, (entry,), executor._mutator, raw=True)
            begun.append({mutate(entry)[:1] for _ in range(500)} & {b"f", b"l"})
        assert begun == [{b"f"}, {b"f", b"l"}, {b"f"}]


def test_what_may_lead_somewhere_is_looked_at_for_what_it_covers_together() -> None:
    with inhabited("def fuzz(data):\n    return data\n") as world:
        executor = world.executor()
        exploring = executor._guidance.exploring
        exploring.begin_call(3600.0, 0, 0)
        exploring.speculation.extend([(b"%d" % number,) for number in range(10)], (b"",))
        exploring.explore((b"",), executor._mutator, 1000)
        assert not exploring.speculation


def test_after_long_without_a_find_all_states_are_learned_anew() -> None:
    with inhabited("def fuzz(data):\n    return data == b'some'\n") as world:
        guidance = world.executor()._guidance
        entry = (b"entry",)
        due = []
        for _ in range(6):
            guidance.begin_call(1.0, 0, 0)
            due.append(guidance.is_due(entry))
            guidance.trace(entry, 100, 1.0)
            assert not guidance.is_due(entry)
            world.memory.words[EXECUTIONS] += PATIENCE + 1
        assert due == [False, True, False, True, False, False], "twice as long after each time"


def test_a_find_is_what_makes_it_wait_again() -> None:
    with inhabited("def fuzz(data):\n    return data\n") as world:
        exploring = world.executor()._guidance.exploring
        walking = []
        for found in (EARLY, EARLY, EARLY + 1, EARLY + 1):
            exploring.begin_call(1.0, found, 0)
            walking.append(exploring._walking)
            world.memory.words[EXECUTIONS] += BARREN
        assert walking == [WALKING_SHARE * LEAST_EAGER, WALKING_SHARE] * 2


def test_what_entries_suggest_is_tried_in_half_of_what_leads_further() -> None:
    with inhabited("def fuzz(data):\n    return data\n") as world:
        executor = world.executor()
        exploring = executor._guidance.exploring
        exploring.begin_call(1.0, 0, 0)
        parts = []
        for is_in_leg in (True, False):
            exploring.of_entries.extend(((b"entry",) for _ in range(2000)), (b"",))
            exploring.speculation.extend(((b"state",) for _ in range(2000)), (b"",))
            mutator = executor._mutator
            mutate = exploring.beside(lambda value: value, (b"",), mutator, raw=True, is_in_leg=is_in_leg)
            made = [mutate(b"") for _ in range(400)]
            parts.append((made.count(b"entry"), made.count(b"state")))
        (of_entries, of_states), (seldom, _) = parts
        assert 150 < of_entries < 250
        assert 100 < of_states < 200
        assert 20 < seldom < 100


def test_what_an_entry_suggests_waits_apart_from_what_follows_from_states() -> None:
    with inhabited('def fuzz(data):\n    return data.decode().split(";")[0] in {"one": 1, "two": 2}\n') as world:
        executor = world.executor()
        exploring = executor._guidance.exploring
        assert not exploring.of_entries
        world.fuzz(executor, b"key;value", 100, trace=True)
        assert exploring.of_entries


def test_letters_in_runs_follow_from_entries_and_from_what_has_come_further() -> None:
    rows = """
def fuzz(data):
    for row in data.decode("latin-1").split("/"):
        total = sum(int(sign) if sign in "123" else 1 for sign in row if sign in "123KQ")
        if total != 3:
            return
"""
    with inhabited(rows) as world:
        executor = world.executor()
        exploring = executor._guidance.exploring
        world.fuzz(executor, b"3/3", 1, trace=True)
        wanted = (b"3/1K1",)
        assert wanted in iter(exploring.of_entries.take, None)
        while exploring.speculation.take():
            pass
        exploring._follow(Plain((b"3/3",)), [("!=", 3, 3)], FEW)
        assert wanted in iter(exploring.speculation.take, None)


def test_an_entry_suggests_hundreds_of_inputs_with_other_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    with inhabited("def fuzz(data):\n    return data\n") as world:
        executor = world.executor()
        exploring = executor._guidance.exploring
        made = [(b"%020d" % number,) for number in range(10_000)]
        monkeypatch.setattr(exploring.following, "structural", lambda *_: iter(made))
        world.fuzz(executor, bytes(20), 1, trace=True)
        suggested = [each for each in iter(exploring.of_entries.take, None) if each in made]
    assert len(suggested) == STRUCTURAL_PER_ENTRY > 2 * CANDIDATES_PER_ENTRY


def test_what_loops_more_often_has_been_found_but_has_reached_nothing() -> None:
    with inhabited(
        "def fuzz(data):\n    for _ in data:\n        pass\n    if data[:1] == b'x':\n        return 1\n"
    ) as world:
        executor = world.executor()
        discoveries = executor._discoveries
        counts = []
        for data in (b"a", b"a" * 9, b"a" * 200, b"x"):
            runner = executor._runner
            executor._seen.restore()
            runner.run((data,), data)
            discoveries.take(data, data, 0)
            counts.append((discoveries.found, discoveries.reached))
        assert counts == [(1, 1), (2, 1), (3, 1), (4, 2)]


def test_a_call_of_no_time_counts_as_one_however_long_the_one_before_was() -> None:
    with inhabited("def fuzz(data):\n    return data\n") as world:
        exploring = world.executor()._guidance.exploring
        exploring.begin_call(0.0, 0, 0, 1.0)
        assert exploring._calls == 1
