"""Keeps to one version of the code under test: processes that have loaded another one are not put to work."""

import asyncio
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from fuzztui.engine.crew.member import Intent, Member
from fuzztui.engine.crew.stint import Stint
from fuzztui.engine.crew.versions import Loaded, Versions, changed
from fuzztui.engine.crew.workplace import Workplace
from fuzztui.engine.keep.disk import Disk
from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.request.options import Watching
from fuzztui.engine.show import text
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.protocol.messages import Crashed, Result, Source

LOOK_AGAIN: Final = 0.5
"""Seconds between two looks whether files of the code under test are again as they were when the run began."""

CODE_PATIENCE: Final = 10.0
"""Seconds after which a run ends in which every worker waits for that: who has saved half of an edit saves the other
half before."""

MOST_NAMED: Final = 5
"""Changed files that a sentence names; a checkout of another branch changes many."""

_RUN_AGAIN: Final = text.label(
    "Run it again to fuzz what is there now: it begins with the corpus and crashers of this run."
)

TO_GO_ON: Final = {
    Watching.NOTHING: _RUN_AGAIN,
    Watching.INPUTS: _RUN_AGAIN,
    Watching.CODE: text.label("A reload goes on with what is there now."),
    Watching.RELOAD: text.label("What is there now is loaded in a moment."),
}
"""What to do about code that has changed."""


class CurrentCode:
    """Which version of each file a run executes, and what becomes of processes that have loaded another one."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self.versions = Versions()
        self._reader = Disk("compares the code")
        self._stuck_since: float | None = None
        """Since when every member that has not ended waits for another version of the code, on the monotonic clock."""

    def close(self) -> None:
        """The run is over."""
        self._reader.close()

    def switch(self, loaded: Loaded) -> None:
        """No process is left: from now on the run executes what was loaded here."""
        self.versions = Versions()
        self.versions.adopt(loaded)
        self._stuck_since = None

    def adopt(self, stint: Stint) -> None:
        """A process is put to work: it has loaded the run's version of everything."""
        self.versions.adopt(stint.loaded)
        self._tell_of_generated()
        self._stuck_since = None

    def tell_of_restored(self, files: Iterable[str]) -> None:
        """Some of what kept a member from work is again as it was."""
        if restored := self.versions.wanted(files):
            sentence = text.say(
                "{} again what this run began with: workers are replaced again", self._names(restored, "is", "are")
            )
            self._place.supervisor.warn("code", sentence)

    def take_source(self, stint: Stint, source: Source) -> None:
        """The process has loaded a file: its version is compared when the process is ready, or at once if it is."""
        path = os.fsdecode(source.file)
        stint.loaded.add(source, path)
        if not stint.is_ready:
            return
        late = Loaded()
        late.add(source, path)
        if path in stint.loaded.rewritten:
            late.rewritten[path] = None
        elif any(self.versions.differs(path, version) for path, version in late.files.items()):
            self.refuse(stint, [path])
            return
        self.versions.adopt(late)
        self._tell_of_generated()

    def refuse(self, stint: Stint, files: list[str]) -> None:
        """Put a process to no work any more that has loaded another version than the run's."""
        stint.outdated = text.say("{} changed since this run began", self._names(files))
        stint.changed = tuple(dict.fromkeys(files))
        stint.process.refuse(stint.outdated)

    def take_outdated(self, stint: Stint, result: Result) -> None:
        """What another version of the code did says nothing about this run's; but an input that fails it is kept."""
        if isinstance(result, Crashed) and result.index is None:
            self._place.supervisor.keep(result.data, text.say("it failed, but {}", stint.outdated))

    async def examine(self, member: Member, stint: Stint) -> None:
        """Where a process could not load what others could: see whether the files are still the same."""
        if stint.outdated or stint.is_ready or not self._place.has_loaded or stint.process.stop_asked_at is not None:
            return
        if files := await self._changed(member, self.versions.wanted()):
            self.refuse(stint, files)

    async def _changed(self, member: Member, wanted: Mapping[str, bytes]) -> list[str]:
        """Which files are not what they are wanted to be; none where the member is unwanted before that is known."""
        found: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()

        def take(files: list[str]) -> None:
            found.set_result(files)
            self._place.wake(member)

        self._reader.do(lambda: changed(wanted), take)
        while not found.done():
            if not self._place.is_wanted(member):
                return []
            await self._place.change(member)
        return found.result()

    async def until_as_it_was(self, member: Member) -> None:
        """Wait until the files that keep the member from work are again what this run executes, or it is unwanted."""
        while self._place.is_wanted(member):
            await self._place.unless_unwanted(member, LOOK_AGAIN)
            if self._place.is_wanted(member):
                self._end_if_stuck()
            if not await self._changed(member, self.versions.wanted(member.waits_for)):
                return

    def _end_if_stuck(self) -> None:
        """End the run where nobody has worked for a while, since the code has changed."""
        members = self._place.members.values()
        are_waiting = (other.end is not None or other.waits_for or other.is_away for other in members)
        if self._place.state.is_paused or not all(are_waiting):
            self._stuck_since = None
            return
        if self._place.is_replacing or self._place.supervisor.reloads():
            self._stuck_since = None
            return
        now = time.monotonic()
        self._stuck_since = self._stuck_since or now
        if now - self._stuck_since >= CODE_PATIENCE:
            files = [path for other in members for path in other.waits_for]
            detail = text.say(
                "{} changed since this run began, and no worker is left that has loaded the version before. {}",
                self._names(files),
                TO_GO_ON[self._place.options.watching],
            )
            self._place.supervisor.stop(StopReason.CODE_CHANGED, detail)

    def wait_for_code(self, member: Member, stint: Stint) -> tuple[text.Visible, float | WorkerState]:
        """A process was not put to work: the member waits until what has changed is as it was."""
        if self._place.state.is_stopping or member.intent is Intent.STOP:
            return stint.outdated, WorkerState.STOPPED if member.intent is Intent.STOP else WorkerState.ENDED
        if self._place.is_replacing:
            return stint.outdated, 0.0  # what it has loaded is likely what comes next
        member.waits_for = stint.changed
        member.reason = stint.outdated
        if stint.changed:
            sentence = text.say(
                "{}: a worker that is replaced waits until that is as it was, the others go on with what they have "
                "loaded. {}",
                stint.outdated,
                TO_GO_ON[self._place.options.watching],
            )
            self._place.supervisor.warn("code", sentence)
            return stint.outdated, 0.0
        return stint.outdated, self._place.failed(member, stint.outdated)

    def _tell_of_generated(self) -> None:
        if self.versions.generated:
            sentence = text.say(
                "{} not the same in each worker, and what is covered there is compared all the same: it means little",
                self._names(self.versions.generated, "is", "are"),
            )
            self._place.supervisor.warn("generated", sentence)

    def _names(self, files: Iterable[str], one: str = "has", more: str = "have") -> text.Visible:
        """`a.py has`, `a.py, b.py have`, `a.py, b.py, c.py and 7 more have`."""
        names = [text.one_line(shown_path(Path(file)), 300) for file in dict.fromkeys(files)]
        shown = text.joined(", ", names[:MOST_NAMED])
        if len(names) > MOST_NAMED:
            shown = text.say("{} and {} more", shown, len(names) - MOST_NAMED)
        return text.say("{} {}", shown, one if len(names) == 1 else more)
