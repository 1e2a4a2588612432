"""Composes what people are shown: snapshots, and the series and warnings in them."""

from fuzztui.engine import text
from fuzztui.engine.campaign import Campaign
from fuzztui.engine.clock import RateMeter, RunClock
from fuzztui.engine.history import History
from fuzztui.engine.options import RunOptions
from fuzztui.engine.slot import Slot
from fuzztui.engine.snapshot import Outcome, Phase, Snapshot


class Bulletin:
    """Everything about a run that is kept only to be shown."""

    def __init__(self, options: RunOptions, clock: RunClock) -> None:
        """Start with nothing to show."""
        self._options = options
        self._clock = clock
        self._versions = 0
        self._meter = RateMeter()
        self._first_execution: float | None = None
        self._last_new: float | None = None
        self.history = History()
        self.warnings: dict[str, str] = {}
        """The latest sentence on each topic."""

    def note_new_entry(self) -> None:
        """The corpus has grown."""
        self._last_new = self._clock.elapsed()

    def mark(self, label: str) -> None:
        """Mark this moment in the plots."""
        self.history.mark(self._clock.elapsed(), label)

    def measure(self, now: float, executions: int) -> None:
        """Take a reading of the counter of executions at the monotonic time `now`."""
        self._meter.add(now, executions)
        if self._first_execution is None and executions:
            self._first_execution = self._clock.elapsed()

    def forget_rate(self) -> None:
        """Workers were held or let go: a rate over both times would be true of neither."""
        self._meter.clear()

    def sample(self, executions: int, campaign: Campaign) -> None:
        """Add a point to the plots."""
        self.history.sample(self._clock.elapsed(), executions, len(campaign.coverage), len(campaign.corpus))

    def compose(
        self,
        *,
        phase: Phase,
        paused: bool,
        stop_on_crash: bool,
        campaign: Campaign,
        slots: list[Slot],
        outcome: Outcome | None,
    ) -> Snapshot:
        """The run at this moment."""
        self._versions += 1
        elapsed = self._clock.elapsed()
        started = self._first_execution
        executions = sum(slot.executions for slot in slots)
        baseline = (campaign.baseline_done, campaign.baseline_total)
        return Snapshot(
            version=self._versions,
            target_id=text.one_line(self._options.target_id, 300),
            phase=Phase.PAUSED if paused and phase in (Phase.BASELINE, Phase.FUZZING) else phase,
            elapsed=elapsed,
            time_limit=self._options.limit.seconds,
            execution_limit=self._options.limit.executions,
            stop_on_crash=stop_on_crash,
            baseline_done=campaign.baseline_done,
            baseline_total=campaign.baseline_total,
            executions=executions,
            rate=self._meter.rate,
            average_rate=executions / (elapsed - started) if started is not None and elapsed > started else None,
            edges=len(campaign.coverage),
            edges_total=campaign.coverage.probes,
            corpus=len(campaign.corpus),
            corpus_new=campaign.corpus.new,
            last_new=elapsed - self._last_new if self._last_new is not None else None,
            workers=tuple(slot.row(run_paused=paused, baseline=baseline) for slot in slots),
            crashers=tuple(campaign.crashers.crashers),
            hits=campaign.crashers.hits,
            recent=self.history.recent,
            history=self.history.whole,
            markers=self.history.markers,
            warnings=tuple(self.warnings.values()),
            yields=campaign.harvest.yields,
            outcome=outcome,
        )
