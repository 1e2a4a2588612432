"""What must hold after any run, judged by what the target noted and by what was done to the run."""

import json
import signal
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from fuzztui.engine.keep.before import FOLDER as BEFORE
from fuzztui.engine.show.outcome import Outcome
from fuzztui.engine.show.snapshot import Snapshot
from tests.processes import left_in

DIGEST = 32
"""Bytes of a record in the target's log: the SHA-256 of the input."""

SIGNALS = {
    "interrupted": 128 + signal.SIGINT,
    "terminated": 128 + signal.SIGTERM,
    "hangup": 128 + signal.SIGHUP,
}
OWN_FAILURES = ("internal-error.log", "dashboard-error.txt")
"""Where we write what went wrong in our own code."""

FAILURES = {"harness", "workers_gave_up", "workers_failed", "stray_failures", "bad_corpus", "internal"}


@dataclass
class Seen:
    """What a run told of itself."""

    reason: str
    exit_code: int
    executions: int
    received: int
    stored: int
    duplicates: int
    unsaved: int
    states: list[str]
    """How each worker ended."""
    crashers: list[str]
    """SHA-256 of the input of each."""
    seeds: int
    """How many of the crashers are failing seeds."""
    abrupt: int
    """Processes that did not end as they were asked to: killed, or ended by their input."""


@dataclass
class Log:
    """What the target noted."""

    executions: int = 0
    digests: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, folder: Path) -> "Log":
        log = cls()
        for path in (folder / "log").iterdir():
            data = path.read_bytes()
            assert len(data) % DIGEST == 0, f"a torn record in {path}"
            log.executions += len(data) // DIGEST
            log.digests.update(data[at : at + DIGEST].hex() for at in range(0, len(data), DIGEST))
        return log


def from_json(lines: list[str]) -> Seen:
    """Of the events of a run, whose last must be its end."""
    events: list[dict[str, Any]] = [json.loads(line) for line in lines]
    end = events[-1]
    assert end["event"] == "end", end
    crashers = [event for event in events if event["event"] == "crasher"]
    endings = [event for event in events if event["event"] == "worker_ended"]
    return Seen(
        reason=end["reason"],
        exit_code=end["exit_code"],
        executions=end["execs"],
        received=end["received"],
        stored=end["stored"],
        duplicates=end["duplicates"],
        unsaved=end["unsaved"],
        states=[row["state"] for row in end["workers"]],
        crashers=[crasher["sha256"] for crasher in crashers],
        seeds=sum(crasher["seed"] is not None for crasher in crashers),
        abrupt=sum(ending["exit"] != "exit 0" for ending in endings),
    )


def from_session(outcome: Outcome, last: Snapshot, crashers: list[str], seeds: int, abrupt: int) -> Seen:
    """Of what a session returned, and showed last."""
    return Seen(
        reason=outcome.reason.name.lower(),
        exit_code=outcome.exit_code,
        executions=last.executions,
        received=outcome.received,
        stored=outcome.stored,
        duplicates=outcome.duplicates,
        unsaved=outcome.unsaved,
        states=[row.state.name.lower() for row in last.workers],
        crashers=crashers,
        seeds=seeds,
        abrupt=abrupt,
    )


def right_exit_code(seen: Seen) -> int:
    """What the reference says: what was found wins over how the run ended."""
    if seen.unsaved:
        return 75
    if seen.crashers:
        return 1
    if seen.reason in FAILURES or {"failed", "gave_up"} & set(seen.states):
        return 70
    return SIGNALS.get(seen.reason, 0)


def check_accounts(seen: Seen, log: Log) -> None:
    """What a run says agrees with itself, and with what its target noted.

    An execution counts from the moment at which the worker begins it; a process that is killed between that and the
    target's first statement has one that the target has not noted. No other execution may be missing on either side.
    """
    assert seen.exit_code == right_exit_code(seen)
    assert seen.received == seen.stored + seen.duplicates + seen.unsaved
    assert 0 <= seen.executions - log.executions <= seen.abrupt, (seen.executions, log.executions, seen.abrupt)
    assert set(seen.crashers) <= log.digests, "a crasher that the target has never seen"


def check_folder(folder: Path, log: Log) -> None:
    """What lies on the disk is whole, and was really run; nothing of ours is left in the folder, running or not."""
    assert left_in(folder) == {}
    assert list(folder.rglob(".tmp-*")) == []
    own = [path.read_text() for name in OWN_FAILURES for path in folder.rglob(name)]
    assert own == [], own[0]
    for path in (folder / "testdata").rglob("*"):
        if path.parent.name == BEFORE:
            assert (path.parents[1] / path.name).is_file(), f"a tail without its crasher, {path}"
        elif path.is_file() and not path.name.startswith("."):
            assert sha256(path.read_bytes()).hexdigest() == path.name, f"a torn file {path}"
            assert path.name in log.digests, "a crasher that the target has never seen"
