"""Where a search has come to its end another one begins with what people have given, and keeps what is new to all."""

from pathlib import Path

import pytest

from fuzztui.engine.work.ancestry import ancestors
from fuzztui.engine.work.arriving import Arriving
from fuzztui.engine.work.islands import PATIENCE, SHARED, TURNS_EACH
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Fuzz
from tests.engine.work.scripted import KILLED, MODULE, ScriptedWorker, Work, contents, store


def slice_of(worker: ScriptedWorker) -> Fuzz:
    call = worker.ask()
    assert isinstance(call, Fuzz)
    return call


def turns(worker: ScriptedWorker, count: int) -> list[int]:
    """The searches that so many turns belong to."""
    numbers = []
    for _ in range(count):
        numbers.append(slice_of(worker).island)
        worker.done()
    return numbers


def island_of(worker: ScriptedWorker) -> Fuzz:
    """Nothing is found until a turn on an island is begun."""
    assert turns(worker, PATIENCE) == [0] * PATIENCE
    call = slice_of(worker)
    assert call.island
    return call


def after_a_find(work: Work) -> ScriptedWorker:
    """A worker that has found one input beside the seed."""
    worker = work.fuzzing(b"seed")
    slice_of(worker)
    worker.finds(b"new", 0, 7)
    worker.done()
    return worker


def test_a_search_that_finds_nothing_gives_way_to_one_that_begins_with_the_seeds(tmp_path: Path) -> None:
    worker = after_a_find(Work(tmp_path))
    call = island_of(worker)
    assert (call.island, call.entry, call.trace) == (1, b"seed", True)
    assert call.covered == {MODULE: [0]}, "only what its own entries cover"


def test_it_is_waited_for_as_long_as_it_took_to_find_something(tmp_path: Path) -> None:
    worker = Work(tmp_path).fuzzing(b"seed")
    assert not any(turns(worker, PATIENCE - 1))
    slice_of(worker)
    worker.finds(b"new", 0, 7)
    worker.done()
    late = 20
    assert not any(turns(worker, late))
    slice_of(worker)
    worker.finds(b"newer", 0, 8)
    worker.done()
    assert turns(worker, PATIENCE + late + 2) == [0] * (PATIENCE + late + 1) + [1]


def test_entries_that_have_been_loaded_get_their_turns_first(tmp_path: Path) -> None:
    seeds = [b"seed %d" % number for number in range(PATIENCE)]
    worker = Work(tmp_path).fuzzing(*seeds)
    first = TURNS_EACH * len(seeds)
    assert turns(worker, first + 1) == [0] * first + [1]


def test_islands_have_a_third_of_the_turns(tmp_path: Path) -> None:
    worker = Work(tmp_path).fuzzing(b"seed")
    numbers = turns(worker, 12 * PATIENCE)
    assert numbers.count(0) == pytest.approx(8 * PATIENCE, abs=PATIENCE)
    assert numbers.count(1) == numbers.count(2) == numbers.count(3) == PATIENCE, "each until it has found nothing"
    assert numbers.count(0) >= SHARED * (len(numbers) - numbers.count(0)) - SHARED * PATIENCE


