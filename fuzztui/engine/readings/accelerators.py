"""Which modules written in Python have their work done by compiled ones, as their sources tell. For diagnoses."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from fuzztui.engine.keep.storage import read_file

LARGEST: Final = 4 << 20
"""Bytes of a source that is looked into."""

_IMPORT: Final = re.compile(rb"^[ \t]*(?:from|import)[ \t]+(_[A-Za-z]\w*)", re.MULTILINE)


def accelerator_of(module: str, files: Iterable[tuple[str, str]]) -> str:
    """The compiled module that does the work of a Python one, by Python's custom: `_json` for `json`; empty if there is
    none. `files`: name and file of each module of it that is loaded.
    """
    for name, file in files:
        if name != module and not name.startswith(f"{module}."):
            continue
        wanted = {f"_{part.lower()}" for part in name.split(".")}
        try:
            source = read_file(Path(file), LARGEST)
        except OSError:
            continue
        for found in _IMPORT.findall(source):
            if found.decode() in wanted:
                return str(found.decode())
    return ""
