"""Writes what a session learns of each bucket into the bucket's record, which other sessions write to as well.

Why nothing counts twice and nothing is lost: of one bucket one write is under way at any moment, and what it adds (the
hits since the last one that succeeded, the session itself once) counts as written when the disk has said so. What comes
meanwhile waits for the next write; what a full disk refuses is tried again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from fuzztui.engine.keep.disk import DiskLike
from fuzztui.engine.keep.provenance import Provenance
from fuzztui.engine.keep.record import Discovery, NoRecordError, Record, Smallest, Step
from fuzztui.engine.keep.records import add_to_record
from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.show import text
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.lineage import Ancestor
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.show.reload import Fate

INTERVAL: Final = 60.0
"""Seconds after which hits are written of which nothing else is to be told: a session may be killed at any moment."""

Then = Callable[[text.Visible], None]
"""Is told why the record could not be written; empty if it could."""


@dataclass(slots=True)
class _Account:
    """What is written of one bucket, and what is not."""

    crasher: Crasher
    """As it was last noted."""
    provenance: Provenance
    """Of the code that it was met in."""
    first_seen: str
    last_seen: str
    hits: int = 0
    """Of this session, in the record."""
    is_counted: bool = False
    """Whether the record counts this session."""
    is_met: bool = True
    """Whether this session has met it: then versions and revision are those of the code that it failed with."""
    is_described: bool = False
    """Whether the record is written with what is known of that code by now."""
    is_writing: bool = False
    is_due: bool = False
    """Whether there is something new for the record, or the last write failed."""
    waiting: list[Then] = field(default_factory=list)


class Recorder:
    """The records of the buckets that a session meets. All methods are called on the engine's loop."""

    def __init__(self, folder: Folder, target: str, disk: DiskLike, provenance: Provenance) -> None:
        """`target`: its id."""
        self._folder = folder
        self._target = target
        self._disk = disk
        self.provenance = provenance
        """Of the code that is run now: of what is begun from now on."""
        self._accounts: dict[str, _Account] = {}
        self._looked_at = time.monotonic()

    def begin(self, crasher: Crasher) -> Callable[[], text.Visible]:
        """What writes the record of a crasher that is new to this session, to be called on the disk's thread; `wrote`
        is to be told what it returns.
        """
        now = utc_now()
        account = self._accounts[crasher.id] = _Account(crasher, self.provenance, now, now, is_writing=True)
        return partial(_write, self._folder, self._addition(account))

    def recall(self, crasher: Crasher, first_seen: str, last_seen: str) -> None:
        """A crasher that is known without having been met: what is noted of it adds neither hits nor a session."""
        self._accounts[crasher.id] = _Account(
            crasher, self.provenance, first_seen, last_seen, hits=crasher.hits, is_counted=True, is_met=False
        )

    def wrote(self, failure_id: str, problem: text.Visible) -> None:
        """What `begin` gave for this crasher has been done."""
        account = self._accounts[failure_id]
        self._wrote(account, account.crasher.hits, problem)

    def note(self, crasher: Crasher, then: Then) -> None:
        """There is more to tell of a crasher; `then` is called when that is written, or could not be."""
        account = self._accounts.get(crasher.id)
        assert account is not None, "what is noted has begun"
        self._update(account, crasher)
        account.is_due = True
        account.waiting.append(then)
        self._write_if_due(account)

    def look(self, crashers: list[Crasher], *, all_of_them: bool = False) -> None:
        """Write again what could not be written, and now and then hits of which nothing else is to be told; all that
        is not written where it is the last moment.
        """
        now = time.monotonic()
        everything = all_of_them or now - self._looked_at >= INTERVAL
        if everything:
            self._looked_at = now
        for crasher in crashers:
            account = self._accounts.get(crasher.id)
            if account is None:
                continue
            if everything:
                is_described_now = account.provenance.is_known and not account.is_described
                account.is_due |= crasher.hits != account.hits or (is_described_now and account.is_met)
                account.is_described = account.provenance.is_known
                self._update(account, crasher)
            self._write_if_due(account)

    def _update(self, account: _Account, crasher: Crasher) -> None:
        is_run_again = crasher.confirmation is not account.crasher.confirmation
        has_failed = is_run_again and crasher.confirmation is not None and crasher.confirmation.reproduces
        is_rechecked = crasher.recheck is not None and crasher.recheck != account.crasher.recheck
        fails_again = is_rechecked and crasher.recheck is not None and crasher.recheck.fate is Fate.FAILS_AGAIN
        if crasher.hits != account.crasher.hits or has_failed or fails_again:
            account.last_seen = utc_now()
            account.is_met = True
        account.crasher = crasher

    def _write_if_due(self, account: _Account) -> None:
        if account.is_writing or not account.is_due:
            return
        account.is_due = False
        account.is_writing = True
        job = partial(_write, self._folder, self._addition(account))
        self._disk.do(job, partial(self._wrote, account, account.crasher.hits))

    def _wrote(self, account: _Account, hits: int, problem: text.Visible) -> None:
        account.is_writing = False
        waiting, account.waiting = account.waiting, []
        if problem:
            account.is_due = True
        else:
            account.hits = hits
            account.is_counted = True
            self._write_if_due(account)
        for then in waiting:
            then(problem)

    def _addition(self, account: _Account) -> Record:
        crasher = account.crasher
        return Record(
            failure=crasher.failure,
            target=self._target,
            inputs=(crasher.sha256,),
            values=crasher.values,
            size=crasher.size,
            seed=crasher.seed_name,
            first_seen=account.first_seen,
            last_seen=account.last_seen,
            hits=crasher.hits - account.hits,
            sessions=0 if account.is_counted else 1,
            discovery=Discovery(crasher.worker, round(crasher.elapsed, 3), crasher.executions, crasher.edges),
            lineage=tuple(map(_step, crasher.lineage)),
            confirmation=crasher.confirmation,
            scenes=crasher.scenes or crasher.failure.scenes,
            variants=crasher.variants,
            minimized=smallest(crasher.minimized),
            versions=account.provenance.versions if account.is_met else {},
            revision=account.provenance.revision if account.is_met else None,
            passed=crasher.passed,
            regressed=account.last_seen if crasher.is_regressed else "",
        )


def _step(ancestor: Ancestor) -> Step:
    return Step(ancestor.sha256, ancestor.fields()["operator"], ancestor.change)


def smallest(minimized: Minimized | None) -> Smallest | None:
    """What came of making an input smaller; None as long as that goes on, or where it did not fail."""
    if minimized is None or minimized.is_running or minimized.failure is None:
        return None
    needed = minimized.needed
    return Smallest(
        sha256=minimized.sha256,
        bytes=minimized.after,
        before=minimized.before,
        values=minimized.values,
        executions=minimized.executions,
        is_smallest=minimized.is_smallest,
        free=tuple((part.argument, part.start, part.end) for part in needed.free) if needed is not None else None,
        is_joint=needed is not None and needed.is_joint,
        neighbour=minimized.neighbour,
        branches=minimized.branches,
        scenes=minimized.scenes,
    )


def _write(folder: Folder, addition: Record) -> text.Visible:
    try:
        add_to_record(folder, addition)
    except NoRecordError as error:
        path = folder / f"{addition.id}.json"
        return text.say("{} {}, and is left as it is", path, error.reason)
    except OSError as error:
        return text.os_error(error, folder)
    return text.NOTHING


def utc_now() -> str:
    """This moment, in whole seconds: `2026-02-28T13:05:00Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
