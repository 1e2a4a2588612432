"""The inputs that a run starts from and adds to: seeds, stored crashers, and the generated corpus."""

from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from pathlib import Path

from fuzztui.engine.keep.storage import Folder, NotRegularError, TooLongError, contents, sizes, sweep, write_once
from fuzztui.engine.show.text import Visible, joined, os_error, say
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode

LONGEST = 1 << 29
"""Bytes of a file beyond which it cannot be an input of any run: eight for each of the largest `--max-len`."""


class Origin(Enum):
    """Where an entry comes from."""

    ZERO = "zero value"
    SEED = "seed"
    """Declared in the target's code."""
    STORED = "stored input"
    """A file beside the target: an earlier crasher, or one that the user put there."""
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
    fuzzed: int = 0
    """How often it has been handed out for mutation."""


class MalformedCorpus(Exception):  # noqa: N818 - reads as what happened
    """Stored inputs that cannot be read as arguments of the target."""

    def __init__(self, sentences: Visible) -> None:
        super().__init__(sentences)
        self.sentences = sentences
        """A line for each, with its reason."""


class Corpus:
    """All inputs of a run, without repetition, in the order in which they came.

    What is found is written to the generated corpus at once: a run that is killed has lost nothing.
    """

    def __init__(self, stored: Folder | Path, generated: Folder | Path, records: Folder | Path | None = None) -> None:
        """`stored`: folder of failing inputs and the user's own; `generated`: folder of what fuzzing found; `records`:
        folder of what is known of crashers, which is only tidied here.
        """
        self._stored = stored
        self._generated = generated
        self._records = records
        self._hashes: set[bytes] = set()
        self.entries: list[Entry] = []
        self.new = 0
        """Entries found in this run."""
        self.skipped = 0
        """What lies in the generated corpus and is no input: malformed, too long, unreadable, no regular file."""
        self.irregular: list[Visible] = []
        """What lies among stored inputs and is no regular file, a sentence each."""
        self.left: list[Visible] = []
        """Temporary files of ended processes that cannot be removed, a sentence each."""

    def __len__(self) -> int:
        """Number of entries."""
        return len(self.entries)

    def load(self, parameters: tuple[str, ...], seeds: list[bytes], zero: bytes, capacity: int) -> None:
        """Collect what a run starts from; `parameters`: names of the target's types, `capacity`: bytes that fit.

        MalformedCorpus if stored inputs cannot be used, all of them in one message; OSError if a folder cannot be read.
        """
        for number, data in enumerate(seeds, 1):
            self._add(Entry(data, f"seed {number}", Origin.SEED))
        problems = []
        for path, content in contents(self._stored, capacity, follow=True):
            match content:
                case NotRegularError():
                    self.irregular.append(os_error(content, path))
                case TooLongError():
                    problems.append(os_error(content, path))
                case OSError():
                    problems.append(say("{}: cannot be read: {}", path, os_error(content, "")))
                case bytes() if problem := _problem(content, parameters):
                    problems.append(say("{}: {}", path, problem))
                case bytes():
                    self._add(Entry(content, path.name, Origin.STORED, path))
        if problems:
            raise MalformedCorpus(joined("\n", problems))
        if not self.entries:
            # Kept out of the folder, added in every run: so the corpus counts the same in the next one.
            self._add(Entry(zero, "zero value", Origin.ZERO))
        for path, content in contents(self._generated, capacity):
            if isinstance(content, OSError) or _problem(content, parameters):
                self.skipped += 1
            else:
                self._add(Entry(content, path.name, Origin.GENERATED, path))
        self._tidy()

    def add(self, data: bytes) -> Entry | None:
        """Take in and store an input that covered something new; None if it is there already. OSError if storing fails;
        the entry is part of this run all the same.
        """
        entry = Entry(data, sha256(data).hexdigest(), Origin.GENERATED)
        if not self._add(entry):
            return None
        self.new += 1
        self.keep(data)
        return entry

    def keep(self, data: bytes) -> None:
        """Store an input in the generated corpus, so that the next run begins with it; OSError if that fails.

        Not synced to the disk's platter: what a power failure takes here, fuzzing finds again.
        """
        write_once(self._generated, sha256(data).hexdigest(), data, durable=False)

    def _tidy(self) -> None:
        for folder in (self._stored, self._generated, self._records):
            if folder is not None:
                try:
                    sweep(folder)
                except OSError as error:  # dot files, which nobody takes for inputs: no reason not to run
                    self.left.append(os_error(error))

    def _add(self, entry: Entry) -> bool:
        digest = sha256(entry.data).digest()
        if digest in self._hashes:
            return False
        self._hashes.add(digest)
        self.entries.append(entry)
        return True


def longest_file(folder: Folder | Path) -> int:
    """Bytes of the longest stored input of a folder; 0 if there is none. OSError if the folder cannot be read."""
    return max(sizes(folder, follow=True), default=0)


def stored_files(folder: Folder | Path, most: int = LONGEST) -> list[tuple[Path, bytes]]:
    """The regular files of a folder by name; no dot files, no sub-folders; nothing if there is no folder.

    OSError for a folder or a file that cannot be read, and for a file of over `most` bytes.
    """
    found = []
    for path, content in contents(folder, most, follow=True):
        if isinstance(content, bytes):
            found.append((path, content))
        elif not isinstance(content, NotRegularError):
            raise content
    return found


def _problem(data: bytes, parameters: tuple[str, ...]) -> str | None:
    try:
        decode(data, parameters)
    except MalformedInput as error:
        return str(error)
    return None
