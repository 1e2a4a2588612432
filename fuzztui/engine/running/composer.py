"""Composes what people are shown: snapshots, and the series and warnings in them."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from fuzztui.engine.crew.member import Member
from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.running.clock import RateMeter, RunClock
from fuzztui.engine.running.run_state import RunState
from fuzztui.engine.show import text
from fuzztui.engine.show.charts import MarkerKind
from fuzztui.engine.show.diagnosis import Diagnosis
from fuzztui.engine.show.history import History
from fuzztui.engine.show.outcome import Outcome
from fuzztui.engine.show.queue import NO_QUEUE
from fuzztui.engine.show.reload import NO_RELOAD, Reloading
from fuzztui.engine.show.settings import NO_SETTINGS, Settings
from fuzztui.engine.show.sharing import NOT_SHARED, Sharing
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.work.baseline import Baseline
from fuzztui.engine.work.search import Search


class Composer:
    """Everything about a run that is kept only to be shown."""

    def __init__(self, options: RunOptions, clock: RunClock) -> None:
        self._options = options
        self._clock = clock
        self._target_word = text.command(*options.target.command_words)
        self._sharing = Sharing(place=options.share.shown) if options.share is not None else NOT_SHARED
        self._versions = 0
        self._meter = RateMeter()
        self._first_execution: float | None = None
        self._last_new: float | None = None
        self._history = History()
        self._warnings: dict[str, text.Visible] = {}
        """The latest sentence on each topic."""
        self.diagnoses: tuple[Diagnosis, ...] = ()
        self.outcome: Outcome | None = None

    def note_new_entry(self) -> None:
        """The corpus has grown."""
        self._last_new = self._clock.elapsed()

    def mark(self, kind: MarkerKind) -> None:
        """Mark this moment in the plots."""
        self._history.mark(self._clock.elapsed(), kind)

    def note_warning(self, topic: str, message: text.Visible) -> bool:
        """Show a sentence in place of the one before on the same topic; whether it is another one."""
        if self._warnings.get(topic) == message:
            return False
        self._warnings[topic] = message
        return True

    def forget_warning(self, topic: str) -> None:
        """What a sentence on this topic said is not so any more."""
        self._warnings.pop(topic, None)

    def measure(self, now: float, executions: int) -> None:
        """Take a reading of the counter of executions at the monotonic time `now`."""
        self._meter.add(now, executions)
        if self._first_execution is None and executions:
            self._first_execution = self._clock.elapsed()

    def forget_rate(self) -> None:
        """Workers were held or let go: a rate over both times would be true of neither."""
        self._meter.clear()

    def sample(self, executions: int, search: Search) -> None:
        """Add a point to the plots."""
        self._history.sample(self._clock.elapsed(), executions, len(search.coverage), len(search.corpus))

    def compose(
        self,
        state: RunState,
        search: Search | None,
        baseline: Baseline | None,
        members: Iterable[Member],
        helper: Member | None = None,
        loaded_at: float | None = None,
        reloading: Reloading = NO_RELOAD,
        settings: Settings = NO_SETTINGS,
    ) -> Snapshot:
        """The run at this moment; without a search, before it has begun. `loaded_at`, `reloading`: see
        `Snapshot`.
        """
        self._versions += 1
        elapsed = self._clock.elapsed()
        started = self._first_execution
        done, total = (baseline.done, baseline.total) if baseline is not None else (0, 0)
        rows = tuple(
            member.row(
                run_paused=state.is_paused,
                baseline=(done, total),
                found=search.found[member.id] if search is not None else 0,
                hits=search.hits[member.id] if search is not None else 0,
            )
            for member in members
        )
        executions = sum(row.executions for row in rows) + (helper.executions if helper is not None else 0)
        refused = sum(row.refused for row in rows) + (helper.refused if helper is not None else 0)
        return Snapshot(
            version=self._versions,
            target_id=text.one_line(self._options.target.id, 300),
            target_word=self._target_word,
            phase=state.phase,
            is_paused=state.is_paused,
            stop_reason=state.reason,
            elapsed=elapsed,
            time_limit=self._options.limit.seconds,
            execution_limit=self._options.limit.executions,
            stop_on_crash=state.stop_on_crash,
            baseline_done=done,
            baseline_total=total,
            executions=executions,
            refused=refused,
            rate=self._meter.rate,
            average_rate=executions / (elapsed - started) if started is not None and elapsed > started else None,
            edges=len(search.coverage) if search is not None else 0,
            edges_total=search.coverage.probes if search is not None else 0,
            corpus=len(search.corpus) if search is not None else 0,
            corpus_new=search.corpus.new if search is not None else 0,
            last_new=elapsed - self._last_new if self._last_new is not None else None,
            workers=rows,
            helper=helper.helper_row() if helper is not None else None,
            crashers=tuple(search.crashers.crashers) if search is not None else (),
            hits=search.crashers.hits if search is not None else 0,
            recent=self._history.recent,
            history=self._history.whole,
            markers=self._history.markers,
            warnings=tuple(self._warnings.values()),
            yields=search.yields.yields if search is not None else (),
            observed=search.observed.observed if search is not None else (),
            outcome=self.outcome,
            loaded_at=loaded_at,
            reloading=reloading,
            settings=settings,
            modules=search.coverage.imports if search is not None else (),
            favoured=_favoured(search) if search is not None else text.NOTHING,
            diagnoses=self.diagnoses,
            sharing=self._sharing,
            queue=replace(search.schedule.queue, stability=search.stability.share) if search is not None else NO_QUEUE,
        )


def _favoured(search: Search) -> text.Visible:
    """The line that a person favours."""
    spot = search.lines.favoured
    return text.say("{}:{}", shown_path(Path(spot[0])), spot[1]) if spot is not None else text.NOTHING
