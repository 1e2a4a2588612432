"""Reads the record of a bucket from what its file holds. Pure."""

import json
import math
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from fuzztui.engine.keep.record import (
    FORMAT,
    LONGEST,
    MESSAGE_CHARACTERS,
    MOST_SCENES,
    NAME_CHARACTERS,
    TRACEBACK_CHARACTERS,
    Discovery,
    FirstBad,
    NoRecordError,
    Record,
    Revision,
    Smallest,
    Step,
)
from fuzztui.engine.show import text
from fuzztui.engine.show.branches import FILE_CHARACTERS, MOST_BRANCHES, Branch
from fuzztui.engine.show.crasher import Confirmation, Variant
from fuzztui.engine.show.failure import CrasherKind, Failure
from fuzztui.engine.show.needed import Span
from fuzztui.engine.show.scene import Scene, Variable
from fuzztui.engine.show.text import NOTHING, Visible, label, one_line, say, visible

T = TypeVar("T")


def parse(content: bytes, name: str) -> Record:
    """The record that a file holds whose name, without `.json`, is `name`. NoRecordError says why it holds none.

    Records of the first form have the day alone, and nothing of hits, sessions and discovery; the oldest of them bear
    the input's digest as their name, and no bucket. What is wrong in one of them, but its input, counts as missing.
    """
    if len(content) > LONGEST:
        raise NoRecordError(say("has {} bytes, more than any record", len(content)))
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        raise NoRecordError(label("is no JSON")) from None
    if not isinstance(fields, dict):
        raise NoRecordError(label("is no JSON object"))
    form = fields.get("record", 1)
    if type(form) is not int or form < 1:
        raise NoRecordError(label("is no record"))
    if form > FORMAT:
        raise NoRecordError(say("is a record of a later version, {}", form))
    read = _Reader(fields, is_strict=form > 1)
    digest = as_digest(fields.get("sha256"), "sha256")
    day = read.text("date", NAME_CHARACTERS)
    first, last = read.time("first_seen", day), read.time("last_seen", day)
    bucket = read.text("id", 100) or one_line(name, 100)
    if bucket != name and form > 1:
        raise NoRecordError(say("is the record of {}", bucket))
    inputs = [as_digest(each, "inputs") for each in read.items("inputs")]
    return Record(
        failure=Failure(
            id=bucket,
            group=read.text("group", 100) or bucket,
            kind=read.kind(),
            type=read.text("type", NAME_CHARACTERS) or label("a crasher"),
            message=read.text("message", MESSAGE_CHARACTERS),
            traceback=read.text("traceback", TRACEBACK_CHARACTERS, multiline=True),
            function=read.text("function", NAME_CHARACTERS),
            location=read.text("location", 500),
            output=read.text("output", TRACEBACK_CHARACTERS, multiline=True),
            is_output_exact=read.value("output_exact", bool, False),
            variant=read.text("variant", MESSAGE_CHARACTERS),
        ),
        target=read.value("target", str, ""),
        inputs=tuple(dict.fromkeys((digest, *inputs))),
        values=read.text("values", MESSAGE_CHARACTERS),
        size=read.text("size", NAME_CHARACTERS),
        seed=read.text("seed", NAME_CHARACTERS) or None,
        first_seen=first,
        last_seen=last,
        hits=read.count("hits", 1),
        sessions=read.count("sessions", 1),
        discovery=read.optional("discovery", _discovery),
        lineage=tuple(_step(_Reader.of(each, "lineage")) for each in read.items("lineage")),
        confirmation=read.optional("confirmation", _confirmation),
        scenes=tuple(_scene(_Reader.of(each, "scenes")) for each in read.items("scenes")),
        variants=tuple(_variant(_Reader.of(each, "variants")) for each in read.items("variants")),
        minimized=read.optional("minimized", _smallest),
        versions=read.texts("versions"),
        revision=read.optional("revision", _revision),
        first_bad=read.optional("first_bad", _first_bad),
        passed=read.time("passed", NOTHING),
        regressed=read.time("regressed", NOTHING),
    )


def _discovery(read: "_Reader") -> Discovery:
    elapsed = read.value("elapsed", (int, float), 0.0)
    return Discovery(read.count("worker", 0), float(elapsed), read.count("executions", 0), read.count("edges", 0))


def _step(read: "_Reader") -> Step:
    operator, change = read.text("operator", NAME_CHARACTERS), read.text("change", NAME_CHARACTERS)
    return Step(read.digest("sha256"), operator, change)


def _confirmation(read: "_Reader") -> Confirmation:
    runs, failures, others = (read.count(name, 0) for name in ("runs", "failures", "other_failures"))
    if not runs or failures > runs:
        raise NoRecordError(say("has a confirmation of {} failures in {} runs", failures, runs))
    slow = read.value("slow", (int, float), 0.0)
    if not 0 <= slow < math.inf:
        raise NoRecordError(say("has a confirmation with an input that took {} s", slow))
    return Confirmation(
        runs,
        failures,
        others,
        before=read.count("before", 0),
        is_chance=read.value("chance", bool, False),
        slow=float(slow),
        had_failed=read.value("had_failed", bool, False),
        node=read.text("node", NAME_CHARACTERS),
    )


def _scene(read: "_Reader") -> Scene:
    source = read.items("source")
    if not all(isinstance(line, str) for line in source):
        raise _wrong("source")
    return Scene(
        file=read.text("file", MESSAGE_CHARACTERS),
        line=read.count("line", 0),
        function=read.text("function", NAME_CHARACTERS),
        first=read.count("first", 0),
        source=tuple(visible(str(line), MESSAGE_CHARACTERS) for line in source),
        variables=tuple(
            Variable(one_line(name), visible(value, MESSAGE_CHARACTERS))
            for name, value in read.texts("variables").items()
        ),
    )


