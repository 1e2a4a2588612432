"""The variants of a bucket: which inputs are worth keeping, and where.

Of each variant the smallest input is kept, in the cache, in a folder of its bucket's own and in a file named by the
shape of its messages; so there are never more files than variants, and what an earlier run has left there stays unless
an input is smaller.
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from fuzztui.engine.keep.storage import Folder, read_in
from fuzztui.engine.keep.storage import replace as replace_file
from fuzztui.engine.show import text
from fuzztui.engine.show.crasher import Variant
from fuzztui.engine.show.failure import Failure
from fuzztui.protocol.caps import MOST_VARIANTS

FOLDER: Final = "variants"
"""Within the folder of the target's records."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of keeping an input of a variant."""

    path: Path | None
    """Where the smallest one lies; None if it could not be written."""
    sha256: str = ""
    size: int = 0
    """Digest and bytes of what lies there: perhaps an input of an earlier run."""
    problem: text.Visible = text.NOTHING
    """Why it could not be written; empty if it could."""


def first_of(failure: Failure, data: bytes) -> Variant:
    """The variant of a failure that an input has shown."""
    return Variant(failure.variant, failure.message, hashlib.sha256(data).hexdigest(), len(data))


def with_one_more(variants: tuple[Variant, ...], failure: Failure, data: bytes) -> tuple[tuple[Variant, ...], bool]:
    """The variants once an input has shown one of them, or a new one, and whether that input is the smallest of it.

    Beyond `MOST_VARIANTS` no new one is taken in.
    """
    for place, known in enumerate(variants):
        if known.shape == failure.variant:
            is_smaller = len(data) < known.size
            now = replace(known if not is_smaller else first_of(failure, data), hits=known.hits + 1)
            return (*variants[:place], now, *variants[place + 1 :]), is_smaller
    if len(variants) >= MOST_VARIANTS:
        return variants, False
    return (*variants, first_of(failure, data)), True


def placed(variants: tuple[Variant, ...], shape: str, kept: Kept) -> tuple[Variant, ...]:
    """The variants once the smallest input of one has been kept."""
    return tuple(
        replace(known, path=kept.path, sha256=kept.sha256, size=kept.size)
        if known.shape == shape and known.size >= kept.size
        else known
        for known in variants
    )


def folder_of(records: Folder, bucket: str) -> Folder:
    """Where the inputs of a bucket's variants lie; `records`: the folder of the target's records."""
    return Folder(records.root, (*records.parts, FOLDER, bucket))


def keep(records: Folder, bucket: str, shape: str, data: bytes) -> Kept:
    """Write an input of a variant, unless a smaller one lies there already."""
    folder = folder_of(records, bucket)
    name = hashlib.sha256(shape.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    try:
        there = read_in(folder, name, len(data))
    except OSError:  # there is none, or a larger one, or something that is none
        there = data
        try:
            replace_file(folder, name, data, durable=False)
        except OSError as error:
            return Kept(None, problem=text.os_error(error, folder))
    return Kept(folder / name, hashlib.sha256(there).hexdigest(), len(there))
