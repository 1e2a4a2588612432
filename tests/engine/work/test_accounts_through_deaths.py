"""A run of N executions calls its target N times, whatever becomes of its processes, and no worker is forgotten."""

import random
from pathlib import Path

import pytest

from fuzztui.engine.request import task
from fuzztui.engine.work.baseline import Baseline
from fuzztui.engine.work.board import Renewal
from fuzztui.protocol.messages import Fuzz
from tests.engine.work.scripted import KILLED, ScriptedWorker, Work, store

STEPS = 20_000
"""No run here takes a quarter of it: an engine that is wrong must not keep a test from ending."""


class Crowd:
    """Workers that do whatever processes may do, and ask when the crew would have them ask."""

    def __init__(self, work: Work, chance: random.Random) -> None:
        self.workers = [work.worker(number) for number in range(work.options.workers)]
        self._work = work
        self._chance = chance
        self._here = {worker.id for worker in self.workers}
        self._asleep: set[int] = set()
        """Told that there is nothing for them, until they are woken."""

    def step(self) -> None:
        """Something that happens next."""
        phase = self._work.phase()
        worker = self._chance.choice([self.workers[number] for number in sorted(self._here - self._asleep)])
        if worker.is_busy():
            if self._act(worker):
                self._asleep.clear()
        elif (call := worker.ask()) is Renewal.FRESH_PROCESS:
            worker.renews()
            self._asleep.clear()
        elif call is None and len(self._here) > 1 and self._chance.random() < 0.02:
            worker.leaves()
            self._here.remove(worker.id)
            self._asleep.clear()
        elif call is None:
            self._asleep.add(worker.id)
        if self._work.phase() is not phase:
            self._asleep.clear()

    def _act(self, worker: ScriptedWorker) -> bool:
        """Whether everybody is to ask again."""
        fuzzes = isinstance(worker.call.message, Fuzz)
        left = worker.call.granted - worker.assignment.used(worker.counter)
        match self._chance.choice(("on", "on", "on", "fail", "die", "suspect", "doubt", "innocent", "between", "done")):
            case "done":
                return worker.done()
            case "between":
                worker.fails_by_itself(executing=False)
            case _ if not left:
                return worker.done()
            case "on" if fuzzes:
                worker.use(self._chance.randint(1, left))
            case "on":
                worker.clean(self._chance.randrange(100))
            case "fail":
                worker.fails(f"Error{self._chance.randrange(3)}")
            case "die":
                worker.dies(f"exit status {self._chance.randrange(3)}")
            case "suspect":
                worker.dies(suspicion=KILLED)
            case "doubt":
                worker.fails_while_ended()
            case "innocent":
                worker.fails_by_itself(executing=True)
        return not worker.is_busy()

    @property
    def executions(self) -> int:
        return sum(worker.all_executions for worker in self.workers)

    @property
    def executed(self) -> set[bytes]:
        return {data for worker in self.workers for data in worker.executed}


@pytest.mark.parametrize("seed", range(30))
def test_a_run_of_n_executions_uses_exactly_n(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    limit = chance.randrange(1, 400)
    work = Work(tmp_path, executions=limit, workers=chance.randrange(1, 5))
    inputs = [b"seed %d" % number for number in range(chance.randrange(1, 80))]
    crowd = Crowd(work.begin(*inputs), chance)
    for _ in range(STEPS):
        if work.is_spent():
            break
        crowd.step()
        assert crowd.executions <= limit
    assert work.is_spent()
    assert crowd.executions == limit
    book = work.search.crashers
    assert book.received == book.stored + book.duplicates + book.unsaved
    assert work.job(Baseline).done <= len(inputs)


@pytest.mark.parametrize("seed", range(30))
def test_every_seed_is_judged_once_however_often_its_process_dies(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    inputs = [b"seed %d" % number for number in range(chance.randrange(1, 80))]
    work = Work(tmp_path, workers=3).begin(*inputs)
    crowd = Crowd(work, chance)
    baseline = work.job(Baseline)
    for _ in range(STEPS):
        if baseline.is_done:
            break
        crowd.step()
    assert baseline.done == len(inputs)
    assert crowd.executed == set(inputs)
    failing = work.search.hits.total()
    entries = [work.search.schedule.next() for _ in range(len(inputs) - failing)]
    assert len({entry.data for entry in entries if entry is not None}) == len(inputs) - failing


@pytest.mark.parametrize("seed", range(30))
def test_a_corpus_is_minimized_to_its_end_however_often_processes_die(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    work = Work(tmp_path, task.MinimizeCorpus(), workers=3)
    inputs = [b"%d" % number for number in range(chance.randrange(1, 40))]
    store(work.generated, *inputs)
    crowd = Crowd(work.begin(), chance)
    for _ in range(STEPS):
        if work.is_done():
            break
        crowd.step()
    assert work.is_done()
    assert crowd.executed == {b"", *inputs}
    work.board.close()
    (change,) = work.told.changes
    assert change.kept == len(list(work.generated.iterdir()))


@pytest.mark.parametrize("seed", range(30))
def test_every_input_of_a_replay_has_one_verdict_however_often_processes_die(tmp_path: Path, seed: int) -> None:
    given = tuple((f"file {number}", b"%d" % number) for number in range(20))
    work = Work(tmp_path, task.Replay(given), workers=3).begin()
    crowd = Crowd(work, random.Random(seed))
    for _ in range(STEPS):
        if work.is_done():
            break
        crowd.step()
    assert sorted(result.name for result in work.told.results) == sorted(name for name, _ in given)
