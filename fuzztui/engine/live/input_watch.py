"""Watches the folders of the corpus while a run goes on, and has looked into them when something has changed."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.keep.watcher import Watcher
from fuzztui.engine.show.text import Visible
from fuzztui.engine.work.arriving import Arriving

QUIET: Final = 0.3
"""Seconds without a further change after which a folder is looked into: whoever writes a file has done so by then."""

LONGEST: Final = 2.0
"""Seconds after which it is in any case: another fuzzer may write all the time. Half a file that is read then is read
again when the other half has come."""


class InputWatch:
    """All methods are called on the run's loop."""

    def __init__(self, arriving: Arriving, tell: Callable[[str, Visible], None], wake: Callable[[], None]) -> None:
        """`tell` is told a sentence on a topic; `wake` is called when there may be something to run."""
        self._arriving = arriving
        self._loop = asyncio.get_running_loop()
        self._wake = wake
        self._watcher = Watcher(self._hint, lambda sentence: tell("watching", sentence))
        self._folders = {name: folder for folder in arriving.folders for name in _names(folder)}
        """By each of its names."""
        self._changed: dict[Folder, set[str] | None] = {}
        """Names of files that may have changed; None where any may have."""
        self._since = 0.0
        """When the first of these changes was heard of, on the loop's clock."""
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """The run has read what is there."""
        self._watcher.watch(self._folders)

    def _hint(self, paths: frozenset[str] | None) -> None:
        if not self._note(paths):
            return
        now = self._loop.time()
        if self._timer is None:
            self._since = now
        else:
            self._timer.cancel()
        delay = max(0.0, min(QUIET, self._since + LONGEST - now))
        self._timer = self._loop.call_later(delay, self._look)

    def _note(self, paths: frozenset[str] | None) -> bool:
        """Remember what may have changed; whether it is of interest."""
        if paths is None:
            self._changed = dict.fromkeys(self._arriving.folders)
            return True
        is_of_interest = False
        for path in paths:
            parent, name = os.path.split(path)
            folder = self._folders.get(parent)
            if folder is None or name.startswith("."):
                continue
            is_of_interest = True
            changed = self._changed.setdefault(folder, set())
            if changed is not None:
                changed.add(name)
        return is_of_interest

    def _look(self) -> None:
        self._timer = None
        changed, self._changed = self._changed, {}
        for folder, files in changed.items():
            self._arriving.look(folder, files)
        self._wake()

    def close(self) -> None:
        """The run is over."""
        if self._timer is not None:
            self._timer.cancel()
        self._watcher.close()


def _names(folder: Folder) -> set[str]:
    """With and without links."""
    return {str(folder), os.path.realpath(Path(folder))}
