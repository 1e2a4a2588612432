"""A run of N executions calls its target N times, whatever becomes of its processes."""

import random
from pathlib import Path

import pytest

from fuzztui.engine.work.baseline import Baseline
from fuzztui.engine.work.board import Renewal
from fuzztui.protocol.messages import Fuzz
from tests.engine.work.scripted import KILLED, ScriptedWorker, Work


def act(worker: ScriptedWorker, chance: random.Random) -> None:
    """Something that a process may do in its call."""
    fuzzes = isinstance(worker.call.message, Fuzz)
    left = worker.call.granted - worker.assignment.used(worker.counter)
    match chance.choice(("on", "on", "on", "fail", "die", "suspect", "doubt", "innocent", "between", "done")):
        case "done":
            worker.done()
        case "between":
            worker.fails_by_itself(executing=False)
        case _ if not left:
            worker.done()
        case "on" if fuzzes:
            worker.use(chance.randint(1, left))
        case "on":
            worker.clean(chance.randrange(100))
        case "fail":
            worker.fails(f"Error{chance.randrange(3)}")
        case "die":
            worker.dies(f"exit status {chance.randrange(3)}")
        case "suspect":
            worker.dies(suspicion=KILLED)
        case "doubt":
            worker.fails_while_ended()
        case "innocent":
            worker.fails_by_itself(executing=True)


@pytest.mark.parametrize("seed", range(60))
def test_exactly_n_executions_are_used_and_every_input_is_judged_once(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    inputs = [b"seed %d" % number for number in range(chance.randrange(1, 80))]
    limit = chance.randrange(1, 400)
    work = Work(tmp_path, executions=limit, workers=chance.randrange(1, 5)).begin(*inputs)
    workers = [work.worker(number) for number in range(work.options.workers)]
    gone: set[int] = set()
    while not work.is_spent():
        worker = chance.choice([worker for worker in workers if worker.id not in gone])
        if worker.assignment.call is not None:
            act(worker, chance)
        elif worker.ask() is Renewal.FRESH_PROCESS:
            worker.renews()
        elif not worker.is_busy() and len(workers) - len(gone) > 1 and chance.random() < 0.02:
            worker.leaves()
            gone.add(worker.id)
        assert sum(worker.all_executions for worker in workers) <= limit
    assert sum(worker.all_executions for worker in workers) == limit
    book = work.search.crashers
    assert book.received == book.stored + book.duplicates + book.unsaved
    assert work.job(Baseline).done <= len(inputs)


@pytest.mark.parametrize("seed", range(30))
def test_every_seed_is_judged_once_however_often_its_process_dies(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    inputs = [b"seed %d" % number for number in range(chance.randrange(1, 80))]
    work = Work(tmp_path, workers=3).begin(*inputs)
    workers = [work.worker(number) for number in range(3)]
    baseline = work.job(Baseline)
    while not baseline.is_done:
        worker = chance.choice(workers)
        if worker.assignment.call is not None:
            act(worker, chance)
        elif worker.ask() is Renewal.FRESH_PROCESS:
            worker.renews()
    assert baseline.done == len(inputs)
    assert {data for worker in workers for data in worker.executed} == set(inputs)
    failing = work.search.hits.total()
    entries = [work.search.schedule.next() for _ in range(len(inputs) - failing)]
    assert len({entry.data for entry in entries if entry is not None}) == len(inputs) - failing
