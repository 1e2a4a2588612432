"""What people see of a run of several targets as a whole: a row for each, and sums."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from fuzztui.engine.running.run_state import RunState
from fuzztui.engine.show.charts import MarkerKind
from fuzztui.engine.show.history import History
from fuzztui.engine.show.outcome import Outcome
from fuzztui.engine.show.sharing import together
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.target_row import TargetRow, TargetState
from fuzztui.engine.show.text import Visible, say
from fuzztui.engine.show.worker_row import WorkerState

_NO_PROCESS: Final = (WorkerState.AWAY, WorkerState.STOPPED, WorkerState.ENDED)


class Sums:
    """Adds up what the targets of a run show, and keeps the series of the plots."""

    def __init__(self, before: Snapshot, name: Visible, word: Visible) -> None:
        """`before`: of any of its targets, before it begins; `name` and `word` of the run as a whole, see
        `Snapshot.target_id`.
        """
        self._shown = replace(before, version=0, target_id=name, target_word=word, workers=(), warnings=())
        self._history = History()
        self._own_warnings: dict[str, Visible] = {}
        self._crashers = 0

    @property
    def shown(self) -> Snapshot:
        """What was composed last."""
        return self._shown

    def warn(self, topic: str, sentence: Visible) -> None:
        """Show a sentence about the run as a whole."""
        self._own_warnings[topic] = sentence

    def mark(self, elapsed: float, kind: MarkerKind) -> None:
        """Mark this moment in the plots."""
        self._history.mark(elapsed, kind)

    def sample(self, elapsed: float) -> None:
        """Add a point to the plots."""
        shown = self._shown
        self._history.sample(elapsed, shown.executions, shown.edges, shown.corpus)

    def compose(
        self,
        elapsed: float,
        state: RunState,
        parts: Sequence[tuple[TargetRow, Snapshot]],
        *,
        time_limit: float | None,
        loaded_at: float | None,
        outcome: Outcome | None = None,
    ) -> Snapshot:
        """The run at this moment; `parts`: what each target shows, in their order."""
        rows = [row for row, _ in parts]
        shown = [each for _, each in parts]
        workers = [
            worker
            for row, each in parts
            if row.state is not TargetState.NOT_BEGUN
            for worker in each.workers
            if worker.state not in _NO_PROCESS
        ]
        crashers = tuple(crasher for each in shown for crasher in each.crashers)
        if len(crashers) > self._crashers:
            self._history.mark(elapsed, MarkerKind.CRASHER)
            self._crashers = len(crashers)
        rates = [row.rate for row in rows if row.rate is not None]
        ages = [row.last_new for row in rows if row.last_new is not None and row.workers]
        executions = sum(row.executions for row in rows)
        warnings = (*self._own_warnings.values(), *(say("{}: {}", r.id, w) for r, s in parts for w in s.warnings))
        self._shown = replace(
            self._shown,
            version=self._shown.version + 1,
            phase=state.phase,
            is_paused=state.is_paused,
            stop_reason=state.reason,
            elapsed=elapsed,
            time_limit=time_limit,
            execution_limit=None,
            stop_on_crash=state.stop_on_crash,
            baseline_done=sum(row.baseline_done for row in rows),
            baseline_total=sum(row.baseline_total for row in rows),
            executions=executions,
            refused=sum(each.refused for each in shown),
            rate=sum(rates) if rates else None,
            average_rate=executions / (elapsed - loaded_at) if loaded_at is not None and elapsed > loaded_at else None,
            edges=sum(row.edges for row in rows),
            edges_total=sum(row.edges_total for row in rows),
            corpus=sum(row.corpus for row in rows),
            corpus_new=sum(row.corpus_new for row in rows),
            last_new=min(ages, default=None),
            # Each has a number within its target, which says nothing here; neither does what it has found.
            helper=next((each.helper for each in shown if each.helper is not None), None),
            workers=tuple(replace(worker, id=number, found=0) for number, worker in enumerate(workers)),
            crashers=crashers,
            hits=sum(row.hits for row in rows),
            recent=self._history.recent,
            history=self._history.whole,
            markers=self._history.markers,
            warnings=warnings,
            outcome=outcome,
            loaded_at=loaded_at,
            targets=tuple(rows),
            sharing=together(each.sharing for each in shown),
        )
        return self._shown
