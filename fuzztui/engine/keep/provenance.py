"""Which code a session runs: the revision of the repository, and versions of Python and of the packages in use.

Both are looked up in the background, since they may take a second and nothing waits for them: what is not known when a
record is written is added to it later.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from fuzztui.engine.keep.record import MOST_VERSIONS, Revision

PATIENCE: Final = 1.0
"""Seconds that the end of a run waits for what is still being looked up."""

_QUIET: Final = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
"""Settings of a repository by which git would run programs of it."""

_ASK: Final = """\
import sys
from importlib import metadata
print("Python", sys.version.split()[0])
names = set(sys.stdin.read().split())
for module, distributions in sorted(metadata.packages_distributions().items()):
    if module in names:
        for name in sorted(set(distributions)):
            print(name, metadata.version(name))
"""
"""Asked of the workers' interpreter, which need not be ours and need have no fuzztui."""


class Provenance:
    """What is known of the code that a session runs. Fields are set by a thread, once each, and read on the loop."""

    def __init__(self) -> None:
        self.revision: Revision | None = None
        self.versions: Mapping[str, str] = {}
        self.is_known = False
        """Whether both have been looked up, with whatever came of it."""
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        """Held while a program is started, and while all that is given up."""
        self._running: subprocess.Popen[str] | None = None
        self._is_closed = False

    def look_up(self, folder: Path, python: str, modules: Iterable[str]) -> None:
        """Begin to find out. `folder`: of the target's file; `python`: the workers' interpreter, empty for a target
        that is none of Python's; `modules`: names of those that the target has loaded.
        """
        names = sorted({name.partition(".")[0] for name in modules} - sys.stdlib_module_names)

        def find() -> None:
            self.revision = self._revision(folder)
            self.versions = self._versions(python, names) if python else {}
            self.is_known = not self._is_closed

        # A daemon, so that a git that does not answer keeps no process from ending.
        self._thread = threading.Thread(target=find, name="provenance", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Wait until all is known that is being looked up."""
        if self._thread is not None:
            self._thread.join(seconds)

    def close(self) -> None:
        """Give up what is not known yet; no program of ours runs any more."""
        with self._lock:
            self._is_closed = True
            if self._running is not None:
                self._running.kill()
        self.wait(PATIENCE)

    def _revision(self, folder: Path) -> Revision | None:
        """Where the repository around a folder stands; None without a repository, a commit, or git."""
        git = ["git", *_QUIET, "-C", os.fspath(folder)]
        commit = self._answer([*git, "rev-parse", "--verify", "HEAD"]).strip()
        if not commit:
            return None
        return Revision(commit, bool(self._answer([*git, "status", "--porcelain", "--untracked-files=no"]).strip()))

    def _versions(self, python: str, modules: list[str]) -> dict[str, str]:
        lines = self._answer([python, "-P", "-c", _ASK], "\n".join(modules)).splitlines()
        return dict(line.split(" ", 1) for line in lines[:MOST_VERSIONS] if " " in line)

    def _answer(self, command: list[str], told: str = "") -> str:
        """What a program prints; empty where it cannot be run, or fails."""
        pipe = subprocess.PIPE
        with self._lock:
            if self._is_closed:
                return ""
            try:
                self._running = subprocess.Popen(
                    command,
                    stdin=pipe,
                    stdout=pipe,
                    stderr=subprocess.DEVNULL,
                    env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
                    text=True,
                    errors="replace",
                    start_new_session=True,
                )
            except OSError:  # no git here, or no more processes
                return ""
        with self._running as running:
            printed, _ = running.communicate(told)
            return printed if running.returncode == 0 else ""
