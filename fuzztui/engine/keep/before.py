"""The inputs that must run before a crasher's input so that it fails, kept with it: beside the target, to be committed.

One file for each input, in a sub-folder, since what lies beside stored inputs is taken for one. A file is text:

    fuzztui inputs that run before, v1
    b'first'
    b'second'

One Python literal a line, in the order in which they run; each is an input in its file form. A file without any says
that the input did not fail alone, and that nobody knows what it takes.
"""

import ast
import contextlib
from collections.abc import Sequence
from typing import Final

from fuzztui.engine.keep.storage import Folder, read_in, remove, replace, sizes
from fuzztui.target.syntax import ALONE

FOLDER: Final = "before"

LONGEST: Final = 1 << 26
"""Bytes of a file beyond which it is none of ours: tails have some hundred kilobytes, four characters a byte."""

_HEADER: Final = "fuzztui inputs that run before, v1"


class MalformedTailError(OSError):
    """The file is none that says which inputs run before another."""


def folder_of(home: Folder) -> Folder:
    """Where the inputs that run before those of this folder lie."""
    return Folder(home.root, (*home.parts, FOLDER))


def write_before(home: Folder, refuge: Folder, name: str, inputs: Sequence[bytes]) -> None:
    """Store what runs before the input of this name, beside it or else in the cache. OSError if neither is possible."""
    content = "\n".join([_HEADER, *map(repr, inputs), ""]).encode("ascii")
    try:
        replace(folder_of(home), name, content)
    except OSError:
        replace(folder_of(refuge), name, content)


def remove_before(folders: Sequence[Folder], name: str) -> None:
    """Nothing has to run before the input of this name after all."""
    for folder in folders:
        remove(folder_of(folder), name)


def read_before(folders: Sequence[Folder], name: str) -> tuple[bytes, ...] | None:
    """What runs before the input of this name, from the first folder that tells; None if none does.

    MalformedTailError, with the file's path, for a file that cannot be read as one, other OSErrors as they come.
    """
    for folder in folders:
        place = folder_of(folder)
        try:
            content = read_in(place, name, LONGEST)
        except (FileNotFoundError, NotADirectoryError):
            continue
        try:
            return _parse(content)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            raise MalformedTailError(0, "is no list of inputs, want one that fuzztui wrote", place / name) from None
    return None


def longest_before(folders: Sequence[Folder]) -> int:
    """No input that runs before one of these folders' is longer, in bytes; 0 if there is none.

    A file is longer than what it holds. Whoever needs what lies in a folder that cannot be read tells of it.
    """
    longest = 0
    for folder in folders:
        with contextlib.suppress(OSError):
            longest = max([longest, *sizes(folder_of(folder))])
    return longest


def _parse(content: bytes) -> tuple[bytes, ...]:
    lines = content.decode("ascii").splitlines()
    if not lines or lines[0] != _HEADER:
        raise ValueError("another header")
    with ALONE:
        inputs = [ast.literal_eval(line) for line in lines[1:] if line.strip()]
    if not all(isinstance(each, bytes) for each in inputs):
        raise ValueError("an input that is no bytes")
    return tuple(inputs)
