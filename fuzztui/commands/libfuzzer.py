"""What stands behind a program for another fuzzer on the command line: inputs to start from, and libFuzzer's flags."""

import os
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fuzztui.commands.arguments import absolute, usage
from fuzztui.engine.request.options import LARGEST_MAX_LEN, MOST_WORKERS, Limit
from fuzztui.engine.show.text import Visible, joined, label, say
from fuzztui.target.libfuzzer import COUNTERPARTS, ELSEWHERE, WITHOUT_EFFECT, read_words

_MIB: Final = 1 << 20

_WORKERS: Final = ("jobs", "workers", "fork")
_RUNS: Final = ("runs", "atheris_runs")
_GO_ON: Final = ("ignore_crashes", "ignore_ooms", "ignore_timeouts")


@dataclass(frozen=True)
class Told:
    """What was said so."""

    arguments: tuple[str, ...] = ()
    """All of it: the program itself may look at it."""
    seeds: tuple[Path, ...] = ()
    fields: dict[str, Any] = field(default_factory=dict)
    """Fields of `RunOptions`, without those that an option of ours has set."""
    dictionary: tuple[Path, ...] = ()
    keep_fuzzing: bool = False
    remarks: tuple[Visible, ...] = ()

    @property
    def chosen(self) -> frozenset[str]:
        """Names of the fields of `RunOptions` that this sets."""
        lists = {"dictionary": self.dictionary, "seeds": self.seeds}
        return frozenset(self.fields) | {name for name, given in lists.items() if given}


def told(words: Collection[str], chosen: Collection[str]) -> Told:
    """Read these words; whatever is wrong with them ends the program with a sentence.

    `chosen`: parameters of the command that were given, which win.
    """
    flags, paths = read_words(words)
    for path in paths:
        if not os.path.exists(path):  # noqa: PTH110 - which takes what it may not look at for absent
            usage(say("{}: there is no such file or folder of inputs to start from", path))
    values = dict(flags)
    for name, value in flags:
        _check(name, value)
    numbers = {name: int(value) for name, value in flags if _is_number(value)}
    fields: dict[str, Any] = {}
    if numbers.get("max_len", 0) > 0:
        fields["max_len"] = min(numbers["max_len"], LARGEST_MAX_LEN)
    if numbers.get("timeout", 0) > 0:
        fields["timeout"] = float(numbers["timeout"])
    if "rss_limit_mb" in numbers:
        fields["memory_limit"] = numbers["rss_limit_mb"] * _MIB or None
    if numbers.get("seed", 0) > 0:
        fields["seed"] = numbers["seed"]
    if workers := max((numbers.get(name, 0) for name in _WORKERS), default=0):
        fields["workers"] = min(workers, MOST_WORKERS)
    runs = [numbers[name] for name in _RUNS if numbers.get(name, -1) > 0]
    seconds = numbers.get("max_total_time", 0)
    if runs or seconds > 0:
        fields["limit"] = Limit(float(seconds) if seconds > 0 else None, min(runs) if runs else None)
    ways = {"limit": "fuzz_time"}
    dashed = [word for word in words if word.startswith("--") and _flag_of(word) in COUNTERPARTS]
    unused = sorted({f"-{name}" for name, _ in flags if name in WITHOUT_EFFECT})
    remarks = [say("{} {} no effect here", ", ".join(unused), "has" if len(unused) == 1 else "have")] if unused else []
    remarks += [say("{} is the program's own: libFuzzer's flags have one dash, -{}", w, _flag_of(w)) for w in dashed]
    return Told(
        arguments=tuple(words),
        seeds=tuple(absolute(Path(path)) for path in paths),
        fields={name: value for name, value in fields.items() if ways.get(name, name) not in chosen},
        dictionary=(Path(values["dict"]),) if values.get("dict") and "dictionary" not in chosen else (),
        keep_fuzzing=any(values.get(name, "0") not in ("", "0") for name in _GO_ON),
        remarks=tuple(remarks),
    )


def _flag_of(word: str) -> str:
    """The name of the flag that a word with two dashes may be meant for."""
    return word.lstrip("-").partition("=")[0].replace("-", "_")


def _check(name: str, value: str) -> None:
    if name in ELSEWHERE:
        usage(say("-{}: that is another command here: {}", name, ELSEWHERE[name]))
    if name not in COUNTERPARTS and name not in WITHOUT_EFFECT:
        known = joined(", ", [say("-{}", each) for each in COUNTERPARTS])
        usage(say("-{} is no flag of libFuzzer's that has a counterpart here; these have: {}", name, known))
    if name in COUNTERPARTS and name != "dict" and not _is_number(value):
        usage(say("-{}={}: want a number, such as -{}={}", name, value, name, 100))
    if name in _RUNS and int(value) == 0:
        usage(label("-runs=0 only runs the inputs that there are: fuzztui test does that with stored ones"))


def _is_number(value: str) -> bool:
    return value.removeprefix("-").isdecimal() and value.isascii()
