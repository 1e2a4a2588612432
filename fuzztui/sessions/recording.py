"""The form of a recorded run: JSON Lines, as `--json` prints them, with what the dashboard needs beside it.

The first line says what it is of. A line of an event has `value`, the event itself; a line with the event `status` has
`status`: the run at that moment, whole or as what has changed since the one before. The figures of every three seconds
(`stats`) have neither, since a status says more.
"""

import contextlib
import os
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from fuzztui import __version__
from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.keep.storage import Folder, is_held, names, read_file, read_in
from fuzztui.engine.show.codec import ForeignError, change, changed, decode, encode
from fuzztui.engine.show.events import Ended, Event, Stats
from fuzztui.engine.show.outcome import Outcome
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import NOTHING, Visible, json_line, label, one_line, os_error, say
from fuzztui.plain.json_lines import json_lines

FORMAT: Final = 1
"""Raised when a reader of before would misunderstand."""

SUFFIX: Final = ".jsonl"

LOG_SUFFIX: Final = ".log"
"""Of what a coordinator without a terminal prints, beside its recording."""

LARGEST: Final = 256 << 20
"""Bytes of a file that is read."""

LONGEST: Final = 1e10
"""Seconds of a run: no run goes on for three hundred years, and clocks show none that does."""

KEYFRAME: Final = 64
"""Every so many statuses one is kept whole in memory while a recording is shown: the others are made from it."""

_EVENT: Final[Any] = Event


def head(target_id: Visible, started: str) -> bytes:
    """The first line; `started`: when, in ISO form."""
    fields = {"event": "session", "elapsed": 0.0, "format": FORMAT, "fuzztui": __version__, "target": target_id}
    return f"{json_line({**fields, 'started': started, 'pid': os.getpid()})}\n".encode()


def event_line(event: Event) -> bytes:
    """An event, as `--json` has it, with its value."""
    line = json_lines(event).encode()
    if isinstance(event, Stats):
        return line + b"\n"
    return line[:-1] + b', "value": ' + msgspec.json.encode(encode(_EVENT, event)) + b"}\n"


def status_line(snapshot: Snapshot, before: Snapshot | None) -> bytes:
    """The run at one moment; `before`: the status that was written last."""
    status = {"whole": encode(Snapshot, snapshot)} if before is None else {"change": change(Snapshot, before, snapshot)}
    fields = {"event": "status", "elapsed": round(snapshot.elapsed, 3), "status": status}
    return msgspec.json.encode(fields) + b"\n"


class UnreadableError(Exception):
    """A file that is no recording, or not to its end."""

    def __init__(self, sentence: Visible) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Told:
    """An event of the recording."""

    elapsed: float
    event: Event


