"""Has the code under test loaded anew while a run goes on: notices that it has changed, and replaces all workers.

1. Files that workers have loaded are watched, and compared by content: what was only touched has not changed.
2. A process beside the workers loads what is there now. If it cannot, the workers go on with what they have, and people
   are told why. Otherwise every worker's process ends, and when none is left others are started: no two versions are
   ever at work.
3. The baseline begins anew, and every crasher is run again. When both are over people are told what came of it.

Data that lies beside the code is not loaded by us, so nobody knows which process has read it when. That it has changed
is told; what to make of that is for people.

An end of the run that is decided meanwhile ends all of this at whatever point it is: nothing here waits for more than a
process that has been asked to end.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from fuzztui.engine.crew.replacing import Replacing
from fuzztui.engine.crew.scout import Scouted
from fuzztui.engine.crew.versions import changed_digests, folders_of
from fuzztui.engine.keep.data_files import data_in, data_of
from fuzztui.engine.keep.disk import Disk
from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.keep.watcher import Watcher
from fuzztui.engine.request.options import RunOptions, Watching
from fuzztui.engine.running.run_state import RunState
from fuzztui.engine.show.events import CodeChanged, Reloaded, ReloadFailed
from fuzztui.engine.show.reload import Reloading, ReloadStage
from fuzztui.engine.show.text import NOTHING, Visible, joined, one_line, say
from fuzztui.engine.work.board import Board
from fuzztui.engine.work.rechecking import Rechecking
from fuzztui.engine.work.search import Search
from fuzztui.protocol.framing import ProtocolError
from fuzztui.target.values import named

QUIET: Final = 0.3
"""Seconds without a further change after which what has changed is loaded by itself: a checkout, or an editor that
saves several files, is over by then."""

LONGEST_QUIET: Final = 2.0
"""The same for what could not be loaded several times in a row: a target may write code of its own as it fails."""

PATIENCE: Final = 3.0
"""Seconds that the disk is waited for: for crashers which are being stored, so that they are run again too, and for
what the code is at this moment.
"""

MOST_NAMED: Final = 3
"""Data files that a sentence names."""

CODE_SUFFIXES: Final = (".py", ".so", ".pyc", ".pyd")


class Host(Protocol):
    """The run, as far as it is concerned."""

    def emit(self, event: CodeChanged | ReloadFailed | Reloaded) -> None:
        """Tell front ends of something rare."""

    def warn(self, topic: str, message: Visible) -> None:
        """Tell people something once."""

    def advanced(self) -> None:
        """The run may be in another phase."""

    def switched(self) -> None:
        """Other code is run from now on."""

    def publish(self) -> object:
        """Show people how things stand."""


class Reloader:
    """All methods are called on the run's loop."""

    def __init__(
        self,
        options: RunOptions,
        workers: Replacing,
        board: Board,
        search: Search,
        state: RunState,
        disk: Disk,
        host: Host,
        elapsed: Callable[[], float],
    ) -> None:
        """`disk`: where crashers are being stored; `elapsed`: seconds of the run."""
        self._options = options
        self._workers = workers
        self._board = board
        self._search = search
        self._state = state
        self._disk = disk
        self._host = host
        self._elapsed = elapsed
        self._rechecking = next((job for job in board.jobs if isinstance(job, Rechecking)), None)
        self._reader = Disk("looks at the code")
        self._watcher: Watcher | None = None
        self._watched = 0
        """Files that were known when the watcher was last told."""
        self._names: set[str] = set()
        """Paths of what is watched, with and without links."""
        self._extra: set[str] = set()
        """Folders of files that only code which could not be loaded has loaded."""
        self._data: dict[str, bytes] = {}
        """Data files beside the code, with what they were when the code was loaded."""
        self._looked_into: set[str] = set()
        """Folders of which these are."""
        self._differing: dict[str, bytes] = {}
        """Files that are not what the run executes, with what they are."""
        self._tried: dict[str, bytes] | None = None
        """What these were when the code could not be loaded; None if it could, or something else has changed since."""
        self._failures = 0
        """Times in a row that the same files could not be loaded."""
        self._is_comparing = False
        self._is_stale = False
        """Whether something may have changed since the comparison under way began."""
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_wanted_again = False
        """Whether somebody has asked for another reload while one was under way."""
        self._is_told = True
        """Whether what came of the last reload has been told."""
        self.shown = Reloading(by_itself=options.watching is Watching.RELOAD)

    @property
    def is_possible(self) -> bool:
        """Whether this run can load code anew at all: it fuzzes."""
        return self._rechecking is not None

    @property
    def _is_watching(self) -> bool:
        return self.is_possible and self._options.watching >= Watching.CODE

    # What changes -----------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """To be called now and then: watch what has been loaded since."""
        if not self._is_watching or self._state.is_stopping or len(self._workers.versions) == self._watched:
            return
        self._watch()

    def _watch(self) -> None:
        self._watched = len(self._workers.versions)
        if self._watcher is None:
            self._watcher = Watcher(self._hint, lambda sentence: self._host.warn("watching", sentence))
        wanted = self._workers.versions.wanted()
        self._names = {*wanted, *map(os.path.realpath, wanted)}
        folders = folders_of(wanted) | self._extra
        self._watcher.watch(folders)
        new = folders - self._looked_into
        self._looked_into |= new
        if new:
            self._reader.do(lambda: data_in(new), lambda found: self._data.update(found))

    def _hint(self, paths: frozenset[str] | None) -> None:
        """Files may have changed."""
        self._compare_data(paths)
        is_code = paths is not None and any(path.endswith(CODE_SUFFIXES) for path in paths)
        if self._tried is not None and is_code:
            self._tried = None  # what could not be loaded may have lacked another file
            self._compare()
        elif paths is None or not self._names.isdisjoint(paths):
            self._compare()

    def _compare_data(self, paths: frozenset[str] | None) -> None:
        """Tell of data beside the code that has another content now."""
        before = {path: self._data[path] for path in (self._data if paths is None else paths) if path in self._data}
        if before and not self._state.is_stopping:
            self._reader.do(lambda: data_of(before), lambda now: self._tell_of_data(before, now))

    def _tell_of_data(self, before: dict[str, bytes], now: dict[str, bytes]) -> None:
        if changed := [path for path, digest in before.items() if now.get(path) != digest]:
            self._data.update(now)
            names = joined(", ", [one_line(shown_path(Path(path)), 300) for path in changed[:MOST_NAMED]])
            more = say(" and {:,} more", len(changed) - MOST_NAMED) if len(changed) > MOST_NAMED else NOTHING
            sentence = say(
                "{}{} beside the code {} changed: a process that has read it goes on with what it was; a reload (R) "
                "has all of them read it anew",
                names,
                more,
                "has" if len(changed) == 1 else "have",
            )
            self._host.warn("data", sentence)

    def _compare(self) -> None:
        """Look which files differ from what the run executes."""
        self._is_stale = True
        if self._is_comparing or self._state.is_stopping:
            return
        self._is_comparing, self._is_stale = True, False
        wanted = self._workers.versions.wanted()
        versions = self._workers.versions

        def take(differing: dict[str, bytes]) -> None:
            self._is_comparing = False
            if self._is_stale or versions is not self._workers.versions:
                self._compare()
                return
            self._take(differing)

        self._reader.do(lambda: changed_digests(wanted), take)

    async def _compare_now(self) -> None:
        """Know what differs at this moment, unless the disk does not answer: what cannot be loaded is not tried again
        before that has changed.
        """
        compared = asyncio.Event()
        wanted = self._workers.versions.wanted() if self._is_watching else {}

        def take(differing: dict[str, bytes]) -> None:
            self._take(differing)
            compared.set()

        self._reader.do(lambda: changed_digests(wanted), take)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(compared.wait(), PATIENCE)

    def _take(self, differing: dict[str, bytes]) -> None:
        before, self._differing = self._differing, differing
        if differing != before:
            self._failures = 0  # somebody edits
            self._show(failure=NOTHING)
        if list(before) != list(differing):
            files = tuple(one_line(shown_path(Path(path)), 300) for path in differing)
            self._show(changed=files)
            self._host.emit(CodeChanged(self._elapsed(), files))
        if self._task is None and self.shown.by_itself and differing and differing != self._tried:
            self._reload_soon()

    def _reload_soon(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        delay = min(LONGEST_QUIET, QUIET * 2**self._failures)
        self._timer = asyncio.get_running_loop().call_later(delay, self.reload)

    # Loading it -------------------------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Load what is there now, whether or not anything is known to have changed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self.is_possible or self._state.is_stopping or not self._search.parameters:
            return
        if self._task is not None:
            self._is_wanted_again = True
            return
        self._task = asyncio.create_task(self._reload(), name="reload")
        self._workers.wait_for(self._task)

    def nobody_works(self) -> bool:
        """Every worker waits for code that is not there any more; whether what is there is loaded, now or when that has
        changed.
        """
        if not self._is_watching:
            return False
        if self._task is None and self._timer is None and (self._tried is None or self._differing != self._tried):
            self.reload()
        return True

    async def _reload(self) -> None:
        try:
            await self._load()
        finally:
            self._task = None
            self._show(stage=ReloadStage.NONE if self._is_told else ReloadStage.RECHECKING)
        is_wanted_again, self._is_wanted_again = self._is_wanted_again, False
        self._compare()
        if is_wanted_again:
            self.reload()
        self.tell()

    async def _load(self) -> None:
        await self._compare_now()
        self._show(stage=ReloadStage.LOADING, failure=NOTHING)
        before = self._differing
        scouted = await self._workers.look_ahead()
        if scouted is None or self._state.is_stopping:
            return
        if problem := scouted.problem or self._misfit(scouted):
            self._refuse(problem, before, scouted)
            return
        self._show(stage=ReloadStage.REPLACING)
        await self._workers.replace_all(scouted, self._settle, lambda: self._switch(scouted))

    async def _settle(self) -> None:
        """What the last of the old processes have reported is being stored: wait until it is told of."""
        await self._disk.idle(PATIENCE)

    def _misfit(self, scouted: Scouted) -> Visible:
        """Why the run cannot go on with a target that can be loaded; empty if it can."""
        old = self._search.parameters
        if scouted.parameters != old:
            kinds = [
                joined(", ", [one_line(name, 100) for name in named(names)]) for names in (scouted.parameters, old)
            ]
            return say(
                "{} takes ({}) now, and the inputs of this run are for ({}): undo that to go on here, or end this run "
                "and start another, which says what to do with the stored ones",
                one_line(self._options.target.id, 300),
                *kinds,
            )
        try:
            for seed in scouted.seeds:
                self._search.check_input(seed)
        except ProtocolError as error:
            return say("the target declares {}", error)
        return NOTHING

    def _refuse(self, why: Visible, differing: dict[str, bytes], scouted: Scouted) -> None:
        """The workers go on with what they have loaded."""
        self._tried = differing
        self._failures += 1
        if self._is_watching:
            self._extra = folders_of(scouted.loaded.files)
            self._watch()
        self._show(failure=why)
        self._host.emit(ReloadFailed(self._elapsed(), why))

    def _switch(self, scouted: Scouted) -> None:
        """No process is left, and those that come load what was scouted."""
        self._tried, self._differing, self._extra, self._failures = None, {}, set(), 0
        self._data, self._looked_into = {}, set()
        self._search.reload(list(scouted.seeds))
        self._board.reload()
        self._is_told = False
        self._show(changed=(), counts=None, reloads=self.shown.reloads + 1)
        self._host.switched()
        if self._is_watching:
            self._watch()
        self._host.advanced()

    # What came of it --------------------------------------------------------------------------------------------------

    def tell(self) -> None:
        """Tell what has become of the crashers, if that is known by now."""
        rechecking = self._rechecking
        if self._is_told or self._task is not None or rechecking is None:
            return
        is_baseline_over = all(job.is_done for job in self._board.jobs if job.comes_first)
        is_over = rechecking.is_done and (is_baseline_over or self._state.is_stopping)
        if is_over and not self._search.crashers.is_awaited:
            self._is_told = True
            counts = rechecking.counts()
            self._show(stage=ReloadStage.NONE, counts=counts, told_at=self._elapsed())
            self._host.emit(Reloaded(self._elapsed(), counts, tuple(self._search.crashers.crashers)))

    def _show(self, **changes: object) -> None:
        shown = replace(self.shown, **changes)  # type: ignore[arg-type]
        if shown != self.shown:
            self.shown = shown
            self._host.publish()

    def close(self) -> None:
        """The run is over."""
        if self._timer is not None:
            self._timer.cancel()
        if self._watcher is not None:
            self._watcher.close()
        self._reader.close()
