"""The inputs that a run starts from and adds to: seeds, stored crashers, and the generated corpus."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from itertools import count
from pathlib import Path

from fuzztui.engine.keep import before
from fuzztui.engine.keep.altered import alterations
from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.keep.seeds import SeedFiles
from fuzztui.engine.keep.storage import (
    Drawer,
    Folder,
    NotRegularError,
    SweepError,
    TooLongError,
    contents,
    names,
    remove,
    sizes,
    sweep,
    write_once,
)
from fuzztui.engine.keep.unfit import Unfit, is_of_another_form, unfit, unfit_sentences
from fuzztui.engine.show.text import NOTHING, Visible, joined, os_error, say

LONGEST = 1 << 29
"""Bytes of a file beyond which it cannot be an input of any run: eight for each of the largest `--max-len`."""


class Origin(Enum):
    """Where an entry comes from."""

    ZERO = "zero value"
    SEED = "seed"
    """Declared in the target's code."""
    STORED = "stored input"
    """A file beside the target: an earlier crasher, or one that the user put there."""
    GIVEN = "given"
    """A file that lies elsewhere, which a run was told to start from."""
    GENERATED = "generated"
    """A file of the generated corpus."""

    @property
    def is_users(self) -> bool:
        """Whether a person chose it: if it fails, that is no discovery of the fuzzer's."""
        return self in (Origin.SEED, Origin.STORED)


@dataclass(slots=True)
class Entry:
    """One input of the corpus. Two entries never have the same bytes."""

    data: bytes
    """In its file form."""
    name: str
    """For people: `seed 2`, or the file's name."""
    origin: Origin
    path: Path | None = None
    """Its file; None for one that is declared in code or the zero value."""
    edges: tuple[int, ...] = ()
    """Numbers of the edges that it reaches, as the coverage log counts them."""
    found: float = 0.0
    """When in the run it was found, in seconds; 0 for what was there before."""
    fuzzed: int = 0
    """How often it has been handed out for mutation."""
    cost: float = 1.0
    """How many turns' worth of time its last turn has taken."""
    number: int = -1
    """Tells it from the others of its corpus: they are counted as they come."""
    brought: int = 0
    """Edges that nothing had covered before it was run."""
    elapsed: float | None = None
    """Seconds of the run at which it came; None for what the run began with."""
    worker: int | None = None
    """Which worker has found it in this run."""
    is_gone: bool = False
    """Whether it has been removed: it is handed out no more."""


class MalformedCorpus(Exception):  # noqa: N818 - reads as what happened
    """Stored inputs that cannot be read as arguments of the target."""

    def __init__(self, sentences: Visible) -> None:
        super().__init__(sentences)
        self.sentences = sentences
        """A line for each, with its reason."""


