"""What is done for a person beside all else, by processes of its own: one job of a kind at a time, in a thread."""

import signal
import threading
from collections.abc import Callable
from typing import Final, Protocol

from fuzztui.engine.show.text import NOTHING, Visible, label, say
from fuzztui.outside.bisect import CannotBisectError
from fuzztui.outside.processes import Processes, StoppedError
from fuzztui.outside.tryout import CannotTryError

PATIENCE: Final = 10.0
"""Seconds that processes have to end, and again once they are ended by force."""

Tell = Callable[[Visible], None]

Work = Callable[[Tell, Processes], Visible]
"""What is to be done: it is given whom to tell how far it has come, and what its processes are to be run by; returns
what came of it. CannotBisectError or CannotTryError say why nothing did.
"""


class Answered(Protocol):
    """Is told how a job has ended, in the job's thread."""

    def __call__(self, crasher: str, words: Visible, *, is_answer: bool) -> None:
        """`crasher`: its id; `words`: what came of it, or why nothing did; `is_answer`: whether it is the former."""


class Errand:
    """The job that is under way, if there is one."""

    begins = label("begins")

    def __init__(self) -> None:
        self.crasher = ""
        """Whom it is for; empty where nothing is done."""
        self.line = NOTHING
        """What it has come to."""
        self._processes: Processes | None = None
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether something is done."""
        return bool(self.crasher)

    def begin(self, crasher: str, work: Work, told: Callable[[], None], answered: Answered) -> None:
        """Do something for a crasher, where nothing else is done. `told` is called in the job's thread when there is
        something new to show.
        """
        assert not self.is_running, "one at a time"
        self.crasher, self.line = crasher, self.begins
        self._processes = Processes()
        given = (crasher, work, self._processes, told, answered)
        self._thread = threading.Thread(target=self._run, args=given, name="errand")
        self._thread.start()

    def _run(
        self, crasher: str, work: Work, processes: Processes, told: Callable[[], None], answered: Answered
    ) -> None:
        def tell(line: Visible) -> None:
            self.line = line
            told()

        words, is_answer = NOTHING, False
        try:
            words, is_answer = work(tell, processes), True
        except (CannotBisectError, CannotTryError) as error:
            words = error.sentence
        except StoppedError:
            words = label("stopped")
        except Exception as error:  # whatever it is, the dashboard and its run go on
            words = say("it failed: {}: {}", type(error).__name__, error)
        finally:
            self.crasher = ""
            answered(crasher, words, is_answer=is_answer)

    def stop(self) -> None:
        """Have it end: its processes, and all that it has made meanwhile."""
        if self._processes is not None:
            self._processes.stop(signal.SIGTERM)

    def close(self) -> None:
        """Return when nothing is left of it."""
        for _ in range(2):
            self.stop()
            if self._thread is not None:
                self._thread.join(PATIENCE)
