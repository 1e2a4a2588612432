"""Runs crashers that earlier sessions left again, or makes them smaller, with what a run has for its own.

This job itself runs nothing: it makes the crashers known, asks the others for what is wanted, and is done when they
are.
"""

from typing import ClassVar

from fuzztui.engine.keep.corpus import MalformedCorpus
from fuzztui.engine.request.task import Revisit
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import Visible, say
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.call import Death, Item, Report
from fuzztui.engine.work.confirming import Confirming
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.minimizing import MinimizingCrashers
from fuzztui.engine.work.search import Search
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode


class Revisiting(Job):
    """Has known crashers run again, or made smaller."""

    state: ClassVar = WorkerState.VALIDATING
    phase: ClassVar = Phase.EXECUTING
    instrumented: ClassVar = False

    def __init__(
        self, account: Account, search: Search, confirming: Confirming, minimizing: MinimizingCrashers, task: Revisit
    ) -> None:
        super().__init__(account)
        self._search = search
        self._confirming = confirming
        self._minimizing = minimizing
        self._task = task

    def begin(self, seeds: list[bytes]) -> None:  # noqa: ARG002 - it is about crashers only
        """MalformedCorpus if the input of one is none of this target's any more."""
        wanted = {*self._task.validate, *self._task.minimize}
        for crasher in self._task.crashers:
            try:
                decode(crasher.data, self._search.parameters)
            except MalformedInput as error:
                if crasher.id in wanted:
                    raise MalformedCorpus(say("{}: {}", crasher.path or crasher.id, error)) from None
            self._search.crashers.recall(crasher)
        for failure_id in self._task.validate:
            self._search.validate(failure_id)
        for failure_id in self._task.minimize:
            self._minimizing.wish(failure_id)

    @property
    def is_done(self) -> bool:
        """Whether the others are."""
        return self._confirming.is_done and self._minimizing.is_done

    def next(self, worker: int, workers: int) -> None:
        """Nothing."""

    def take(self, worker: int, item: Item, report: Report) -> None:
        """Nothing is run for it."""
        raise AssertionError(f"worker {worker} reports {report} of {item}")

    def died(self, worker: int, item: Item | None, death: Death) -> None:
        """Nothing is run for it."""
        raise AssertionError(f"worker {worker} died of {item}: {death}")

    def doubted(self, worker: int, item: Item, suspicion: Visible) -> None:
        """Nothing is run for it."""
        raise AssertionError(f"worker {worker} doubts {item}: {suspicion}")
