"""The records of a target's buckets: what earlier sessions have learned of inputs that fail, a file for each bucket."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace as changed
from typing import Final

from fuzztui.engine.keep.record import LONGEST, NoRecordError, Record, merged
from fuzztui.engine.keep.record_parser import parse
from fuzztui.engine.keep.storage import Folder, contents, locked, names, read_in, replace
from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.show.text import Visible, label, os_error, say

_SUFFIX: Final = ".json"

_BY_LIMIT: Final = (CrasherKind.TIMEOUT, CrasherKind.MEMORY)


@dataclass(frozen=True, slots=True)
class Records:
    """All records of a folder."""

    by_bucket: dict[str, Record]
    problems: tuple[Visible, ...]
    """A sentence for each file that should be a record and is none, or could not be read."""

    def by_input(self) -> dict[str, Record]:
        """The newest record of each input, by the input's SHA-256."""
        found: dict[str, Record] = {}
        for record in sorted(self.by_bucket.values(), key=lambda record: record.last_seen):
            found |= dict.fromkeys(record.inputs, record)
        return found


def read_records(folder: Folder) -> Records:
    """What lies in the folder; nothing if there is none. OSError if there is a folder that cannot be read."""
    found: dict[str, Record] = {}
    problems: list[Visible] = []
    for path, content in contents(folder, LONGEST, wanted=lambda name: name.endswith(_SUFFIX)):
        if isinstance(content, OSError):
            problems.append(os_error(content, path))
            continue
        try:
            record = parse(content, path.stem)
        except NoRecordError as error:
            problems.append(say("{} {}", path, error.reason))
            continue
        other = found.get(record.id)  # those of the first form may bear other names
        found[record.id] = record if other is None else merged(other, record)
    return Records(found, tuple(problems))


def add_to_record(folder: Folder, now: Record) -> Record:
    """Merge what a session knows into the record of its bucket and write it; the record as it is then.

    What another session writes at the same moment is merged as well. NoRecordError if something else lies in the
    record's place, which stays, OSError if it cannot be read or written.
    """
    name = f"{now.id}{_SUFFIX}"
    with locked(folder):
        try:
            content = read_in(folder, name, LONGEST)
        except FileNotFoundError:
            record = now.bounded()
        else:
            record = merged(parse(content, now.id), now)
        # Not worth waiting until the disk's platter has it: after a power failure the crasher itself is there.
        replace(folder, name, record.to_json(), durable=False)
    return record


def amend_record(folder: Folder, bucket: str, change: Callable[[Record], Record]) -> None:
    """Change the record of a bucket; nothing happens where there is none. Errors as of `add_to_record`."""
    name = f"{bucket}{_SUFFIX}"
    if name not in names(folder):
        return  # and no folder is made
    with locked(folder):
        try:
            before = parse(read_in(folder, name, LONGEST), bucket)
        except FileNotFoundError:
            return
        after = change(before).bounded()
        if after != before:
            replace(folder, name, after.to_json(), durable=False)


def clear_regression(folder: Folder, bucket: str) -> None:
    """Somebody has marked the bucket as fixed anew: what failed before that is no regression. As `amend_record`."""
    amend_record(folder, bucket, lambda record: changed(record, regressed=""))


def passes(record: Record, times: int) -> Visible:
    """Why it may be that a recorded input passes, so many times in a row now."""
    known = record.confirmation
    when = say(" on {}", record.day) if record.day else label("")
    if known is None:
        before, why = label("was not run again then"), label("it may be fixed, or depend on state")
    elif known.is_chance:
        before, why = say("ran clean {0}/{0} by itself then", known.runs), label("it depends on chance")
    elif not known.failures and known.others:
        before, why = known.sentence, label("it depends on state")
    elif not known.failures:
        before, why = say("ran clean {0}/{0} by itself then", known.runs), label("it does not fail alone")
    elif known.failures < known.runs:
        before = say("failed again {} then", known.count)
        why = label("it may be fixed, or depend on chance or state")
    else:
        before, why = say("failed again {} then", known.count), label("it may be fixed")
    if record.failure.kind in _BY_LIMIT:
        why = say("{}, or need other limits (--timeout, --memory-limit)", why)
    title = record.failure.title
    return say("recorded as {}{}, {}, passes {}/{} now: {}", title, when, before, times, times, why)
