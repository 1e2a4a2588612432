"""The inputs that a run starts from and adds to: seeds, stored crashers, and the generated corpus."""

from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from pathlib import Path

from fuzztui.engine.keep.storage import sweep, write_once
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode


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
    """Stored inputs that cannot be read as arguments of the target; the message names each with its reason."""


class Corpus:
    """All inputs of a run, without repetition, in the order in which they came.

    What is found is written to the generated corpus at once: a run that is killed has lost nothing.
    """

    def __init__(self, stored: Path, generated: Path) -> None:
        """`stored`: folder of failing inputs and the user's own; `generated`: folder of what fuzzing found."""
        self._stored = stored
        self._generated = generated
        self._hashes: set[bytes] = set()
        self.entries: list[Entry] = []
        self.new = 0
        """Entries found in this run."""
        self.skipped = 0
        """Malformed files of the generated corpus."""

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
        for path, data in stored_files(self._stored):
            if len(data) > capacity:
                problems.append(f"{path}: {len(data)} bytes, at most {capacity} fit: raise --max-len")
            elif problem := _problem(data, parameters):
                problems.append(f"{path}: {problem}")
            else:
                self._add(Entry(data, path.name, Origin.STORED, path))
        if problems:
            raise MalformedCorpus("\n".join(problems))
        if not self.entries:
            # Kept out of the folder, added in every run: so the corpus counts the same in the next one.
            self._add(Entry(zero, "zero value", Origin.ZERO))
        for path, data in stored_files(self._generated):
            if len(data) > capacity or _problem(data, parameters):
                self.skipped += 1
            else:
                self._add(Entry(data, path.name, Origin.GENERATED, path))
        sweep(self._stored)
        sweep(self._generated)

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

    def _add(self, entry: Entry) -> bool:
        digest = sha256(entry.data).digest()
        if digest in self._hashes:
            return False
        self._hashes.add(digest)
        self.entries.append(entry)
        return True


def longest_file(folder: Path) -> int:
    """Bytes of the longest stored input of a folder; 0 if there is none."""
    if not folder.is_dir():
        return 0
    return max((path.stat().st_size for path in folder.iterdir() if not path.name.startswith(".")), default=0)


def stored_files(folder: Path) -> list[tuple[Path, bytes]]:
    """The files of a folder by name; no dot files, no sub-folders; nothing if there is no folder."""
    if not folder.is_dir():
        return []
    found = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not path.is_file():
            continue
        try:
            found.append((path, path.read_bytes()))
        except FileNotFoundError:  # another session, or its user, has removed it since
            continue
    return found


def _problem(data: bytes, parameters: tuple[str, ...]) -> str | None:
    try:
        decode(data, parameters)
    except MalformedInput as error:
        return str(error)
    return None
