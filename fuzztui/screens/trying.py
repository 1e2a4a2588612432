"""Running the test that was written of a crasher, as a job beside all else, and what came of those that were run."""

from collections.abc import Callable

from fuzztui.engine.show.text import Visible, label
from fuzztui.outside.processes import Processes
from fuzztui.outside.tryout import Test, try_out
from fuzztui.screens.errands import Answered, Errand, Tell


class Trying(Errand):
    """The test that is being run, if there is one, and those that were."""

    begins = label("pytest runs it")

    def __init__(self, run: Callable[[Test, Processes], Visible] = try_out) -> None:
        super().__init__()
        self._try_out = run
        self.tests: dict[str, Test] = {}
        """Tests that were written in this session, by their crashers."""
        self.results: dict[str, Visible] = {}
        """What came of those that were run last, or why they could not be."""

    def start(self, crasher: str, test: Test, answered: Answered) -> None:
        """Run the test of a crasher, as `begin` says."""
        self.tests[crasher] = test
        self.results.pop(crasher, None)

        def work(_tell: Tell, processes: Processes) -> Visible:
            return self._try_out(test, processes)

        def noted(crasher: str, words: Visible, *, is_answer: bool) -> None:
            self.results[crasher] = words
            answered(crasher, words, is_answer=is_answer)

        self.begin(crasher, work, lambda: None, noted)