class Recording:
    """A recorded run, in memory. Statuses are numbered in their order."""

    def __init__(self, target: Visible) -> None:
        """Nothing is recorded of it at first."""
        self.target = target
        self.problem = NOTHING
        """What is wrong with its end; empty if the run was recorded to its end."""
        self.told: list[Told] = []
        self.times: list[float] = []
        """Of each status, in seconds of the run; never less than of the one before."""
        self._changes: list[Any] = []
        self._keyframes: list[Snapshot] = []
        self._latest: tuple[int, Snapshot] | None = None

    def take(self, line: dict[str, Any]) -> None:
        """Add a line after the first. ForeignError if it is none of ours."""
        name, elapsed = line.get("event"), decode(float, line.get("elapsed"))
        if not 0.0 <= elapsed <= LONGEST:
            raise ForeignError(say("{:g} seconds are no time of a run", elapsed))
        if name == "status":
            status = line.get("status")
            if not isinstance(status, dict) or len(status) != 1:
                raise ForeignError(label("a status that is neither whole nor a change"))
            self._add(elapsed, status)
        elif "value" in line:
            self.told.append(Told(elapsed, decode(_EVENT, line["value"])))
        elif name not in ("stats", "cut"):
            raise ForeignError(say("an event {} without its value", one_line(repr(name)[:60])))

    def _add(self, elapsed: float, status: dict[str, Any]) -> None:
        number = len(self.times)
        if "whole" in status:
            snapshot = decode(Snapshot, status["whole"])
        elif "change" in status and number:
            snapshot = changed(Snapshot, self.snapshot(number - 1), status["change"])
        else:
            raise ForeignError(label("a change of a status that there was not"))
        if number % KEYFRAME == 0:
            self._keyframes.append(snapshot)
        self._changes.append(status)
        self.times.append(max(elapsed, self.times[-1]) if self.times else elapsed)
        self._latest = number, snapshot

    def __len__(self) -> int:
        """How many statuses there are."""
        return len(self.times)

    @property
    def length(self) -> float:
        """Seconds of the run up to the last status."""
        return self.times[-1]

    def at(self, elapsed: float) -> int:
        """The number of the last status up to that moment; the first before it."""
        return max(0, bisect_right(self.times, elapsed) - 1)

    def snapshot(self, number: int) -> Snapshot:
        """One status."""
        nearest = number - number % KEYFRAME
        at, snapshot = nearest, self._keyframes[number // KEYFRAME]
        if self._latest is not None and nearest <= self._latest[0] <= number:
            at, snapshot = self._latest
        for each in range(at + 1, number + 1):
            status = self._changes[each]
            whole = status.get("whole")
            snapshot = decode(Snapshot, whole) if whole else changed(Snapshot, snapshot, status["change"])
        self._latest = number, snapshot
        return snapshot


def read(path: Path) -> Recording:
    """A file of a recorded run. UnreadableError, with a sentence, if it is none."""
    name = shown_path(path)
    try:
        content = read_file(path, LARGEST)
    except OSError as error:
        raise UnreadableError(os_error(error, name)) from None
    *lines, rest = content.split(b"\n")
    if not content:
        raise UnreadableError(say("{}: it is empty, want a run that fuzztui has recorded", name))
    torn = say("the recording ends in the middle of line {}", len(lines) + 1) if rest else NOTHING
    number = 1
    is_ended = False
    damage = NOTHING
    head: dict[str, Any] = {}
    try:
        head = _fields(lines[0] if lines else rest)
        recording = Recording(_target(head))
        for number, line in enumerate(lines[1:], 2):  # noqa: B007
            fields = _fields(line)
            is_ended = is_ended or fields.get("event") == "end"
            recording.take(fields)
        if not recording.times:
            if goes_on(path):
                raise UnreadableError(say("{}: the run has just begun, and nothing is told of it yet", name))
            raise ForeignError(label("no status of a run follows"))
    except ForeignError as error:
        if head.get("fuzztui") != __version__ or number == 1 or not recording.times:
            raise UnreadableError(_foreign(name, number, error.sentence, head)) from None
        damage = say("the recording is damaged in line {}, and shown up to there: {}", number, error.sentence)
    if damage:
        recording.problem = damage
    elif not is_ended and goes_on(path):
        recording.problem = label("the run goes on, and is shown as far as it had come")
    elif torn or not is_ended:
        recording.problem = torn or label("the recording stops before the run's end")
    return recording


def goes_on(path: Path) -> bool:
    """Whether some process still records its run in a file."""
    try:
        return is_held(path.parent, path.name)
    except OSError:
        return False


def _foreign(name: str, number: int, why: Visible, head: dict[str, Any]) -> Visible:
    """Why a file cannot be shown. What another version has recorded may have another form."""
    version = head.get("fuzztui")
    if head.get("event") == "session" and isinstance(version, str) and version != __version__:
        return say(
            "{}: fuzztui {} recorded it, and this is {}: show it with that one (line {}: {})",
            name,
            one_line(version, 40),
            __version__,
            number,
            why,
        )
    return say("{}, line {}: {}; want a run that fuzztui has recorded", name, number, why)


def name_of(folder: Folder, pid: int) -> str:
    """The name of the file in which a process records its run; empty if there is none. OSError as folders have it."""
    for name in sorted((name for name in names(folder) if name.endswith(SUFFIX)), reverse=True):
        with contextlib.suppress(ForeignError):
            if _fields(read_in(folder, name, LARGEST).partition(b"\n")[0]).get("pid") == pid:
                return name
    return ""


def outcome_in(folder: Folder, name: str) -> Outcome | None:
    """How a run ended, as its recording says in its last line; None if it does not. OSError as files have it."""
    lines = read_in(folder, name, LARGEST).splitlines()
    try:
        last = _fields(lines[-1]) if lines else {}
        event = decode(_EVENT, last["value"]) if last.get("event") == "end" else None
    except (ForeignError, KeyError):
        return None
    return event.outcome if isinstance(event, Ended) else None


def _fields(line: bytes) -> dict[str, Any]:
    try:
        fields = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ForeignError(say("it is no JSON ({})", one_line(str(error), 80))) from None
    if not isinstance(fields, dict):
        raise ForeignError(label("it is no JSON object"))
    return fields


def _target(fields: dict[str, Any]) -> Visible:
    if fields.get("event") != "session":
        raise ForeignError(label("it does not begin with a session"))
    if fields.get("format") != FORMAT:
        number = one_line(repr(fields.get("format"))[:40])
        raise ForeignError(say("its format is {}, and this fuzztui reads {}", number, FORMAT))
    return one_line(str(decode(str, fields.get("target"))), 300)
