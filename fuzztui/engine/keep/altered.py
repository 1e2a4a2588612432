"""Stored inputs whose name is the digest of other bytes: something has changed them since they were stored.

Git and editors do so: line ends of the other kind, a newline at the end. A name that a person has chosen promises
nothing.
"""

import re
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.keep.storage import Folder, write_once
from fuzztui.engine.show.text import NOTHING, Visible, joined, label, os_error, say

ATTRIBUTES: Final = ".gitattributes"
"""Read by Git for the files beside it."""

KEEP_BYTES: Final = b"""\
# Written by fuzztui: inputs are kept byte for byte.
* -text -ident -working-tree-encoding
"""
"""Differences are still shown: most stored inputs can be read."""

NAMED: Final = 3
"""Files that are named one by one."""

_DIGEST: Final = re.compile("[0-9a-f]{64}")


def _lines_ended_by_lf(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def _lines_ended_by_crlf(data: bytes) -> bytes:
    return _lines_ended_by_lf(data).replace(b"\n", b"\r\n")


def _without_last_newline(data: bytes) -> bytes:
    return data[: -2 if data.endswith(b"\r\n") else -1] if data.endswith(b"\n") else data


def _without_byte_order_mark(data: bytes) -> bytes:
    return data.removeprefix(b"\xef\xbb\xbf")


_LINE_ENDS: Final = label("the line ends were changed")
_UNDONE: Final[tuple[tuple[Callable[[bytes], bytes], Visible], ...]] = (
    (_lines_ended_by_lf, _LINE_ENDS),
    (_lines_ended_by_crlf, _LINE_ENDS),
    (_without_last_newline, label("a newline was added at the end")),
    (lambda data: data + b"\n", label("the newline at the end was removed")),
    (_without_byte_order_mark, label("a byte order mark was added")),
)
"""What may have been done to an input, each with what undoes it."""


def alteration(name: str, data: bytes) -> Visible:
    """What has happened to a stored input since it was given its name, as a clause; empty if nothing is wrong."""
    if not _DIGEST.fullmatch(name) or _is_named(name, data):
        return NOTHING
    return next(
        (what for undo, what in _UNDONE if _is_named(name, undo(data))), label("the content is not what was stored")
    )


def alterations(files: Iterable[tuple[Path, bytes]]) -> Visible:
    """One sentence for all stored inputs that have been changed, with what to do; empty if none has been."""
    changed = [(path, what) for path, data in files if (what := alteration(path.name, data))]
    if not changed:
        return NOTHING
    named = joined(", ", (say("{} ({})", shown_path(path), what) for path, what in changed[:NAMED]))
    others = say(" and {} more", len(changed) - NAMED) if len(changed) > NAMED else NOTHING
    return say(
        "{} been changed since fuzztui wrote {}: {}{}. What is run is what is there now. Restore the "
        "content from version control, where a {} with `* -text` keeps it, or give the file a name of your own.",
        label("a stored input has") if len(changed) == 1 else say("{} stored inputs have", len(changed)),
        label("it") if len(changed) == 1 else label("them"),
        named,
        others,
        ATTRIBUTES,
    )


def _is_named(name: str, data: bytes) -> bool:
    return sha256(data).hexdigest() == name


def keep_bytes(folder: Folder) -> Visible:
    """Tell Git to change nothing among the inputs of a folder, where nobody has told it anything there. Returns why
    that cannot be done; empty if it is.
    """
    try:
        write_once(folder, ATTRIBUTES, KEEP_BYTES, durable=False)
    except OSError as error:
        return os_error(error, folder / ATTRIBUTES)
    return NOTHING
