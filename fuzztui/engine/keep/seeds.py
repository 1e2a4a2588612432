"""Seeds that lie anywhere: files, folders with all that is below them, and zip archives. They are only read."""

import os
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.keep.storage import NotRegularError, TooLongError, read_file
from fuzztui.engine.show.text import NOTHING, Visible, joined, os_error, say

MOST: Final = 200_000
"""Seeds that are read in all: corpora of years have some ten thousand."""

_NAMED: Final = 3
"""Files that could not be read and are named."""


class Seed(NamedTuple):
    """One seed."""

    name: str
    """Of its file, or within its archive."""
    data: bytes
    path: Path
    """The file, or the archive."""

    @property
    def shown(self) -> Visible:
        """Where it lies, as people are told: `harness_seed_corpus.zip/some/input`."""
        place = shown_path(self.path)
        return say("{}", place) if self.name == self.path.name else say("{}/{}", place, self.name)


class SeedFiles:
    """The seeds of some places, and what was wrong with others."""

    def __init__(self, places: Sequence[Path], most: int) -> None:
        """`most`: bytes of a seed; longer files are passed by."""
        self._places = places
        self._most = most
        self._problems: list[Visible] = []
        self._passed_by = 0

    @property
    def problem(self) -> Visible:
        """What could not be read, in a sentence; empty if everything could. To be asked when all has been."""
        if not self._passed_by:
            return NOTHING
        shown = joined("; ", self._problems[:_NAMED])
        more = self._passed_by - len(self._problems[:_NAMED])
        return say("not read of the seeds: {}{}", shown, say("; and {:,} more", more) if more else NOTHING)

    def __iter__(self) -> Iterator[Seed]:
        """Folder by folder, by name."""
        for number, seed in enumerate(each for place in self._places for each in self._of(place)):
            if number == MOST:
                self._pass_by(say("what comes after {:,} seeds", MOST))
                return
            yield seed

    def _of(self, place: Path) -> Iterator[Seed]:
        if place.is_dir():
            for folder, folders, names in os.walk(place, onerror=lambda error: self._pass_by(os_error(error))):
                folders.sort()
                for name in sorted(names):
                    yield from self._of_file(Path(folder) / name)
        elif is_archive(place):
            yield from self._of_archive(place)
        elif place.suffix == ".zip" and place.is_file():
            self._pass_by(say("{}: it is no zip archive, or a damaged one", shown_path(place)))
        else:
            yield from self._of_file(place)

    def _of_file(self, path: Path) -> Iterator[Seed]:
        try:
            yield Seed(path.name, read_file(path, self._most), path)
        except NotRegularError:
            return
        except OSError as error:
            self._pass_by(os_error(error, path))

    def _of_archive(self, path: Path) -> Iterator[Seed]:
        try:
            with zipfile.ZipFile(path) as archive:
                for member in archive.infolist():
                    if member.is_dir():
                        continue
                    if member.file_size > self._most:
                        self._pass_by(os_error(TooLongError(member.filename), member.filename))
                        continue
                    yield Seed(member.filename, archive.read(member), path)
        except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            # RuntimeError stands for a password that nobody knows.
            self._pass_by(say("{}: {}", path, str(error) or type(error).__name__))

    def _pass_by(self, sentence: Visible) -> None:
        self._passed_by += 1
        if len(self._problems) < _NAMED:
            self._problems.append(sentence)


def is_archive(place: Path) -> bool:
    """Whether a file is a zip archive, and called one."""
    return place.suffix == ".zip" and zipfile.is_zipfile(place)


def longest_seed(places: Sequence[Path], most: int) -> int:
    """Bytes of the longest seed of at most `most`; 0 if there is none."""
    return max((size for size in _sizes(places) if size <= most), default=0)


def _sizes(places: Sequence[Path]) -> Iterator[int]:
    for place in places:
        files = [place]
        if place.is_dir():
            files = [Path(folder) / name for folder, _, names in os.walk(place) for name in names]
        try:
            if is_archive(place):
                with zipfile.ZipFile(place) as archive:
                    yield from (member.file_size for member in archive.infolist())
            else:
                yield from (file.stat().st_size for file in files if file.is_file())
        except (OSError, zipfile.BadZipFile):
            continue  # of which reading it tells
