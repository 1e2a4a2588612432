"""A store that is a folder which all nodes see: on one machine, or by a file system of the network.

    FOLDER/TOPIC/store               what tells this store from others
    FOLDER/TOPIC/NODE/beat           how a node fares
    FOLDER/TOPIC/NODE/0000000001     what it has told, a file for all that it had to tell at one moment

A node writes to its own folder alone, and a file appears as a whole or not at all, so nothing is locked. A reader
remembers the number of the last file that it has read of each node. It looks whether the next one is there a few times
a second, and at once where the kernel tells it that a file has appeared.
"""

import contextlib
import errno
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from fuzztui.engine.keep.storage import Folder, NotRegularError, TooLongError, names, read_in, replace, write_once
from fuzztui.engine.share.messages import LONGEST
from fuzztui.engine.share.notices import Notices
from fuzztui.engine.share.stir import Stir
from fuzztui.engine.share.store import MOST_NODES, RefusedError, StoreError, Told, is_node, is_topic
from fuzztui.engine.show.text import os_error, say

PAUSE: Final = 0.2
"""Seconds between two looks into the folder, at least."""

LOOKING: Final = 0.01
"""Of a processor that looking in vain may take: among many nodes, or in a slow folder, it is done less often."""

LONGEST_PAUSE: Final = 2.0

LONGEST_FILE: Final = 8 * LONGEST

MOST_FILES: Final = 16
"""Of one node that are read at once."""

LOOK_FURTHER: Final = 30.0
"""Seconds after which a file that is awaited may be one that somebody has removed: the next one is looked for."""

_NO_NODE: Final = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EACCES, errno.EPERM})
"""What opening fails with where no node has made what bears the name of one. Other errors are the store's."""

_BEAT: Final = "beat"
_STORE: Final = "store"


