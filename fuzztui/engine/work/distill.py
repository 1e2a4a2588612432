"""Chooses few inputs that cover all that many do: keeps the generated corpus small, takes in what others have found.

Greedy by size, the smallest first: within a few per cent of the least, and each edge keeps its smallest input.
"""

from abc import abstractmethod
from collections import deque
from pathlib import Path
from typing import ClassVar, TypeAlias

from fuzztui.engine.keep.altered import alterations
from fuzztui.engine.keep.corpus import LONGEST, displaced_files, irregular_sentence, stored_files_and_others
from fuzztui.engine.keep.seeds import SeedFiles, is_archive
from fuzztui.engine.keep.storage import contents, remove
from fuzztui.engine.show.events import CorpusChanged
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.results import CorpusChange
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.text import Visible, os_error, say
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.call import Batch, Failed, Item, Report
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.search import Search
from fuzztui.engine.work.suspects import Suspecting, Suspects
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode, encode, zero

Contents: TypeAlias = list[tuple[Path, bytes | OSError]]


class Distilling(Suspecting):
    """Runs what stays in any case, then the candidates, and decides on each of these as its report comes."""

    state: ClassVar = WorkerState.EXECUTING
    phase: ClassVar = Phase.EXECUTING

    def __init__(self, account: Account, search: Search, suspects: Suspects) -> None:
        super().__init__(account, suspects)
        self._search = search
        self._known: deque[Item] = deque()
        """Inputs that stay in any case."""
        self._candidates: deque[Item] = deque()
        self._files: dict[int, Path | None] = {}
        """By `id` of an item in flight or waiting: the file that a candidate comes from, None for what stays."""
        self._unrun = 0
        """Inputs that stay in any case and have not been run: candidates wait for them."""
        self._quiet: set[int] = set()
        """Items whose failure is known already: seeds and stored inputs."""
        self._known_failures: set[str] = set()
        self._items: list[Item] = []
        """All of them, so that no `id` is used twice."""
        self._malformed: list[Visible] = []
        self._failing_files: list[tuple[str, Path]] = []
        """Candidates that are crashers: identity of the failure, and file."""
        self._kept = 0
        self._dropped = 0

    def begin(self, seeds: list[bytes]) -> None:
        """Collect what stays and what is to be judged."""
        search = self._search
        target = search.options.target
        read = [stored_files_and_others(folder) for folder in target.stored_dirs]
        files = [file for found, _ in read for file in found]
        if irregular := irregular_sentence([sentence for _, others in read for sentence in others]):
            search.listener.warn("irregular", irregular)
        files += displaced_files(target.records_dir(search.options.cache_dir))
        stored = [data for _, data in files]
        if changed := alterations(files):
            search.listener.warn("altered", changed)
        # Failures of the zero value and of generated entries are stored nowhere yet.
        for data in (encode(zero(search.parameters)), *self._kept_in_any_case()):
            self._add(self._known, data, None)
        given = SeedFiles(search.options.seeds, search.capacity)
        for data in (*seeds, *(seed.data for seed in given), *stored):
            if _is_input(data, search.parameters):
                self._quiet.add(id(self._add(self._known, data, None)))
        if given.problem:
            search.listener.warn("seeds", given.problem)
        candidates: list[tuple[Path, bytes]] = []
        for path, content in self._given():
            if isinstance(content, OSError):
                self._malformed.append(os_error(content, path.name))
                continue
            try:
                candidates.append((path, self._input_of(content)))
            except MalformedInput as error:
                self._malformed.append(say("{}: {}", path.name, error))
        for path, data in sorted(candidates, key=lambda candidate: (len(candidate[1]), candidate[0])):
            self._add(self._candidates, data, path)

    def _add(self, queue: deque[Item], data: bytes, path: Path | None) -> Item:
        item = Item(data)
        self._items.append(item)
        self._files[id(item)] = path
        self._unrun += path is None
        queue.append(item)
        return item

    @property
    def is_done(self) -> bool:
        """Whether every input has been judged."""
        return not self._files

    def next(self, worker: int, workers: int) -> Batch | None:  # noqa: ARG002
        """One input. Candidates wait until all that stays has been run."""
        if self._known:
            return Batch([self._known.popleft()])
        if self._unrun:
            return None
        return Batch([self._candidates.popleft()]) if self._candidates else None

    def give_back(self, worker: int, items: list[Item]) -> None:  # noqa: ARG002
        """They come first again."""
        for item in reversed(items):
            (self._known if self._files[id(item)] is None else self._candidates).appendleft(item)

    def take(self, worker: int, item: Item, report: Report) -> None:
        """Decide on a candidate: what covers something that nothing before it did stays."""
        path = self._files.pop(id(item))
        self._unrun -= path is None
        if isinstance(report, Failed):
            self._failed(worker, item, path, report)
        elif path is None:
            return
        elif report.new:
            self._kept += 1
            self._keep(path, item.data)
        else:
            self._dropped += 1
            self._drop(path)

    def _failed(self, worker: int, item: Item, path: Path | None, report: Failed) -> None:
        if id(item) in self._quiet:
            self._known_failures.add(report.failure.id)
        elif path is None:
            return  # it is stored nowhere, and says nothing about the candidates
        elif report.failure.id in self._known_failures:
            self._dropped += 1
            self._drop(path)
        else:
            self._search.record(worker, item.data, report.failure, None)
            self._failing_files.append((report.failure.id, path))

    def undecided(self, worker: int, item: Item, failure: Failure, why: Visible) -> None:  # noqa: ARG002
        """A candidate stays: the next run's baseline has it first."""
        path = self._files.pop(id(item))
        self._unrun -= path is None
        self._search.listener.warn("suspect", say("an input is not judged ({})", why))
        if path is not None:
            self._kept += 1
            self._keep(path, item.data)

    def close(self) -> None:
        """Carry out what was decided and tell of it; of a run that was interrupted nothing is removed."""
        if self.is_done and self._items:
            for failure_id, path in self._failing_files:
                # A crasher is stored before its entry goes; one that cannot be stored keeps its entry.
                if self._search.crashers.is_stored(failure_id):
                    self._drop(path)
            self._finish()
            change = CorpusChange(self._kept, self._dropped, tuple(self._malformed), len(self._search.coverage))
            self._search.listener.on_event(CorpusChanged(self._search.clock.elapsed(), change))

    @abstractmethod
    def _given(self) -> Contents:
        """The candidates' files, each with its content or why it cannot be read."""

    def _kept_in_any_case(self) -> list[bytes]:
        """Inputs that stay, besides seeds and stored ones."""
        return []

    @abstractmethod
    def _input_of(self, content: bytes) -> bytes:
        """The input that a file holds. MalformedInput if it holds none."""

    @abstractmethod
    def _keep(self, path: Path, data: bytes) -> None:
        """A candidate stays."""

    @abstractmethod
    def _drop(self, path: Path) -> None:
        """A candidate goes."""

    @abstractmethod
    def _finish(self) -> None:
        """Every candidate has been judged."""


