"""Changes the corpus of a run that goes on as people ask for it: takes inputs in, removes them, puts them back."""

from collections import deque
from functools import partial
from pathlib import Path
from typing import ClassVar, Final, assert_never

from fuzztui.engine.keep.corpus import Entry, Origin
from fuzztui.engine.keep.given import Given, store_given
from fuzztui.engine.keep.storage import Folder, remove, write_once
from fuzztui.engine.live.wishes import GiveInput, PutEntryBack, RemoveEntry
from fuzztui.engine.show.events import Steered
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.text import NOTHING, Visible, label, one_line, os_error, say, size
from fuzztui.engine.show.worker_row import WorkerState
from fuzztui.engine.work.call import Batch, Clean, Death, Item, Report
from fuzztui.engine.work.job import Job
from fuzztui.engine.work.ledger import Account
from fuzztui.engine.work.search import Search
from fuzztui.engine.work.suspects import Suspects

BATCH: Final = 32
"""Inputs of one call at most."""

MOST_REMOVED: Final = 100
"""Entries that can be put back, the newest ones."""

SHORT: Final = 12
"""Characters of a name in a sentence."""


class Intake(Job):
    """Inputs that somebody gives while the run goes on: each is run once, then fuzzed like any other."""

    state: ClassVar = WorkerState.EXECUTING

    def __init__(self, account: Account, search: Search, suspects: Suspects) -> None:
        super().__init__(account)
        self._search = search
        self._suspects = suspects
        self._items: deque[Item] = deque()
        self._in_flight = 0
        self._removed: deque[Entry] = deque(maxlen=MOST_REMOVED)

    # What people ask for ---------------------------------------------------------------------------------------------

    def grant(self, wish: GiveInput | RemoveEntry | PutEntryBack) -> None:
        """Change the corpus as a person wants it."""
        match wish:
            case GiveInput():
                self._give(wish.given)
            case RemoveEntry():
                self._remove(wish.number)
            case PutEntryBack():
                self._put_back()
            case _:
                assert_never(wish)

    def _give(self, given: bytes | Path) -> None:
        """Store an input beside the target and take it in; what comes of that is told."""
        search = self._search
        if not search.parameters:
            self._tell(label("no input can be added before the target is loaded"), is_refused=True)
            return
        folder = search.options.target.crashers_dir
        search.disk.do(lambda: store_given(folder, given, search.parameters, search.capacity), self._given)

    def _given(self, given: Given | Visible) -> None:
        if not isinstance(given, Given):
            self._tell(say("not added: {}", given), is_refused=True)
            return
        entry = Entry(given.data, given.path.name, Origin.STORED, given.path, elapsed=self._search.clock.elapsed())
        if self._search.corpus.take_in(entry):
            self.add(entry)
        else:
            self._tell(say("{} is in the corpus already", short_name(entry)))

    def add(self, entry: Entry) -> None:
        """Have an entry run that the corpus has taken in."""
        self._items.append(Item(entry.data, entry))

    def _remove(self, number: int) -> None:
        """Forget an entry and remove its file. What it covers stays counted in this run."""
        corpus = self._search.corpus
        entry = corpus.by_number.get(number)
        if entry is None:
            return
        folder = corpus.folder_of(entry)
        if folder is None:
            self._tell(say("{} cannot be removed: the target's code declares it", entry.name), is_refused=True)
            return
        corpus.remove(entry)
        self._items = deque(item for item in self._items if item.entry is not entry)
        self._search.schedule.remove(entry, corpus.entries)
        self._removed.append(entry)
        self._search.disk.do(partial(_remove_file, folder, entry.name), partial(self._file_removed, entry))

    def _file_removed(self, entry: Entry, problem: Visible) -> None:
        if problem:
            self._tell(say("{} is removed from this run, its file is not: {}", short_name(entry), problem), True)
        else:
            self._tell(say("removed {} ({})", short_name(entry), size(len(entry.data))))

    def _put_back(self) -> None:
        """Take the entry in again that was removed last, and write its file again."""
        if not self._removed:
            self._tell(label("nothing was removed that could be put back"), is_refused=True)
            return
        entry = self._removed.pop()
        corpus, folder = self._search.corpus, self._search.corpus.folder_of(entry)
        if not corpus.take_in(entry):
            return  # it has been found or given again
        entry.edges, entry.fuzzed = (), 0
        self.add(entry)
        assert folder is not None, "what has no file is not removed"
        self._search.disk.do(partial(_write_file, folder, entry), partial(self._file_written, entry))

    def _file_written(self, entry: Entry, problem: Visible) -> None:
        lost = say(", its file could not be written: {}", problem) if problem else NOTHING
        self._tell(say("put back {}{}", short_name(entry), lost), is_refused=bool(problem))

    def _tell(self, message: Visible, is_refused: bool = False) -> None:
        self._search.listener.on_event(Steered(self._search.clock.elapsed(), message, is_refused))

    def reload(self) -> None:
        """What was given is part of the corpus, all of which is run anew."""
        self._suspects.drop(self)
        self._items.clear()
        self._in_flight = 0

    # The job ---------------------------------------------------------------------------------------------------------

    @property
    def is_done(self) -> bool:
        """Whether all that was given has been run."""
        return not self._items and not self._in_flight

    def next(self, worker: int, workers: int) -> Batch | None:  # noqa: ARG002
        """Some of what was given."""
        items = [self._items.popleft() for _ in range(min(BATCH, len(self._items)))]
        self._in_flight += len(items)
        return Batch(items) if items else None

    def give_back(self, worker: int, items: list[Item]) -> None:  # noqa: ARG002
        """They come first again."""
        self._in_flight -= len(items)
        self._items.extendleft(item for item in reversed(items) if item.entry is None or not item.entry.is_gone)

    def take(self, worker: int, item: Item, report: Report) -> None:
        """A clean input is fuzzed from now on; a failing one is a failing stored input."""
        self._in_flight -= 1
        entry = item.entry
        assert entry is not None
        if not isinstance(report, Clean):
            self._search.record(worker, item.data, report.failure, item.seed)
            self._tell(say("added {}: it fails: {}", short_name(entry), report.failure.title))
            return
        entry.brought = report.new
        self._search.schedule.add(entry, self._search.coverage.numbers(report.edges))
        if report.new:
            self._search.listener.on_new_entry()
        new, edges = report.new, len(entry.edges)
        self._tell(
            say("added {} ({}): {:,} new edges, {:,} in all", short_name(entry), size(len(item.data)), new, edges)
        )

    def died(self, worker: int, item: Item | None, death: Death) -> None:
        """A crasher, or a suspect."""
        assert item is not None
        if death.suspicion:
            self._suspects.add(worker, item, self, death.suspicion, death.killed)
        else:
            self._in_flight -= 1
            self._search.record(worker, death.data, death.failure, item.seed)

    def doubted(self, worker: int, item: Item, suspicion: Visible) -> None:
        """A suspect."""
        self._suspects.add(worker, item, self, suspicion)

    def undecided(self, worker: int, item: Item, failure: Failure, why: Visible) -> None:  # noqa: ARG002
        """It lies beside the target: the next run's baseline has it."""
        self._in_flight -= 1

    def unproven(self, worker: int, data: bytes, suspicion: Visible) -> None:
        """It lies beside the target: the next run's baseline has it."""


def short_name(entry: Entry) -> Visible:
    """An entry in a sentence: `seed 2`, the first digits of a digest."""
    return one_line(entry.name if entry.path is None and " " in entry.name else entry.name[:SHORT])


def _remove_file(folder: Folder | Path, name: str) -> Visible:
    try:
        remove(folder, name)
    except OSError as error:
        return os_error(error, folder)
    return NOTHING


def _write_file(folder: Folder | Path, entry: Entry) -> Visible:
    try:
        write_once(folder, entry.name, entry.data)
    except OSError as error:
        return os_error(error, folder)
    return NOTHING