class FolderStore:
    """See `Store`."""

    def __init__(self, root: Path, topic: str, node: str) -> None:
        self._root = root
        self._topic = Folder(root, (topic,))
        self._node = node
        self._mine = Folder(root, (topic, node))
        self._written = 0
        """Number of the last file of ours."""
        self._looked: dict[str, float] = {}
        """When a node's folder was last listed, on the monotonic clock."""
        self._seconds = 0.0
        """That the last look has taken of a processor."""
        self._notices = Notices(_is_number)

    @property
    def pause(self) -> float:
        """Seconds until it is looked again where nobody tells of new files."""
        return max(PAUSE, min(LONGEST_PAUSE, self._seconds / LOOKING))

    def open(self) -> str:
        """A folder that is not there is not made: most likely it is one that is not mounted."""
        try:
            if not self._root.is_dir():
                raise StoreError(say("there is no folder {}", self._root))
            self._written = max((int(name) for name in names(self._mine) if _is_number(name)), default=0)
            with contextlib.suppress(FileNotFoundError):  # who only watches may not be allowed to write
                return read_in(self._topic, _STORE, 100).decode("ascii", "replace")
            write_once(self._topic, _STORE, secrets.token_hex(16).encode(), durable=False)
            return read_in(self._topic, _STORE, 100).decode("ascii", "replace")
        except OSError as error:
            raise _error(error) from None

    def publish(self, messages: Sequence[bytes]) -> None:
        """One file."""
        if not messages:
            return
        try:
            self._check()
            content, is_written = msgspec.msgpack.encode(list(messages)), False
            while not is_written:
                is_written = write_once(self._mine, f"{self._written + 1:010}", content, durable=False)
                self._written += 1
        except OSError as error:
            raise RefusedError(os_error(error)) from None

    def read(self, after: Mapping[str, str], wait: float, stir: Stir) -> list[Told]:
        """The files that follow."""
        if wait > 0:
            for node in after:
                self._notices.watch(f"{self._topic}/{node}")
        told = self._look(after)
        until = time.monotonic() + min(wait, self.pause)
        while not told and (left := until - time.monotonic()) > 0:
            if not stir.wait(left, self._notices.descriptor):
                break
            if self._notices.take():
                told = self._look(after)
        return told

    def _look(self, after: Mapping[str, str]) -> list[Told]:
        began = time.thread_time()
        try:
            return self._following(after)
        finally:
            self._seconds = time.thread_time() - began

    def _following(self, after: Mapping[str, str]) -> list[Told]:
        found: list[Told] = []
        size = 0
        topic = str(self._topic)
        for node, position in after.items():
            number = int(position)
            has_just_looked = time.monotonic() - self._looked.get(node, -LOOK_FURTHER) < LOOK_FURTHER
            if has_just_looked and not os.path.lexists(f"{topic}/{node}/{number + 1:010}"):
                continue  # as nearly always: that costs a tenth of opening all that leads there
            folder = Folder(self._root, (self._topic.parts[0], node))
            for _ in range(MOST_FILES):
                content = self._content(folder, f"{number + 1:010}")
                if content is None:
                    number = self._next(node, folder, number)
                    if number < 0:
                        break
                    continue
                number += 1
                size += len(content)
                found += [Told(node, str(number), message) for message in _messages(content)]
                if size > LONGEST_FILE:
                    return found
        return found

    def _next(self, node: str, folder: Folder, number: int) -> int:
        """The number before the next file where those between are gone; -1 where there is none, or nobody looked."""
        now = time.monotonic()
        if now - self._looked.get(node, 0.0) < LOOK_FURTHER:
            return -1
        self._looked[node] = now
        try:
            there = [int(name) for name in names(folder) if _is_number(name)]
        except OSError as error:
            if error.errno in _NO_NODE:
                return -1
            raise _error(error) from None
        return min((each for each in there if each > number), default=0) - 1

    def _content(self, folder: Folder, name: str) -> bytes | None:
        """A file's; None if it is not there, empty if it is none that a node has written."""
        try:
            return read_in(folder, name, LONGEST_FILE)
        except FileNotFoundError:
            return None
        except (NotRegularError, TooLongError, PermissionError):
            return b""
        except OSError as error:
            if error.errno in _NO_NODE:
                return None
            raise _error(error) from None

    def ends(self, after: Mapping[str, str]) -> dict[str, str]:  # noqa: ARG002
        """Numbers are the writer's, who goes on counting."""
        return {}

    def tell(self, beat: bytes) -> None:
        """One small file."""
        try:
            self._check()
            replace(self._mine, _BEAT, beat, durable=False)
        except OSError as error:
            raise RefusedError(os_error(error)) from None

    def beats(self) -> dict[str, bytes]:
        """Of all folders."""
        self._check()
        found: dict[str, bytes] = {}
        try:
            nodes = [name for name in names(self._topic) if is_node(name) and name != self._node]
        except OSError as error:
            raise _error(error) from None
        for node in nodes[:MOST_NODES]:
            content = self._content(Folder(self._root, (self._topic.parts[0], node)), _BEAT)
            if content is not None:
                found[node] = content
        return found

    def _check(self) -> None:
        """StoreError if the folder is another one now: it was removed, or is not mounted any more."""
        if not (self._topic.path / _STORE).is_file():
            raise StoreError(say("{} is not there any more", self._topic))

    def close(self) -> None:
        """What is held open is let go of with it."""


def topics_in(root: Path) -> list[str]:
    """Names of the topics that lie in a folder. StoreError if it cannot be read."""
    if not root.is_dir():
        raise StoreError(say("there is no folder {}", root))
    try:
        return [name for name in names(root) if is_topic(name)]
    except OSError as error:
        raise _error(error) from None


def _is_number(name: str) -> bool:
    return len(name) == 10 and name.isascii() and name.isdecimal()


def _messages(content: bytes) -> list[bytes]:
    try:
        return msgspec.msgpack.decode(content, type=list[bytes])
    except (msgspec.DecodeError, RecursionError):
        return [b""]  # counted by whoever reads messages


def _error(error: OSError) -> StoreError:
    return StoreError(os_error(error))
