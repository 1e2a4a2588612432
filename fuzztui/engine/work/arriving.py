"""Runs inputs that somebody, or another fuzzer, has put into the folders of the corpus while the run goes on.

An input that covers something new enters the corpus, as if the run had begun with it; so does one of the target's own
stored inputs. One that fails is a crasher, as it is in the baseline: a failing stored input, or a new crasher where it
lies in the generated corpus. What is no input is told of, once. What the run itself has written is no news.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

from fuzztui.engine.keep.corpus import Entry, Origin, passed_by
from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.keep.storage import Folder, NotRegularError, contents, names
from fuzztui.engine.keep.unfit import Unfit, unfit, unfit_sentences
from fuzztui.engine.show.events import InputsArrived
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.text import Visible, joined, one_line, os_error, say
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.baseline import Baseline
from fuzztui.engine.work.call import Batch, Clean, Item, Report
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.search import Search
from fuzztui.engine.work.suspects import Suspecting, Suspects

BATCH = 32
"""Inputs of one call at most."""


@dataclass(slots=True)
class _Group:
    """Inputs that came together."""

    folder: Folder
    waiting: int
    given: int
    taken: int = 0
    failing: int = 0


@dataclass(slots=True)
class _Found:
    """What was read of a folder."""

    inputs: list[tuple[Path, bytes]] = field(default_factory=list)
    problems: list[Visible] = field(default_factory=list)


class Arriving(Suspecting):
    """Looks into the folders when it is told to, and has what is new there run."""

    state: ClassVar = WorkerState.EXECUTING

    def __init__(self, account: Account, search: Search, suspects: Suspects, baseline: Baseline) -> None:
        """`baseline`: must be over before it can be said what is new."""
        super().__init__(account, suspects)
        self._search = search
        self._baseline = baseline
        target = search.options.target
        self.folders: tuple[Folder, ...] = (*target.stored_dirs, target.generated_dir(search.options.cache_dir))
        """Those of stored inputs, and last that of the generated corpus."""
        self._seen: dict[Folder, set[str]] = {}
        """Names of files that were there when the run began, or have come since."""
        self._refused: set[tuple[Path, str]] = set()
        """Path and digest of what is no input, and has been told of."""
        self._items: deque[Item] = deque()
        self._groups: dict[int, _Group] = {}
        """By the `id` of an item that waits or runs."""

    def begin(self, seeds: list[bytes]) -> None:  # noqa: ARG002
        """Note what is there. Called before the baseline reads it, so that nothing comes in between."""
        self._seen = {folder: set(names(folder)) for folder in self.folders}

    # Looking ---------------------------------------------------------------------------------------------------------

    def look(self, folder: Folder, changed: Iterable[str] | None) -> None:
        """Read what is new in a folder; `changed`: names of files that may be, None where any may."""
        if folder not in self._seen:
            return  # before the run has begun
        wanted = frozenset(changed) if changed is not None else None
        if wanted is not None and folder is self.folders[-1]:
            wanted = wanted.difference(self._search.corpus.digests)  # what the run has written itself, most of the time
            if not wanted:
                return
        seen = frozenset(self._seen[folder])
        self._search.disk.do(lambda: self._read(folder, wanted, seen), lambda found: self._take_in(folder, found))

    def _read(
        self, folder: Folder, changed: frozenset[str] | None, seen: frozenset[str]
    ) -> list[tuple[Path, bytes | OSError]] | OSError:
        """Called on the disk's thread."""

        def is_wanted(name: str) -> bool:
            return name in changed if changed is not None else name not in seen

        try:
            return contents(folder, self._search.capacity, follow=folder is not self.folders[-1], wanted=is_wanted)
        except OSError as error:
            return error

    def _take_in(self, folder: Folder, read: list[tuple[Path, bytes | OSError]] | OSError) -> None:
        if isinstance(read, OSError):
            self._search.listener.warn(f"arriving {folder}", say("{}: nothing is taken in", os_error(read, folder)))
            return
        self._seen[folder].update(path.name for path, _ in read)
        inputs = [(path, content) for path, content in read if isinstance(content, bytes)]
        misfits, good = self._sorted(inputs)
        problems = self._problems(folder, read, misfits)
        if problems:
            self._search.listener.warn(f"arriving {folder}", say("not taken in: {}", joined("; ", problems)))
        known = self._search.known_inputs() if good else frozenset()
        new = {digest: (path, data) for path, data in good if (digest := sha256(data).hexdigest()) not in known}
        group = _Group(folder, len(new), len(new))
        origin = Origin.GENERATED if folder is self.folders[-1] else Origin.STORED
        for path, data in new.values():
            item = Item(data, Entry(data, path.name, origin, path, elapsed=self._search.clock.elapsed()))
            self._groups[id(item)] = group
            self._items.append(item)

    def _sorted(self, inputs: list[tuple[Path, bytes]]) -> tuple[list[Unfit], list[tuple[Path, bytes]]]:
        misfits: list[Unfit] = []
        good: list[tuple[Path, bytes]] = []
        for path, data in inputs:
            misfit = unfit(path, data, self._search.parameters)
            if misfit is None:
                good.append((path, data))
            elif (key := (path, sha256(data).hexdigest())) not in self._refused:
                self._refused.add(key)
                misfits.append(misfit)
        return misfits, good

    def _problems(
        self, folder: Folder, read: list[tuple[Path, bytes | OSError]], misfits: list[Unfit]
    ) -> list[Visible]:
        """What is to be told of files that are no inputs."""
        target = self._search.options.target
        if bool(target.sharing) and folder is self.folders[-2]:
            misfits = []  # they are another target's
        problems = unfit_sentences(misfits, self._search.parameters)
        for path, error in read:
            if isinstance(error, NotRegularError):
                problems += passed_by(path, error)
            elif isinstance(error, OSError):
                problems.append(os_error(error, path))
        return problems

    # Running ---------------------------------------------------------------------------------------------------------

    @property
    def is_done(self) -> bool:
        """Whether all that has come has been run."""
        return not self._groups

    def next(self, worker: int, workers: int) -> Batch | None:  # noqa: ARG002
        """Some of what has come, once it is known what the run began with."""
        if not self._items or not self._baseline.is_done:
            return None
        return Batch([self._items.popleft() for _ in range(min(BATCH, len(self._items)))])

    def give_back(self, worker: int, items: list[Item]) -> None:  # noqa: ARG002
        """They come first again."""
        self._items.extendleft(reversed(items))

    def take(self, worker: int, item: Item, report: Report) -> None:
        """Something new is fuzzed from now on, a failure is recorded, the rest is left where it lies."""
        search, entry = self._search, item.entry
        assert entry is not None
        group = self._groups.pop(id(item))
        if not isinstance(report, Clean):
            group.failing += 1
            search.record(worker, item.data, report.failure, item.seed)
        elif report.new and search.corpus.take_in(entry):
            group.taken += 1
            entry.brought = report.new
            search.schedule.add(entry, search.coverage.numbers(report.edges))
            search.listener.on_new_entry()
        self._answered(group)

    def undecided(self, worker: int, item: Item, failure: Failure, why: Visible) -> None:  # noqa: ARG002
        """It lies where the next run's baseline finds it."""
        self._answered(self._groups.pop(id(item)))

    def _answered(self, group: _Group) -> None:
        group.waiting -= 1
        if not group.waiting:
            folder = one_line(shown_path(group.folder.path), 300)
            event = InputsArrived(self._search.clock.elapsed(), folder, group.given, group.taken, group.failing)
            self._search.listener.on_event(event)