class Minimizing(Distilling):
    """Removes from the generated corpus what other entries, seeds and stored inputs cover too."""

    def __init__(self, account: Account, search: Search, suspects: Suspects) -> None:
        super().__init__(account, search, suspects)
        self._folder = search.options.target.generated_dir(search.options.cache_dir)
        self._removed: list[Path] = []

    def _given(self) -> Contents:
        return contents(self._folder, LONGEST)

    def _input_of(self, content: bytes) -> bytes:
        decode(content, self._search.parameters)
        return content

    def _keep(self, path: Path, data: bytes) -> None:
        """Nothing changes."""

    def _drop(self, path: Path) -> None:
        self._removed.append(path)

    def _finish(self) -> None:
        for path in self._removed:
            try:
                remove(self._folder, path.name)
            except OSError as error:
                self.unsaved += 1
                sentence = say("{} cannot be removed: {}", path, os_error(error, ""))
                self._search.listener.warn(f"remove {path}", sentence)


class Importing(Distilling):
    """Takes in those files of a folder, or of a zip archive, that cover something new.

    Other fuzzers leave plain bytes: where the target's one argument is a text, those are read as UTF-8.
    """

    def __init__(self, account: Account, search: Search, suspects: Suspects, folder: Path) -> None:
        super().__init__(account, search, suspects)
        self._folder = folder

    def _given(self) -> Contents:
        if is_archive(self._folder):
            archive = SeedFiles([self._folder], LONGEST)
            found: Contents = [(self._folder / seed.name, seed.data) for seed in archive]
            if archive.problem:
                self._search.listener.warn("seeds", archive.problem)
            return found
        # Whoever names a folder means what its links lead to: a corpus may be a selection of another one's files.
        return contents(self._folder, LONGEST, follow=True)

    def _kept_in_any_case(self) -> list[bytes]:
        options, parameters = self._search.options, self._search.parameters
        own = contents(options.target.generated_dir(options.cache_dir), LONGEST)
        return [data for _, data in own if isinstance(data, bytes) and _is_input(data, parameters)]

    def _input_of(self, content: bytes) -> bytes:
        try:
            decode(content, self._search.parameters)
        except MalformedInput:
            if self._search.parameters != ("str",):
                raise
        else:
            return content
        try:
            return encode((content.decode(),))
        except UnicodeDecodeError as error:
            raise MalformedInput(f"neither a stored input nor UTF-8: {error.reason} at byte {error.start}") from None

    def _keep(self, path: Path, data: bytes) -> None:
        try:
            self._search.corpus.keep(data)
        except OSError as error:
            self.unsaved += 1
            self._kept -= 1
            sentence = say("{} covers something new and was not taken in: {}", path.name, os_error(error))
            self._search.listener.warn(f"import {path}", sentence)

    def _drop(self, path: Path) -> None:
        """The file is somebody else's."""

    def _finish(self) -> None:
        """Each input was taken in as it was judged."""


def _is_input(data: bytes, parameters: tuple[str, ...]) -> bool:
    try:
        decode(data, parameters)
    except MalformedInput:
        return False
    return True
