"""The files that hold people's decisions, one for each bucket: read, changed and removed."""

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields
from typing import Final, TypeAlias

from fuzztui.engine.keep.storage import Folder, contents, locked, read_in, remove, replace
from fuzztui.engine.show.text import Visible, os_error, say
from fuzztui.engine.triage.decision import BadDecisionError, Decision, parse

LONGEST: Final = 1 << 18
"""Bytes of a file beyond which it is no decision."""

_SUFFIX: Final = ".toml"

Stamp: TypeAlias = tuple[tuple[tuple[str, int, int, int], ...], ...]
"""What tells files that were written since from those that were read: of each folder the name, number, time of the last
change (nanoseconds) and size of each file.
"""


@dataclass(frozen=True, slots=True)
class Decisions:
    """All decisions of a target, by bucket."""

    by_bucket: dict[str, Decision] = field(default_factory=dict)
    places: dict[str, Folder] = field(default_factory=dict)
    """Where the file of each bucket lies, of broken ones too."""
    problems: tuple[Visible, ...] = ()
    """A sentence for each file that cannot be read or is no decision; it counts as none, and stays as it is."""
    is_incomplete: bool = False
    """Whether there is a folder that cannot be read."""
    stamp: Stamp = ()
    """Of the files that were read."""


def stamp(folders: Sequence[Folder]) -> Stamp:
    """Of the files as they are now. Editors replace a file or write into it, so a folder's own time tells nothing."""
    return tuple(map(_stamp, folders))


def _stamp(folder: Folder) -> tuple[tuple[str, int, int, int], ...]:
    found = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(_SUFFIX):
                with contextlib.suppress(OSError):  # it may be gone by now
                    status = entry.stat(follow_symlinks=False)
                    found.append((entry.name, status.st_ino, status.st_mtime_ns, status.st_size))
    return tuple(sorted(found))


def read_decisions(folders: Sequence[Folder]) -> Decisions:
    """What lies in the folders; of two files for one bucket, that of the first folder counts."""
    found: dict[str, Decision] = {}
    places: dict[str, Folder] = {}
    problems: list[Visible] = []
    is_incomplete = False
    before = stamp(folders)  # what is written while they are read counts as newer
    for folder in folders:
        try:
            files = contents(folder, LONGEST, wanted=lambda name: name.endswith(_SUFFIX))
        except OSError as error:
            problems.append(os_error(error))
            is_incomplete = True
            continue
        for path, content in files:
            bucket = path.stem
            if bucket in places:
                continue
            places[bucket] = folder
            try:
                found[bucket] = _parsed(content)
            except BadDecisionError as error:
                problems.append(say("{} {}: mend it, or remove it", path, error.reason))
            except OSError as error:
                problems.append(os_error(error, path))
    return Decisions(found, places, tuple(problems), is_incomplete, before)


def _parsed(content: bytes | OSError) -> Decision:
    if isinstance(content, OSError):
        raise content
    try:
        return parse(content.decode())
    except UnicodeDecodeError as error:
        raise BadDecisionError(say("is no UTF-8 at byte {}", error.start)) from None


def said(decision: Decision | None) -> str:
    """A decision as other machines are told it: without what only this version of the file has; empty for none.
    ValueError for lone surrogates.
    """
    return replace_fields(decision, others={}, comment="").to_toml() if decision is not None else ""


def change_decision(folder: Folder, bucket: str, change: Callable[[Decision | None], Decision | None]) -> None:
    """Write what `change` makes of a bucket's decision (None: there is none, or none is to be). Another program that
    does the same at this moment waits.

    BadDecisionError, and nothing changed, where the file is broken; OSError where it cannot be read or written.
    """
    name = f"{bucket}{_SUFFIX}"
    with locked(folder):
        try:
            before = _parsed(read_in(folder, name, LONGEST))
        except FileNotFoundError:
            before = None
        after = change(before)
        if after is None:
            remove(folder, name)
        elif after != before:
            replace(folder, name, after.to_toml().encode())
