"""Each task has its jobs, in the order in which they are asked."""

from pathlib import Path

import pytest

from fuzztui.engine.request import task
from fuzztui.engine.work import plan
from fuzztui.engine.work.arriving import Arriving
from fuzztui.engine.work.baseline import Baseline
from fuzztui.engine.work.comparing import Comparing
from fuzztui.engine.work.confirming import Confirming
from fuzztui.engine.work.distill import Importing, Minimizing
from fuzztui.engine.work.fuzzing import Fuzzing
from fuzztui.engine.work.intake import Intake
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.measuring import MeasuringBeside, MeasuringCorpus
from fuzztui.engine.work.minimizing import MinimizingCrashers
from fuzztui.engine.work.rechecking import Rechecking
from fuzztui.engine.work.replay import Replay
from fuzztui.engine.work.suspects import Suspects
from tests.engine.work.scripted import Work, store

TASKS: list[tuple[task.Task, list[type[Job]]]] = [
    (
        task.FUZZ,
        [
            Suspects,
            Rechecking,
            Confirming,
            Intake,
            Arriving,
            Baseline,
            MinimizingCrashers,
            Comparing,
            MeasuringBeside,
            Fuzzing,
        ],
    ),
    (task.Replay(()), [Suspects, Replay]),
    (task.RegressionTest(), [Suspects, Replay]),
    (task.MinimizeCorpus(), [Suspects, Confirming, Minimizing]),
    (task.ImportCorpus(Path("/")), [Suspects, Confirming, Importing]),
    (task.MeasureCoverage(), [Suspects, Confirming, MeasuringCorpus]),
]


@pytest.mark.parametrize(("given", "jobs"), TASKS)
def test_the_jobs_of_a_task_begin_with_suspects(tmp_path: Path, given: task.Task, jobs: list[type[Job]]) -> None:
    assert [type(job) for job in Work(tmp_path, given, confirms=True).board.jobs] == jobs


@pytest.mark.parametrize(("given", "jobs"), TASKS)
def test_all_jobs_of_a_run_share_its_limit(tmp_path: Path, given: task.Task, jobs: list[type[Job]]) -> None:
    accounts = {id(job.account) for job in Work(tmp_path, given, executions=5, confirms=True).board.jobs}
    assert len(accounts) == 1


def test_coverage_is_wanted_where_it_decides_something() -> None:
    assert [plan.wants_coverage(given) for given, _ in TASKS] == [True, False, False, True, True, True]


def test_only_a_search_ends_at_its_first_crasher() -> None:
    assert [plan.stops_on_crash(given) for given, _ in TASKS] == [True, False, False, False, False, False]


def test_workers_have_room_for_the_longest_input_that_a_task_brings_along(tmp_path: Path) -> None:
    store(tmp_path / "others", b"a", b"abc", b"ab")
    replay = task.Replay((("x", b"1234"), ("y", b"1")))
    assert plan.longest_input(Work(tmp_path, replay).options) == 4
    assert plan.longest_input(Work(tmp_path, task.Replay(())).options) == 0
    assert plan.longest_input(Work(tmp_path, task.ImportCorpus(tmp_path / "others")).options) == 3
    assert plan.longest_input(Work(tmp_path).options) == 0
