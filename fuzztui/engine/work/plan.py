"""Makes the jobs of a run's task, in the order in which they are asked."""

from typing import assert_never

from fuzztui.engine.keep.corpus import longest_file
from fuzztui.engine.options import RunOptions
from fuzztui.engine.task import Fuzz, ImportCorpus, MinimizeCorpus, RegressionTest, Replay, Task
from fuzztui.engine.work import distill, replay
from fuzztui.engine.work.baseline import Baseline
from fuzztui.engine.work.fuzzing import Fuzzing
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.search import Search
from fuzztui.engine.work.suspects import Suspects


def jobs(search: Search) -> list[Job]:
    """The jobs of a run. Suspects come first in each: a worker that follows a dead one begins with them."""
    account = Account(search.options.limit.executions)
    task = search.options.task
    suspects = Suspects(account, search.listener, wants_output=isinstance(task, Replay | RegressionTest))
    match task:
        case Fuzz():
            return [suspects, Baseline(account, search, suspects), Fuzzing(account, search, suspects)]
        case Replay():
            return [suspects, replay.Replay(account, search, suspects, replay.given(task.inputs))]
        case RegressionTest():
            return [suspects, replay.Replay(account, search, suspects, replay.seeds_and_stored(search))]
        case MinimizeCorpus():
            return [suspects, distill.Minimizing(account, search, suspects)]
        case ImportCorpus():
            return [suspects, distill.Importing(account, search, suspects, task.folder)]
        case _:
            assert_never(task)


def wants_coverage(task: Task) -> bool:
    """Whether the target is to be instrumented."""
    return not isinstance(task, Replay | RegressionTest)


def stops_on_crash(task: Task) -> bool:
    """Whether a crasher can be what the task looks for, so that it may end the run."""
    return isinstance(task, Fuzz)


def longest_input(options: RunOptions) -> int:
    """Bytes of the longest input that the task itself brings along."""
    match options.task:
        case Replay(inputs):
            return max((len(data) for _, data in inputs), default=0)
        case ImportCorpus(folder):
            return longest_file(folder)
        case _:
            return 0