def test_what_is_known_to_all_is_an_entry_of_the_island_alone(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = after_a_find(work)
    island_of(worker)
    worker.finds(b"otherwise", 0, 7)
    worker.done()
    assert contents(work.generated) == [b"new"]
    assert work.search.found[0] == 1
    call = slice_of(worker)
    assert (call.island, call.entry) == (1, b"otherwise")
    assert call.covered == {MODULE: [7]}


def test_what_is_new_to_all_is_kept_with_all_that_has_led_to_it(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    slice_of(worker)
    worker.finds(b"new", 0, 7)
    worker.finds(b"other", 0, 8)
    worker.done()
    island_of(worker)
    worker.finds(b"one", 0, 7)
    worker.done()
    assert slice_of(worker).entry == b"one"
    worker.finds(b"two", 0, 7, 8)
    worker.finds(b"aside", 0, 8)
    worker.done()
    assert slice_of(worker).entry == b"two"
    worker.finds(b"three", 0, 9)
    worker.done()
    assert contents(work.generated) == [b"new", b"one", b"other", b"three", b"two"]
    way = ancestors(work.search.lineage, work.search.corpus, b"three")
    assert [each.change for each in way] == [
        "",
        "at 0: b'seed' -> b'one'",
        "at 0: b'one' -> b'two'",
        "at 1: b'wo' -> b'hree'",
    ]


@pytest.mark.parametrize("end", ["failure", "death", "suspicion"])
def test_what_has_led_to_a_crasher_is_kept(tmp_path: Path, end: str) -> None:
    work = Work(tmp_path)
    worker = after_a_find(work)
    island_of(worker)
    worker.finds(b"one", 0, 7)
    worker.done()
    assert slice_of(worker).entry == b"one"
    match end:
        case "failure":
            worker.fails()
        case "death":
            worker.exits()
        case _:
            worker.dies(suspicion=KILLED)
    assert contents(work.generated) == [b"new", b"one"]


def test_a_find_that_is_new_to_all_is_fuzzed_in_the_shared_search_too(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2)
    worker, other = work.fuzzing(b"seed"), work.worker(1)
    island_of(worker)
    worker.finds(b"new", 0, 9)
    worker.done()
    call = slice_of(other)
    assert (call.island, call.entry) == (0, b"new")
    assert call.covered == {MODULE: [0, 9]}


def test_an_island_lasts_as_long_as_it_finds_something(tmp_path: Path) -> None:
    worker = after_a_find(Work(tmp_path))
    island_of(worker)
    worker.done()
    assert set(turns(worker, PATIENCE - 2)) == {1}
    slice_of(worker)
    worker.finds(b"late", 0, 7)
    worker.done()
    assert set(turns(worker, PATIENCE - 1)) == {1}
    slice_of(worker)
    worker.done()
    assert turns(worker, 1) == [0]


def test_a_worker_that_comes_back_is_told_what_all_have_covered_meanwhile(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2)
    worker, other = work.fuzzing(b"seed"), work.worker(1)
    island_of(worker)
    slice_of(other)
    worker.finds(b"new", 0, 9)
    worker.done()
    other.finds(b"newer", 0, 8)
    for _ in range(2 * PATIENCE):
        call = slice_of(worker)
        if not call.island:
            break
        worker.done()
    assert call.island == 0
    assert call.covered == {MODULE: [9, 8]}


def test_half_of_the_workers_may_be_on_islands_at_once(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=3)
    workers = [work.fuzzing(b"seed"), work.worker(1), work.worker(2)]
    numbers: list[int] = []
    for _ in range(PATIENCE):
        numbers = [turns(worker, 1)[0] for worker in workers]
    assert sorted(numbers) == [0, 1, 2]


def test_a_process_that_follows_a_dead_one_goes_on_with_its_island(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = after_a_find(work)
    island_of(worker)
    worker.finds(b"one", 0, 7)
    worker.exits()
    call = slice_of(worker)
    assert (call.island, call.entry) == (1, b"one")
    assert call.covered == {MODULE: [0, 7]}


def test_inputs_that_are_run_in_between_belong_to_the_island(tmp_path: Path) -> None:
    """They are told what is covered there, or the island would know all."""
    work = Work(tmp_path)
    worker = after_a_find(work)
    island_of(worker)
    worker.finds(b"one", 0, 7)
    worker.done()
    slice_of(worker)
    worker.finds(b"two", 0, 8)
    worker.done()
    work.search.coverage.add({MODULE: [9]})
    store(work.stored, b"arrived")
    arriving = work.job(Arriving)
    arriving.look(next(folder for folder in arriving.folders if folder.path == work.stored), None)
    assert worker.ask() == [b"arrived"]
    assert worker.covered == {MODULE: [8]}
    worker.clean(0)
    worker.done()
    call = slice_of(worker)
    assert (call.island, call.covered) == (1, {}), "not what is covered elsewhere"


def test_a_worker_that_leaves_gives_its_island_up(tmp_path: Path) -> None:
    work = Work(tmp_path, workers=2)
    worker = work.fuzzing(b"seed")
    island_of(worker)
    worker.done()
    worker.leaves()
    assert turns(work.worker(1), 1) == [2]


def test_other_code_is_another_program(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    island_of(worker)
    work.reload(worker, seeds=[b"seed"])
    worker.ask()
    worker.clean(0)
    worker.done()
    assert turns(worker, PATIENCE + 1) == [0] * PATIENCE + [2]


def test_an_entry_that_has_been_removed_is_fuzzed_on_no_island(tmp_path: Path) -> None:
    work = Work(tmp_path)
    store(work.stored, b"seed", b"slow")
    worker = work.fuzzing()
    island_of(worker)
    worker.done()
    (slow,) = [entry for entry in work.search.corpus.entries if entry.data == b"slow"]
    work.search.corpus.remove(slow)
    fuzzed = set()
    for _ in range(20):
        fuzzed.add(slice_of(worker).entry)
        worker.done()
    assert fuzzed == {b"seed"}


def test_where_a_person_says_what_is_to_be_looked_at_there_are_no_islands(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    work.search.schedule.focus_on(lambda entry: True)
    assert not any(turns(worker, 3 * PATIENCE))
    work.search.schedule.focus_on(None)
    assert turns(worker, 1) == [1]
    work.search.schedule.favour(work.search.corpus.entries)
    assert turns(worker, 1) == [0]


def test_what_operators_find_on_an_island_is_no_find_of_theirs(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"seed")
    slice_of(worker)
    worker.use(10)
    worker.done({"flip_bit": (10, 1)})
    assert turns(worker, PATIENCE - 1) == [0] * (PATIENCE - 1)
    assert slice_of(worker).island
    worker.use(10)
    worker.done({"flip_bit": (10, 5)})
    assert [(each.tries, each.finds) for each in work.search.yields.yields] == [(10, 1)]
    slice_of(worker)
    with pytest.raises(ProtocolError):
        worker.done({"flip_bit": (10, 11)})


def test_where_nothing_can_be_covered_there_is_nothing_to_begin_anew(tmp_path: Path) -> None:
    work = Work(tmp_path).begin(b"seed")
    worker = work.worker()
    worker.ask()
    worker.clean()
    worker.done()
    assert not any(turns(worker, 3 * PATIENCE))


def test_probes_that_are_single_are_watched_in_the_shared_search(tmp_path: Path) -> None:
    worker = Work(tmp_path).fuzzing(b"seed")
    assert slice_of(worker).single == {}
    worker.finds(b"new", 0, 7)
    worker.done()
    assert slice_of(worker).single == {MODULE: [7]}
    worker.finds(b"newer", 0, 8)
    worker.done()
    call = island_of(worker)
    assert call.single == {}