class Corpus:
    """All inputs of a run, without repetition, in the order in which they came.

    Taking an input in and keeping its file are two things: the one is done at once, the other waits for the disk.
    """

    def __init__(
        self,
        stored: Folder | Path | Sequence[Folder | Path],
        generated: Folder | Path,
        others: Sequence[Folder | Path] = (),
        sharing: str = "",
        displaced: tuple[Folder | Path, Folder | Path] | None = None,
        given: Sequence[Path] = (),
    ) -> None:
        """`stored`: folders of failing inputs and the user's own; `generated`: folder of what fuzzing found; `others`:
        all further folders that a run writes to, which are only tidied here; `sharing`: whose inputs the last of the
        stored folders holds too, and what to do; empty if nobody else's; `displaced`: folder of crashers that found no
        place beside the target, and the one where they belong; `given`: further inputs, see `seeds`.
        """
        self._stored = (stored,) if isinstance(stored, Folder | Path) else tuple(stored)
        self._sharing = sharing
        self._generated = generated
        self._drawer = Drawer(generated)
        self._others = others
        self._displaced = displaced
        self._given = given
        self._by_digest: dict[str, Entry] = {}
        self._numbers = count()
        self.entries: list[Entry] = []
        self.by_number: dict[int, Entry] = {}
        self.new = 0
        """Entries found in this run."""
        self.skipped = 0
        """What lies in the generated corpus and is no input: malformed, too long, unreadable, no regular file."""
        self.shared = NOTHING
        """That inputs lie in a place which other targets use too, and what to do; empty if none do."""
        self.doubtful: list[Visible] = []
        """Stored inputs that were likely written for other parameters, a sentence each."""
        self.moved = 0
        """Crashers of earlier runs that lay in the cache and lie beside the target now."""
        self.unread = NOTHING
        """What could not be read of the seeds that lie elsewhere, in a sentence; empty if everything could."""
        self.irregular: list[Visible] = []
        """What lies among stored inputs and is no regular file, a sentence each."""
        self.altered: Visible = NOTHING
        """Which stored inputs have been changed since they were stored, in a sentence; empty if none has been."""

    @property
    def digests(self) -> Iterable[str]:
        """SHA-256 of each entry."""
        return self._by_digest.keys()

    @property
    def by_digest(self) -> Mapping[str, Entry]:
        """The entries by their SHA-256."""
        return self._by_digest

    def __len__(self) -> int:
        """Number of entries."""
        return len(self.entries)

    def load(self, parameters: tuple[str, ...], seeds: list[bytes], zero: bytes, capacity: int) -> None:
        """Collect what a run starts from; `parameters`: names of the target's types, `capacity`: bytes that fit.

        MalformedCorpus if stored inputs cannot be used, all of them in one message; OSError if a folder cannot be read.
        """
        self.declare(seeds)
        stored: list[tuple[Path, bytes]] = []
        problems = [
            problem for folder in self._stored for problem in self._load_stored(folder, parameters, capacity, stored)
        ]
        self.altered = alterations(stored)
        if problems:
            raise MalformedCorpus(joined("\n", filter(None, (*problems, self.altered))))
        self._load_displaced(parameters, capacity)
        given = SeedFiles(self._given, capacity)
        for seed in given:
            if unfit(Path(seed.name), seed.data, parameters):
                self.skipped += 1
            else:
                self._add(Entry(seed.data, seed.name, Origin.GIVEN))
        self.unread = given.problem
        if not self.entries:
            # Kept out of the folder, added in every run: so the corpus counts the same in the next one.
            self._add(Entry(zero, "zero value", Origin.ZERO))
        for path, content in contents(self._generated, capacity):
            if isinstance(content, OSError) or unfit(path, content, parameters):
                self.skipped += 1
            else:
                self._add(Entry(content, path.name, Origin.GENERATED, path))

    def _load_stored(
        self, folder: Folder | Path, parameters: tuple[str, ...], capacity: int, read: list[tuple[Path, bytes]]
    ) -> list[Visible]:
        """Take in the inputs of one folder; returns a sentence for each reason why one cannot be used.

        What is read is added to `read`.
        """
        is_shared = bool(self._sharing) and folder is self._stored[-1]
        problems: list[Visible] = []
        misfits: list[Unfit] = []
        doubtful = 0
        for path, content in contents(folder, capacity, follow=True):
            if isinstance(content, bytes):
                read.append((path, content))
            match content:
                case NotRegularError():
                    self.irregular += passed_by(path, content)
                case TooLongError():
                    problems.append(os_error(content, path))
                case OSError():
                    problems.append(say("{}: cannot be read: {}", path, os_error(content, "")))
                case bytes() if misfit := unfit(path, content, parameters):
                    misfits.append(misfit)
                case bytes():
                    doubtful += is_of_another_form(content, parameters)
                    self._add(Entry(content, path.name, Origin.STORED, path))
        if doubtful:
            self.doubtful.append(
                say(
                    "{:,} stored {} in {} written for other parameters, and taken as bytes",
                    doubtful,
                    "input" if doubtful == 1 else "inputs",
                    shown_path(Path(folder)),
                )
            )
        if is_shared and (misfits or any(entry.path and entry.path.parent == Path(folder) for entry in self.entries)):
            left_out = say(", {:,} of them are not for these parameters and left out", len(misfits))
            where = say("{} holds inputs of several targets{}", shown_path(Path(folder)), left_out if misfits else "")
            self.shared = say("{}; {}", where, self._sharing)
            misfits = []
        return [*unfit_sentences(misfits, parameters), *problems]

    def declare(self, seeds: list[bytes]) -> None:
        """Take in what the target declares now; what it does not declare any more stays."""
        for number, data in enumerate(seeds, 1):
            self._add(Entry(data, f"seed {number}", Origin.SEED))

    def take_in(self, entry: Entry) -> bool:
        """Take in an input while the run goes on, one that was removed for one; False if it is there already."""
        if not self._add(entry):
            return False
        entry.is_gone = False
        return True

    def remove(self, entry: Entry) -> None:
        """Forget an entry; its file stays. `take_in` takes it back."""
        del self._by_digest[sha256(entry.data).hexdigest()]
        del self.by_number[entry.number]
        self.entries.remove(entry)
        self.new -= entry.origin is Origin.GENERATED and entry.elapsed is not None
        entry.is_gone = True

    def folder_of(self, entry: Entry) -> Folder | Path | None:
        """Where its file lies; None for one that has none."""
        if entry.origin is Origin.GENERATED:
            return self._generated
        parent = entry.path.parent if entry.path is not None else None
        places = (*self._stored, *(self._displaced or ()))
        return next((folder for folder in places if Path(folder) == parent), None)

    def add(self, data: bytes, elapsed: float | None = None, brought: int = 0) -> Entry | None:
        """Take in an input that covered something new; None if it is there already. `keep` is what stores it."""
        entry = Entry(data, sha256(data).hexdigest(), Origin.GENERATED, brought=brought, elapsed=elapsed)
        if not self._add(entry):
            return None
        self.new += 1
        return entry

    def keep(self, data: bytes) -> None:
        """Store an input in the generated corpus, so that the next run begins with it; OSError if that fails. May be
        called on any thread.

        Not synced to the disk's platter: what a power failure takes here, fuzzing finds again.
        """
        self._drawer.write_once(sha256(data).hexdigest(), data)

    def tidy(self) -> list[Visible]:
        """Remove temporary files that ended processes have left in any of the folders; a sentence for each that cannot
        be removed.

        A folder that cannot be opened has none: what is wrong with it is told where it is needed.
        """
        left = []
        for folder in (*self._stored, self._generated, *self._others):
            try:
                sweep(folder)
            except SweepError as error:  # dot files, which nobody takes for inputs: no reason not to run
                left.append(os_error(error))
            except OSError:
                continue
        return left

    def _load_displaced(self, parameters: tuple[str, ...], capacity: int) -> None:
        """Crashers of earlier runs that found no place beside the target: they get one now, if there is one."""
        if self._displaced is None:
            return
        lies, belongs = self._displaced
        for path, data in displaced_files(lies, capacity):
            if unfit(path, data, parameters):
                self.skipped += 1
                continue
            place = path
            try:
                write_once(belongs, path.name, data)
                remove(lies, path.name)
            except OSError:  # the project is still read-only, or full: the crasher lies where it lay
                pass
            else:
                place = Path(belongs) / path.name
                self.moved += 1
            self._add(Entry(data, path.name, Origin.STORED, place))

    def _add(self, entry: Entry) -> bool:
        digest = sha256(entry.data).hexdigest()
        if digest in self._by_digest:
            return False
        self._by_digest[digest] = entry
        if entry.number < 0:
            entry.number = next(self._numbers)
        self.by_number[entry.number] = entry
        self.entries.append(entry)
        return True

    def digest_of(self, entry: Entry) -> str:
        """The SHA-256 of an entry, which names it elsewhere."""
        return sha256(entry.data).hexdigest()

    def get(self, digest: str) -> Entry | None:
        """The entry with this SHA-256."""
        return self._by_digest.get(digest)


