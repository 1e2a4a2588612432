"""Looking for the commit since which a crasher fails, as a job beside all else."""

from collections.abc import Callable
from itertools import count

from fuzztui.engine.keep.record import FirstBad
from fuzztui.engine.show.text import Visible, label, say
from fuzztui.outside.bisect import Question, first_bad_commit
from fuzztui.outside.processes import Processes
from fuzztui.screens.errands import Answered, Errand, Tell

Search = Callable[[Question, Tell, Processes], FirstBad]
"""Finds the commit, see `first_bad_commit`."""


class Bisecting(Errand):
    """The search that is under way, if there is one."""

    begins = label("asks git")

    def __init__(self, search: Search = first_bad_commit) -> None:
        super().__init__()
        self._look = search

    def start(self, crasher: str, question: Question, told: Callable[[], None], answered: Answered) -> None:
        """Search for a crasher, as `begin` says."""

        def work(tell: Tell, processes: Processes) -> Visible:
            numbers = count(1)
            return self._look(question, lambda line: tell(say("{}. {}", next(numbers), line)), processes).sentence

        self.begin(crasher, work, told, answered)
