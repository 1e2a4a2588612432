# Not pathlib: each start of a worker would pay for loading it.
# ruff: noqa: PTH116, PTH123

"""Tells the coordinator which version of each file of the code under test this process has loaded."""

import io
import linecache
import os
import tokenize
from collections.abc import Callable
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from time import time_ns
from types import ModuleType
from typing import Final

from fuzztui.protocol.digest import digest_of
from fuzztui.protocol.messages import Source
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.worker.instrumentation.ownership import is_projects
from fuzztui.worker.instrumentation.probes import shortened

__builtins__ = PRIVATE_BUILTINS

MOST_NOTES: Final = 10_000
"""Notes of one process: a program that generates modules as it runs must not fill anybody's memory with them."""


class SourceNotes:
    """What this process has loaded. May be used from any thread."""

    def __init__(self, send: Callable[[Source], None]) -> None:
        """`send` is told of each version of a file once."""
        self._send = send
        self._began = time_ns()
        self._noted: set[tuple[str, bytes]] = set()
        self._unshown: dict[str, bytes] = {}
        """By path: what has been loaded since `show_as_loaded`."""

    def read(self, name: str, path: str, get: Callable[[str], bytes]) -> bytes:
        """The content of a file as `get` reads it, noted as that of the module `name`."""
        # Looked at before the file is read: an edit in between then counts as one, never as the target's own doing.
        is_fresh = self._is_fresh(path)
        content = get(path)
        version = path, digest_of(content)
        if version not in self._noted and len(self._noted) < MOST_NOTES:
            self._noted.add(version)
            self._send(Source(os.fsencode(path), version[1], is_fresh, shortened(name)))
            if is_projects(path):
                self._unshown[path] = content
        return content

    def show_as_loaded(self) -> None:
        """Have `linecache`, and so tracebacks, show the project's files as they were when they were loaded: one that is
        edited meanwhile has other lines at the places of code that still runs as it was.
        """
        for path in list(self._unshown):
            with suppress(Exception):  # a recursion limit that the target has lowered, say: it is tried again later
                lines = _lines(self._unshown[path])
                # Without a time, so that it is never read again.
                linecache.cache[path] = len(self._unshown.pop(path)), None, lines, path

    def is_as_loaded(self, path: str, content: bytes) -> bool:
        """Whether a file with this content is what has been loaded, as far as that is known: one that was not noted,
        such as the standard library's, must not have been written since.
        """
        if (path, digest_of(content)) in self._noted:
            return True
        return not self._is_fresh(path) and all(noted != path for noted, _ in list(self._noted))

    def source(self, path: str) -> bytes | None:
        """The source that a file was loaded from; None where it cannot be read any more, or is another one now."""
        try:
            content = _content(path)
        except OSError:
            return None
        return content if self.is_as_loaded(path, content) else None

    def note(self, name: str, path: str) -> None:
        """Note the file of a module that others load. One that cannot be read is for them to tell."""
        try:
            self.read(name, path, _content)
        except OSError:
            return

    def _is_fresh(self, path: str) -> bool:
        try:
            return os.stat(path).st_mtime_ns > self._began
        except OSError:
            return False


def _content(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()


def _lines(content: bytes) -> list[str]:
    """Those of a source that has been compiled, as `linecache` has them."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    with io.TextIOWrapper(io.BytesIO(content), encoding, "replace") as stream:
        lines = stream.readlines()
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    return lines


class NotedLoader(SourceFileLoader):
    """The ordinary loader of source files, but that what it loads is noted."""

    def __init__(self, name: str, path: str, notes: SourceNotes) -> None:
        super().__init__(name, path)
        self._notes = notes

    def exec_module(self, module: ModuleType) -> None:
        self._notes.note(self.name, self.path)
        super().exec_module(module)
