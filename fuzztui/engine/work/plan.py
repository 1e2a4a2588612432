"""Makes the jobs of a run's task, in the order in which they are asked."""

from typing import assert_never

from fuzztui.engine.keep.corpus import LONGEST, longest_file
from fuzztui.engine.keep.seeds import is_archive, longest_seed
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.task import (
    Chosen,
    ExportCorpus,
    Fuzz,
    ImportCorpus,
    Inspect,
    MeasureCoverage,
    MinimizeCorpus,
    MinimizeInput,
    RegressionTest,
    Replay,
    Revisit,
    Task,
)
from fuzztui.engine.work import distill, exporting, replay, shrink
from fuzztui.engine.work.arriving import Arriving
from fuzztui.engine.work.baseline import Baseline
from fuzztui.engine.work.comparing import Comparing
from fuzztui.engine.work.confirming import Confirming
from fuzztui.engine.work.from_others import FromOthers
from fuzztui.engine.work.fuzzing import Fuzzing
from fuzztui.engine.work.intake import Intake
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.measuring import MeasuringBeside, MeasuringCorpus
from fuzztui.engine.work.minimizing import MinimizingCrashers
from fuzztui.engine.work.rechecking import Rechecking
from fuzztui.engine.work.revisiting import Revisiting
from fuzztui.engine.work.search import Search
from fuzztui.engine.work.suspects import Suspects


def jobs(search: Search) -> list[Job]:
    """The jobs of a run. Suspects come first in each: a worker that follows a dead one begins with them. Where crashers
    are recorded they are run again next, all of them on code that was loaded anew, then new ones.
    """
    account = Account(search.options.limit.executions)
    task = search.options.task
    beside = _has_helper(search.options)
    suspects = Suspects(account, search, wants_output=isinstance(task, Replay | RegressionTest))
    match task:
        case Fuzz():
            baseline = Baseline(account, search, suspects)
            return [
                suspects,
                Rechecking(account, search, suspects),
                Confirming(account, search, beside=beside),
                Intake(account, search, suspects),
                Arriving(account, search, suspects, baseline),
                *([FromOthers(account, search, suspects, baseline)] if search.options.share is not None else []),
                baseline,
                MinimizingCrashers(account, search, suspects, beside=beside),
                Comparing(account, search, suspects),
                MeasuringBeside(account, search, suspects),
                Fuzzing(account, search, suspects),
            ]
        case Replay():
            return [suspects, replay.Replay(account, search, suspects, replay.named(task))]
        case RegressionTest(only):
            inputs = replay.seeds_and_stored(search) if only is None else replay.chosen(only)
            return [suspects, replay.Replay(account, search, suspects, inputs)]
        case MinimizeCorpus():
            return [suspects, Confirming(account, search), distill.Minimizing(account, search, suspects)]
        case ImportCorpus():
            importing = distill.Importing(account, search, suspects, task.folder)
            return [suspects, Confirming(account, search), importing]
        case ExportCorpus():
            return [suspects, Confirming(account, search), exporting.Exporting(account, search, suspects, task)]
        case MinimizeInput():
            return [suspects, shrink.Shrinking(account, search, suspects, task.name, task.data)]
        case MeasureCoverage():
            return [suspects, Confirming(account, search), MeasuringCorpus(account, search, suspects)]
        case Revisit():
            confirming = Confirming(account, search)
            minimizing = MinimizingCrashers(account, search, suspects)
            return [suspects, confirming, minimizing, Revisiting(account, search, confirming, minimizing, task)]
        case Inspect():
            return []
        case _:
            assert_never(task)


def wants_coverage(task: Task) -> bool:
    """Whether the target is to be instrumented."""
    return not isinstance(task, Replay | RegressionTest | MinimizeInput | Revisit)


def records_crashers(task: Task) -> bool:
    """Whether failures become crashers, with records."""
    return not isinstance(task, Replay | RegressionTest | Inspect)


def stops_on_crash(task: Task) -> bool:
    """Whether a crasher can be what the task looks for, so that it may end the run."""
    return isinstance(task, Fuzz)


def may_skip(task: Task) -> bool:
    """Whether a target that declines to be run is one of the task's results."""
    return isinstance(task, RegressionTest)


def longest_input(options: RunOptions) -> int:
    """Bytes of the longest input that the task itself brings along."""
    match options.task:
        case Replay(inputs) | RegressionTest(Chosen(inputs=inputs)):
            return max((len(data) for _, data in inputs), default=0)
        case MinimizeInput(data=data):
            return len(data)
        case Revisit(crashers):
            return max((len(crasher.data) for crasher in crashers), default=0)
        case ImportCorpus(folder):
            return longest_seed([folder], LONGEST) if is_archive(folder) else longest_file(folder)
        case _:
            return 0


def _has_helper(options: RunOptions) -> bool:
    """Whether a process beside the workers does what helps their search. Not where a run is to be repeatable: then no
    clock may decide what is executed before what.
    """
    is_repeatable = options.seed is not None and options.limit.executions is not None
    return isinstance(options.task, Fuzz) and not is_repeatable