def is_input_name(name: str) -> bool:
    """Whether a file is named as we name inputs: by their digest."""
    return len(name) == 2 * sha256().digest_size and not name.strip("0123456789abcdef")


def displaced_files(records: Folder | Path, most: int = LONGEST) -> list[tuple[Path, bytes]]:
    """Crashers of at most `most` bytes that lie in the cache, among the records, since no place beside the target was
    to be had. A person puts nothing there, so what cannot be read is passed by; of a cache that cannot be used whoever
    writes to it tells.
    """
    try:
        found = contents(records, most, wanted=is_input_name)
    except OSError:
        return []
    return [(path, content) for path, content in found if isinstance(content, bytes)]


def longest_displaced(records: Folder | Path) -> int:
    """Bytes of the longest of those; 0 if there is none."""
    try:
        return max(sizes(records, wanted=is_input_name), default=0)
    except OSError:
        return 0


def longest_file(folder: Folder | Path) -> int:
    """Bytes of the longest stored input of a folder; 0 if there is none. OSError if the folder cannot be read."""
    return max(sizes(folder, follow=True), default=0)


def named_by_prefix(folders: Sequence[Folder | Path], prefix: str) -> list[Path]:
    """The inputs in these folders whose names begin so, one for each name. OSError if a folder cannot be read."""
    found: dict[str, Path] = {}
    for folder in folders:
        for name in names(folder):
            path = Path(folder) / name
            # Neither the records of crashers nor folders are inputs.
            if name.startswith(prefix) and not name.endswith(".json") and not path.is_dir():
                found.setdefault(name, path)
    return list(found.values())


def stored_files(folder: Folder | Path, most: int = LONGEST) -> list[tuple[Path, bytes]]:
    """The regular files of a folder by name; no dot files, no sub-folders; nothing if there is no folder.

    OSError for a folder or a file that cannot be read, and for a file of over `most` bytes.
    """
    return stored_files_and_others(folder, most)[0]


def stored_files_and_others(
    folder: Folder | Path, most: int = LONGEST
) -> tuple[list[tuple[Path, bytes]], list[Visible]]:
    """As `stored_files`, and a sentence for each thing that is passed by."""
    found: list[tuple[Path, bytes]] = []
    others: list[Visible] = []
    for path, content in contents(folder, most, follow=True):
        if isinstance(content, bytes):
            found.append((path, content))
        elif isinstance(content, NotRegularError):
            others += passed_by(path, content)
        else:
            raise content
    return found, others


def passed_by(path: Path, error: NotRegularError) -> list[Visible]:
    """What lies among stored inputs and is no regular file, in a sentence; none for the folder that we make there."""
    return [] if path.name == before.FOLDER and path.is_dir() else [os_error(error, path)]


def irregular_sentence(others: Sequence[Visible]) -> Visible:
    """What `passed_by` has said, in one sentence; empty if that is nothing."""
    return say("skipped among the stored inputs: {}", joined("; ", others)) if others else NOTHING
