"""The crashers of a run: told apart, stored before anyone hears of them, accounted for."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from fuzztui.engine.clock import RunClock
from fuzztui.engine.keep.corpus import Entry
from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.keep.storage import replace as replace_file
from fuzztui.engine.keep.storage import write_once
from fuzztui.engine.options import RunOptions
from fuzztui.engine.show import text
from fuzztui.engine.show.snapshot import Crasher, Failure
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode, show

VALUES_CHARACTERS = 2_000


class CrasherBook:
    """All crashers of a run, one for each failure's identity, in order of appearance.

    At every moment received = stored + duplicates + unsaved. Failing seeds are crashers too, but they were not found
    by this run and are not counted as received.
    """

    def __init__(self, options: RunOptions, clock: RunClock) -> None:
        """Crashers go beside the target; their records, and crashers that find no place there, into the cache."""
        self._clock = clock
        self._target = options.target
        self._folder = options.target.crashers_dir
        self._records = options.target.records_dir(options.cache_dir)
        self._positions: dict[str, int] = {}
        """Identity of a failure -> its crasher's place in `crashers`."""
        self._unsaved: dict[str, bytes] = {}
        """Inputs that lie nowhere on disk yet, by the identity of their crasher."""
        self._parameters: tuple[str, ...] = ()
        self.crashers: list[Crasher] = []
        self.received = 0
        self.stored = 0
        self.duplicates = 0
        self.problem = text.NOTHING
        """Why the last attempt to store a crasher failed; empty if it did not."""
        self.record_problem = text.NOTHING
        """Why the record of a crasher could not be written; empty if all could."""

    def set_parameters(self, parameters: tuple[str, ...]) -> None:
        """Names of the target's types, known once a worker has loaded it."""
        self._parameters = parameters

    @property
    def unsaved(self) -> int:
        """Crashers that lie nowhere on disk yet."""
        return len(self._unsaved)

    @property
    def hits(self) -> int:
        """How often any crasher appeared, failing seeds included."""
        return sum(crasher.hits for crasher in self.crashers)

    def record(self, data: bytes, failure: Failure, *, worker: int, seed: Entry | None = None) -> Crasher | None:
        """Take in a failing input; returns its crasher if it is the first of its kind, which then is on disk if at all
        possible, and None if it repeats one. `seed`: the seed or stored input that it is.
        """
        self.received += seed is None
        if self._repeats(failure.id, 1):
            self.duplicates += seed is None
            return None
        self.problem = text.NOTHING
        path = seed.path if seed is not None else self._store(failure.id, data)
        crasher = Crasher(
            failure=failure,
            data=data,
            path=path,
            seed_name=text.one_line(seed.name) if seed is not None else None,
            worker=worker,
            elapsed=self._clock.elapsed(),
            hits=1,
            command=self._command(path) if path is not None else text.NOTHING,
            values=text.one_line(self._values(data), VALUES_CHARACTERS),
        )
        self._positions[failure.id] = len(self.crashers)
        self.crashers.append(crasher)
        self._write_record(crasher)
        return crasher

    def repeat(self, failure_id: str, hits: int) -> bool:
        """Count `hits` more appearances of a known failure; False if it is unknown."""
        if not self._repeats(failure_id, hits):
            return False
        self.received += hits
        self.duplicates += hits
        return True

    def is_stored(self, failure_id: str) -> bool:
        """Whether an input that shows this failure lies on disk."""
        position = self._positions.get(failure_id)
        return position is not None and self.crashers[position].path is not None

    def retry_unsaved(self) -> None:
        """Try again to store what could not be stored."""
        for failure_id, data in list(self._unsaved.items()):
            del self._unsaved[failure_id]
            path = self._store(failure_id, data)
            if path is not None:
                position = self._positions[failure_id]
                crasher = replace(self.crashers[position], path=path, command=self._command(path))
                self.crashers[position] = crasher
                self._write_record(crasher)

    def _repeats(self, failure_id: str, hits: int) -> bool:
        position = self._positions.get(failure_id)
        if position is None:
            return False
        crasher = self.crashers[position]
        self.crashers[position] = replace(crasher, hits=crasher.hits + hits)
        return True

    def _store(self, failure_id: str, data: bytes) -> Path | None:
        """Write a crasher beside its target, or else into the cache; None if neither takes it."""
        self.problem = text.NOTHING
        name = sha256(data).hexdigest()
        for folder in (self._folder, self._records):
            try:
                written = write_once(folder, name, data)
            except OSError as error:
                self.problem = self.problem or text.os_error(error, folder)
                continue
            if written:
                self.stored += 1
            else:
                self.duplicates += 1
            return folder / name
        self._unsaved[failure_id] = data
        return None

    def _command(self, path: Path) -> text.Visible:
        return text.command("fuzztui", "replay", *map(text.path_word, (self._target.command_id, shown_path(path))))

    def _values(self, data: bytes) -> str:
        try:
            return show(decode(data, self._parameters), VALUES_CHARACTERS) if self._parameters else ""
        except MalformedInput as error:
            return f"<{error}>"

    def _write_record(self, crasher: Crasher) -> None:
        """Keep what is known about a crasher in the cache: its traceback is worth having in the next session."""
        record = {
            **crasher.failure.fields(),
            "sha256": crasher.sha256,
            "target": self._target.id,
            "values": crasher.values,
            "seed": crasher.seed_name,
        }
        content = json.dumps(record, indent=2).encode("utf-8", "backslashreplace")
        try:
            replace_file(self._records, f"{crasher.id}.json", content)
        except OSError as error:
            self.record_problem = text.os_error(error, self._records)
