"""Sees to it that what a run finds lies on the disk when it ends, and that people are told where that fails."""

import asyncio
from collections.abc import Callable
from typing import Final

from fuzztui.engine.keep.before import longest_before
from fuzztui.engine.keep.corpus import LONGEST, longest_displaced, longest_file
from fuzztui.engine.keep.disk import Disk
from fuzztui.engine.keep.provenance import PATIENCE
from fuzztui.engine.keep.seeds import longest_seed
from fuzztui.engine.keep.storage import prepare_cache_dir
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.text import Visible, joined, os_error, say
from fuzztui.engine.work import plan
from fuzztui.engine.work.search import Search

NOTICEABLE: Final = 1.0
"""Seconds that the end may wait for the disk before people are told why."""

DISK_PATIENCE: Final = 10.0
"""Seconds at the end in which the disk has to store one input: one that takes longer does not answer. While it stores
one input after another, the end waits as long as that takes."""


def longest_input(options: RunOptions) -> int:
    """Bytes of the longest input that a run begins with, that its crashers need before them, or that its task brings
    along. OSError for a folder that cannot be read.
    """
    target = options.target
    records = target.records_dir(options.cache_dir)
    stored = max(map(longest_file, target.stored_dirs))
    before = longest_before((*target.stored_dirs, records))
    given = longest_seed(options.seeds, LONGEST)
    longest = max(stored, longest_displaced(records), before, given, plan.longest_input(options))
    return min(longest, LONGEST)  # of longer ones there is to be a sentence, not memory


def unusable(error: OSError, options: RunOptions) -> Visible:
    """Why a folder cannot be read, and what to do if it is one that need not be this one."""
    is_cached = str(error.filename).startswith(str(options.cache_dir))
    return say("{}. --cache-dir DIR names another folder.", os_error(error)) if is_cached else os_error(error)


class Storing:
    """The folders of a run, from before its beginning to its end."""

    def __init__(self, options: RunOptions, search: Search, disk: Disk, warn: Callable[[str, Visible], None]) -> None:
        """`disk`: where what is found is being stored."""
        self._options = options
        self._search = search
        self._disk = disk
        self._warn = warn

    def prepare(self) -> None:
        """Make the cache, and remove what a run that was killed has left half written."""
        if left := self._search.corpus.tidy():
            self._warn("left", say("cannot be tidied up: {}", joined("; ", left)))
        folder = self._options.cache
        try:
            prepare_cache_dir(folder)
        except OSError as error:
            self._warn(
                "cache",
                say(
                    "{}: what this run finds besides crashers is not kept for the next one. --cache-dir DIR names "
                    "another folder.",
                    os_error(error, error.filename or folder),
                ),
            )

    def look_up_code(self) -> None:
        """Find out which code is run, in the background, for the records of crashers."""
        if plan.records_crashers(self._options.task):
            target = self._options.target
            python = target.command()[0] if isinstance(target, PythonTarget) else ""
            modules = self._search.coverage.modules
            self._search.crashers.provenance.look_up(target.crashers_dir.root, python, modules)

    async def finish(self) -> None:
        """Nothing is found any more: write down what is known of what was, wait until all is stored."""
        crashers = self._search.crashers
        crashers.retry_unsaved()
        self._search.reread_decisions()  # one of the last moment counts for how the run ends
        if crashers.crashers:  # their records name the code: a look at it that is under way is waited for a little
            await asyncio.to_thread(crashers.provenance.wait, PATIENCE)
        crashers.write_records()
        await self.wait()

    async def wait(self) -> None:
        """Wait for the disk. One that does not answer is given up: what it has not taken counts as unsaved."""
        if await self._disk.idle(NOTICEABLE):
            return
        self._warn("disk", say("the disk is slow: {} files are still being written", self._disk.pending))
        if not await self._disk.idle(DISK_PATIENCE):
            self._warn(
                "disk", say("the disk has not answered for {:g} s: what it has not taken is printed", DISK_PATIENCE)
            )
            self._search.crashers.give_up()
