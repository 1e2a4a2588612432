"""The crashers of a run: told apart, stored before anyone hears of them, accounted for."""

import json
import shlex
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from fuzztui.engine import text
from fuzztui.engine.clock import RunClock
from fuzztui.engine.findings import Finding
from fuzztui.engine.options import RunOptions
from fuzztui.engine.places import crashers_dir, records_dir, shown_path
from fuzztui.engine.snapshot import Crasher
from fuzztui.engine.storage import replace as replace_file
from fuzztui.engine.storage import write_once
from fuzztui.target.errors import MalformedInput
from fuzztui.target.values import decode, show

MESSAGE_CHARACTERS = 2_000
TRACEBACK_CHARACTERS = 40_000
VALUES_CHARACTERS = 2_000


class CrasherBook:
    """All crashers of a run, one for each bucket, in order of appearance.

    At every moment received = stored + duplicates + unsaved. Failing seeds are crashers too, but they were not found
    by this run and are not counted as received.
    """

    def __init__(self, options: RunOptions, clock: RunClock) -> None:
        """Crashers go beside the target; their records, and crashers that find no place there, into the cache."""
        self._clock = clock
        self._folder = crashers_dir(options.file, options.target)
        self._records = records_dir(options.cache_dir, options.project, options.file, options.target)
        self._target_id = f"{shown_path(options.file)}::{options.target}"
        self._by_bucket: dict[str, int] = {}
        self._unsaved: dict[str, bytes] = {}
        self._parameters: tuple[str, ...] = ()
        self.crashers: list[Crasher] = []
        self.received = 0
        self.stored = 0
        self.duplicates = 0
        self.problem = ""
        """Why the last attempt to store a crasher failed; empty if it did not."""

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

    def record(self, finding: Finding) -> Crasher | None:
        """Take in a finding; returns its crasher if it is the first of its kind, which then is on disk if at all
        possible, and None if it repeats one.
        """
        is_seed = finding.seed is not None
        self.received += not is_seed
        if self._repeats(finding.bucket, 1):
            self.duplicates += not is_seed
            return None
        name = sha256(finding.data).hexdigest()
        path = finding.seed.path if finding.seed is not None else self._store(name, finding.data)
        crasher = self._describe(finding, name, path)
        self._by_bucket[finding.bucket] = len(self.crashers)
        self.crashers.append(crasher)
        self._write_record(crasher)
        return crasher

    def repeat(self, bucket: str, hits: int) -> bool:
        """Count `hits` more appearances of a known bucket; False if it is unknown."""
        if not self._repeats(bucket, hits):
            return False
        self.received += hits
        self.duplicates += hits
        return True

    def retry_unsaved(self) -> None:
        """Try again to store what could not be stored."""
        for name, data in list(self._unsaved.items()):
            del self._unsaved[name]
            path = self._store(name, data)
            if path is None:
                continue
            for position, crasher in enumerate(self.crashers):
                if crasher.sha256 == name:
                    self.crashers[position] = replace(crasher, path=path, command=self._command(path))

    def _repeats(self, bucket: str, hits: int) -> bool:
        position = self._by_bucket.get(bucket)
        if position is None:
            return False
        crasher = self.crashers[position]
        self.crashers[position] = replace(crasher, hits=crasher.hits + hits)
        return True

    def _store(self, name: str, data: bytes) -> Path | None:
        """Write a crasher beside its target, or else into the cache; None if neither takes it."""
        self.problem = ""
        for folder in (self._folder, self._records):
            try:
                written = write_once(folder, name, data)
            except OSError as error:
                self.problem = self.problem or f"{folder}: {error.strerror or error}"
                continue
            if written:
                self.stored += 1
            else:
                self.duplicates += 1
            return folder / name
        if name in self._unsaved:
            self.duplicates += 1
        self._unsaved[name] = data
        return None

    def _describe(self, finding: Finding, name: str, path: Path | None) -> Crasher:
        return Crasher(
            sha256=name,
            kind=finding.kind,
            type=text.one_line(finding.type, 200),
            message=text.one_line(finding.message, MESSAGE_CHARACTERS),
            traceback=text.visible(finding.traceback, TRACEBACK_CHARACTERS, multiline=True),
            function=text.one_line(finding.function, 200),
            location=text.one_line(finding.location, 500),
            data=finding.data,
            path=path,
            seed_name=finding.seed.name if finding.seed is not None else None,
            worker=finding.worker,
            elapsed=self._clock.elapsed(),
            hits=1,
            command=self._command(path) if path is not None else "",
            values=text.one_line(self._values(finding.data), VALUES_CHARACTERS),
        )

    def _command(self, path: Path) -> str:
        return f"fuzztui replay {shlex.quote(self._target_id)} {shlex.quote(shown_path(path))}"

    def _values(self, data: bytes) -> str:
        try:
            return show(decode(data, self._parameters), VALUES_CHARACTERS) if self._parameters else ""
        except MalformedInput as error:
            return f"<{error}>"

    def _write_record(self, crasher: Crasher) -> None:
        """Keep what is known about a crasher beside the cache: its traceback is worth having in the next session."""
        record = {
            "sha256": crasher.sha256,
            "target": self._target_id,
            "kind": crasher.kind.value,
            "type": crasher.type,
            "message": crasher.message,
            "function": crasher.function,
            "location": crasher.location,
            "traceback": crasher.traceback,
            "values": crasher.values,
            "seed": crasher.seed_name,
        }
        try:
            replace_file(self._records, f"{crasher.sha256}.json", json.dumps(record, indent=2).encode())
        except OSError as error:
            self.problem = self.problem or f"{self._records}: {error.strerror or error}"
