"""One run executes one version of the code under test: the one that its first worker had loaded when it was ready.

What workers report can only be compared if they execute the same code: coverage is counted by places in the sources,
and failures are told apart by lines. So each process tells the digest of every file that it loads, and one that has
loaded another version than the run's is not put to work.

The other way would have been to keep the first sources and to have later processes execute those. It was not taken:
extension modules, data files and what the code reads of itself would still be those of today, and tracebacks would show
lines that are not the ones that ran. A person who has edited the code wants to be told, not to be spared.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fuzztui.engine.keep.storage import read_file
from fuzztui.protocol.digest import digest_of
from fuzztui.protocol.messages import Source

MOST_FILES: Final = 20_000
"""Files whose version is kept: more than any program has; a worker that lies is not to fill the memory."""

LONGEST_FILE: Final = 1 << 28
"""Bytes of a file that is compared with what was loaded; a longer one has changed."""


@dataclass(frozen=True, slots=True)
class Version:
    """One file's content, as a process has loaded it."""

    digest: bytes
    is_fresh: bool
    """Whether the file had been written since the process began."""

    def agrees(self, other: "Version") -> bool:
        """Whether both may be at work in one run.

        Files that differ may if both had been written since the processes that loaded them began: then it is the
        target that writes them, and each process has its own.
        """
        return self.digest == other.digest or (self.is_fresh and other.is_fresh)


class Loaded:
    """What one process has loaded."""

    def __init__(self) -> None:
        self.files: dict[str, Version] = {}
        """Path -> the version that was loaded first."""
        self.modules: dict[str, str] = {}
        """Name of a module -> the file that it was loaded from first."""
        self.rewritten: dict[str, None] = {}
        """Files of which the process has loaded more than one version."""

    def add(self, source: Source, path: str) -> None:
        """The process has loaded a file."""
        version = Version(source.digest, source.is_fresh)
        first = self.files.get(path)
        if first is not None and first.digest != version.digest:
            self.rewritten[path] = None
        elif first is None and len(self.files) < MOST_FILES:
            self.files[path] = version
            self.modules.setdefault(source.module, path)


class Versions:
    """Which version of each file the run executes."""

    def __init__(self) -> None:
        self._files: dict[str, Version] = {}
        self._modules: dict[str, str] = {}
        self.generated: dict[str, None] = {}
        """Files that the target writes as it runs, and that are not the same in each process: they are not compared."""

    def differing(self, loaded: Loaded) -> list[str]:
        """Those of a process's files that are not of the run's version, or were loaded in place of another file."""
        differing = dict.fromkeys(path for path, version in loaded.files.items() if not self._agrees(path, version))
        differing.update(dict.fromkeys(path for name, path in loaded.modules.items() if self._displaces(name, loaded)))
        return list(differing)

    def _agrees(self, path: str, version: Version) -> bool:
        known = self._files.get(path)
        return known is None or path in self.generated or version.agrees(known)

    def _displaces(self, name: str, loaded: Loaded) -> bool:
        """Whether a module was loaded from another file than the run's: a new folder of its name hides it, say."""
        file, known = loaded.modules[name], self._modules.get(name)
        if known is None or file == known or known in loaded.files or known in self.generated:
            return False
        return not loaded.files[file].agrees(self._files[known])

    def differs(self, path: str, version: Version) -> bool:
        """Whether a file that a process at work loads is not of the run's version."""
        return not self._agrees(path, version)

    def adopt(self, loaded: Loaded) -> None:
        """A process that has loaded this is at work: none of it differs."""
        for path, version in loaded.files.items():
            known = self._files.get(path)
            if known is None:
                if len(self._files) < MOST_FILES:
                    self._files[path] = version
            elif known.digest == version.digest and not version.is_fresh:
                self._files[path] = version  # whoever wrote it, the target does not write it each time
            elif known.digest != version.digest:
                self.generated[path] = None
        for name, path in loaded.modules.items():
            if path in self._files:
                self._modules.setdefault(name, path)
        self.generated.update(loaded.rewritten)

    def __len__(self) -> int:
        """Files known."""
        return len(self._files)

    def wanted(self, paths: Iterable[str] | None = None) -> dict[str, bytes]:
        """Path -> digest of the version that the run executes: of these files, or of all; in either case without what
        the target writes itself.
        """
        if paths is not None:
            known = (path for path in paths if path in self._files and path not in self.generated)
            return {path: self._files[path].digest for path in known}
        files = self._files.items()
        return {path: version.digest for path, version in files if not version.is_fresh and path not in self.generated}


def folders_of(paths: Iterable[str]) -> set[str]:
    """Where files of these paths lie: a change of the file changes one of these folders, links included."""
    return {os.path.dirname(each) for path in paths for each in (path, os.path.realpath(path))}  # noqa: PTH120


def changed_digests(wanted: Mapping[str, bytes]) -> dict[str, bytes]:
    """Those files that are not what they are wanted to be, with what they are now; reads them all."""
    digests = {path: _digest(path) for path in wanted}
    return {path: digest for path, digest in digests.items() if digest != wanted[path]}


def changed(wanted: Mapping[str, bytes]) -> list[str]:
    """Which files are not, at this moment, what they are wanted to be; reads them all."""
    return list(changed_digests(wanted))


def _digest(path: str) -> bytes:
    try:
        return digest_of(read_file(Path(path), LONGEST_FILE))
    except OSError:  # removed, a folder by now, unreadable: not what was loaded in any case
        return b""