def _variant(read: "_Reader") -> Variant:
    path = read.value("path", str, "")
    return Variant(
        shape=read.text("shape", MESSAGE_CHARACTERS),
        message=read.text("message", MESSAGE_CHARACTERS),
        sha256=read.digest("sha256"),
        size=read.count("size", 0),
        hits=read.count("hits", 1),
        path=Path(path) if path else None,
    )


def _smallest(read: "_Reader") -> Smallest:
    needed = read.optional("needed", _needed)
    return Smallest(
        sha256=read.digest("sha256"),
        bytes=read.count("bytes", 0),
        before=read.count("before", 0),
        values=read.text("values", MESSAGE_CHARACTERS),
        executions=read.count("execs", 0),
        is_smallest=read.value("smallest", bool, False),
        free=needed[0] if needed is not None else None,
        is_joint=needed is not None and needed[1],
        neighbour=read.text("neighbour", MESSAGE_CHARACTERS),
        branches=tuple(_branch(_Reader.of(each, "branches")) for each in read.items("branches"))[:MOST_BRANCHES],
        scenes=tuple(_scene(_Reader.of(each, "scenes")) for each in read.items("scenes"))[-MOST_SCENES:],
        others=read.others(*_OF_SMALLEST),
    )


_OF_SMALLEST: Final = (*Smallest("", 0).fields(), "after", "path")
"""What is known of it, and what earlier versions have written besides, which says the same in other words."""


def _needed(read: "_Reader") -> tuple[tuple[Span, ...], bool]:
    spans = []
    for each in read.items("free"):
        match each:
            case [int(argument), int(start), int(end)] if argument >= 0 and 0 <= start < end:
                spans.append((argument, start, end))
            case _:
                raise _wrong("free")
    return tuple(spans), read.value("together", bool, False)


def _branch(read: "_Reader") -> Branch:
    return Branch(read.text("file", FILE_CHARACTERS), read.count("line", 0), read.count("to", 0))


def _first_bad(read: "_Reader") -> FirstBad:
    names = (read.text("author", NAME_CHARACTERS), read.text("subject", NAME_CHARACTERS))
    return FirstBad(read.text("commit", NAME_CHARACTERS), read.text("date", NAME_CHARACTERS), *names)


def _revision(read: "_Reader") -> Revision:
    return Revision(read.text("commit", NAME_CHARACTERS), read.value("dirty", bool, False))


class _Reader:
    """Fields of a JSON object, each of the type that it must have. Where it has another one: NoRecordError if the
    reader is strict, otherwise the field counts as missing.
    """

    def __init__(self, fields: dict[str, Any], *, is_strict: bool = True) -> None:
        self._fields = fields
        self._is_strict = is_strict

    @staticmethod
    def of(value: object, name: str) -> "_Reader":
        if not isinstance(value, dict):
            raise _wrong(name)
        return _Reader(value)

    def value(self, name: str, kind: type[T] | tuple[type[T], ...], default: T) -> T:
        """A missing one is the default, and so is null: what was not known when it was written."""
        value = self._fields.get(name)
        if value is None:
            return default
        if isinstance(value, kind) and (not isinstance(value, bool) or kind is bool):
            return value
        return self._lacking(name, default)

    def _lacking(self, name: str, default: T) -> T:
        if self._is_strict:
            raise _wrong(name)
        return default

    def text(self, name: str, limit: int, *, multiline: bool = False) -> Visible:
        value = self.value(name, str, "")
        return visible(value, limit, multiline=True) if multiline else one_line(value, limit)

    def count(self, name: str, default: int) -> int:
        value = self.value(name, int, default)
        return value if value >= 0 else self._lacking(name, default)

    def items(self, name: str) -> list[object]:
        return self.value(name, list, [])

    def texts(self, name: str) -> dict[str, str]:
        fields: dict[object, object] = self.value(name, dict, {})
        if not all(isinstance(value, str) for value in fields.values()):
            return self._lacking(name, {})
        return {str(key): str(value) for key, value in fields.items()}

    def others(self, *names: str) -> dict[str, Any]:
        return {name: value for name, value in self._fields.items() if name not in names}

    def digest(self, name: str) -> str:
        return as_digest(self._fields.get(name), name)

    def time(self, name: str, default: str) -> str:
        value = self.value(name, str, "") or default
        try:
            datetime.fromisoformat(value or "2000-01-01")
        except ValueError:
            return self._lacking(name, "")
        return value

    def kind(self) -> CrasherKind:
        word = self.value("kind", str, CrasherKind.EXCEPTION.value)
        try:
            return CrasherKind(word)
        except ValueError:
            return self._lacking("kind", CrasherKind.EXCEPTION)

    def optional(self, name: str, read: "Callable[[_Reader], T]") -> T | None:
        value = self._fields.get(name)
        if value is None:
            return None
        try:
            return read(_Reader.of(value, name))
        except NoRecordError:
            return self._lacking(name, None)


def as_digest(value: object, name: str) -> str:
    """The value, if it is a SHA-256; NoRecordError that names the field if not."""
    if not isinstance(value, str) or len(value) != 64 or set(value) - set("0123456789abcdef"):
        raise _wrong(name)
    return value


def _wrong(name: str) -> NoRecordError:
    return NoRecordError(say("has a wrong field {}", text.one_line(name, 40)))
