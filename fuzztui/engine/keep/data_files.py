"""Data that lies beside code: what a target may read as it is loaded, so that other content makes another program."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from fuzztui.engine.keep.storage import read_file
from fuzztui.protocol.digest import digest_of

SUFFIXES: Final = (
    *(".json", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".csv", ".tsv", ".txt", ".xml", ".xsd", ".html", ".sql"),
    *(".lark", ".peg", ".gram", ".ebnf", ".bnf", ".abnf", ".g4", ".ne", ".j2", ".jinja", ".jinja2", ".tmpl"),
    *(".proto", ".graphql", ".avsc", ".dict", ".pkl", ".dat"),
)
"""What is read as data, and written by people or by their tools; what programs write as they run has others."""

MOST: Final = 500
"""Files that are looked at."""

LONGEST: Final = 4 << 20
"""Bytes of one that is."""


def is_data(path: str) -> bool:
    """Whether a file of this name is likely read as data."""
    return path.endswith(SUFFIXES) and not os.path.basename(path).startswith(".")  # noqa: PTH119 - one of many names


def data_in(folders: Iterable[str]) -> dict[str, bytes]:
    """Path -> digest of the data files that lie in these folders, as far as they can be read."""
    return data_of(path for folder in folders for path in _listed(folder))


def data_of(paths: Iterable[str]) -> dict[str, bytes]:
    """Path -> digest of these files, without those that cannot be read."""
    found: dict[str, bytes] = {}
    for path in paths:
        if len(found) >= MOST:
            break
        try:
            found[path] = digest_of(read_file(Path(path), LONGEST))
        except OSError:
            continue  # gone, no file, or far larger than what is written by hand
    return found


def _listed(folder: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            yield from sorted(entry.path for entry in entries if is_data(entry.path))
    except OSError:
        return
