"""Cost by the work done: a large module, large inputs, a large corpus.

What grows with the size of one of these instead of with what is found shows here, beside Atheris.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import throughput
from benchmarks.arena import FOLDER, Arena, bare_arena
from benchmarks.child import run
from benchmarks.figures import Verdict
from benchmarks.plan import START, Plan, Report
from benchmarks.search import GRACE, PATIENCE
from benchmarks.table import cell, table

LINES: Final = 20_000
"""Of the large module."""

SECONDS: Final = 8.0
"""CPU seconds of a search, from its first input on."""

SEEDS: Final = 40
SEED_BYTES: Final = 1_000_000
"""Large inputs, and bytes of each."""

ENTRIES: Final = 20_000
ENTRY_BYTES: Final = 4_000
"""The large corpus."""

SMALL_ENTRIES: Final = 17_000
SMALL_BYTES: Final = 40
"""The corpus of small entries."""

TIMES_ATHERIS: Final = 3.0
MOST_MEMORY: Final = 200.0
"""MiB of the worker."""
MOST_START: Final = 3.0
"""Seconds from the command to the first mutated input, where the corpus has been measured before."""

SOURCE: Final = FOLDER / "scale"


@dataclass(frozen=True, slots=True)
class Scale:
    """One target, medians over the rounds."""

    target: str
    rate: float
    """Executions per CPU second, coordinator included."""
    atheris: float | None
    peak: float
    """MiB of the worker."""
    cold: float | None = None
    """Seconds from the command to fuzzing, where nothing is known of the corpus."""
    warm: float | None = None
    """The same of a second run."""


def measure(plan: Plan) -> Report:
    """Search in each."""
    rows = [_one(name, plan) for name in PREPARED]
    text = table(
        f"Executions per CPU second of a worker and its coordinator, first {_seconds(plan):g} CPU s",
        ("", "fuzztui", "Atheris", "times", "worker's MiB", "s to fuzzing, cold", "warm"),
        [
            (
                row.target,
                cell(row.rate),
                cell(row.atheris),
                cell(row.rate / row.atheris if row.atheris else None, ".2f"),
                cell(row.peak),
                cell(row.cold, ".2f"),
                cell(row.warm, ".2f"),
            )
            for row in rows
        ],
    )
    return Report(rows, text, [verdict for row in rows for verdict in _verdicts(row)])


def duration(plan: Plan) -> float:
    """Seconds that this takes, roughly."""
    return len(PREPARED) * plan.rounds * (2 if plan.peer else 1) * (_seconds(plan) + 4 * START)


def _seconds(plan: Plan) -> float:
    return plan.limit or SECONDS


def _verdicts(row: Scale) -> Iterator[Verdict]:
    if row.atheris:
        times = row.rate / row.atheris
        yield Verdict(row.target, times, TIMES_ATHERIS, at_least=True, unit="x", of=" Atheris")
    if row.target == "inputs of 1 MB":
        yield Verdict(f"{row.target}, memory", row.peak, MOST_MEMORY, at_least=False, unit=" MiB", of=" of the worker")
    if row.warm is not None:
        yield Verdict(f"{row.target}, warm start", row.warm, MOST_START, at_least=False, unit=" s", of=" to fuzzing")


def _one(name: str, plan: Plan) -> Scale:
    seconds = _seconds(plan)
    rates, peaks, peers = [], [], []
    cold, warm = [], []
    is_corpus = name.startswith("corpus")
    for seed in range(1, 1 + plan.rounds):
        plan.progress(f"scale: {name}, {seed} of {plan.rounds}")
        with _arena(name) as made:
            if is_corpus:
                cold.append(_start(made))
                warm.append(_start(made))
            arguments = (made.file, made.function, made.cache, seed, seconds)
            result = run("benchmarks.children.search", *arguments, within=PATIENCE * seconds + GRACE).result()
            rates.append(result["executions"] / result["cpu"])
            peaks.append(result["peak"])
        if plan.peer and not is_corpus:
            with _arena(name) as made:
                peers.append(throughput.atheris_rate(made, seed, seconds, (made.function, "records")))
    return Scale(
        name,
        median(rates),
        median(peers) if peers else None,
        median(peaks),
        median(cold) if cold else None,
        median(warm) if warm else None,
    )


def _start(made: Arena) -> float:
    finished = run("benchmarks.children.start", made.file, made.function, made.cache, within=10 * GRACE)
    return float(finished.result()) - finished.started


@contextmanager
def _arena(name: str) -> Iterator[Arena]:
    target, prepare = PREPARED[name]
    with bare_arena(target, SOURCE) as made:
        prepare(made)
        yield made


# What is large --------------------------------------------------------------------------------------------------------


def _large_module(made: Arena) -> None:
    (made.folder / "records.py").write_text(module(LINES), "utf-8")


def _large_inputs(made: Arena) -> None:
    for number in range(SEEDS):
        (made.seeds / f"seed-{number}").write_bytes(_blocks(random.Random(number), SEED_BYTES))


def _large_corpus(made: Arena) -> None:
    (made.folder / "records.py").write_text(module(200), "utf-8")
    _store(made.generated, ENTRIES, ENTRY_BYTES)


def _small_entries(made: Arena) -> None:
    (made.folder / "records.py").write_text(module(200), "utf-8")
    _store(made.generated, SMALL_ENTRIES, SMALL_BYTES)


PREPARED: Final[dict[str, tuple[str, Callable[[Arena], None]]]] = {
    "module of 20,000 lines": ("records", _large_module),
    "inputs of 1 MB": ("blocks", _large_inputs),
    "corpus of 20,000 entries of 4 kB": ("records", _large_corpus),
    "corpus of 17,000 small entries": ("records", _small_entries),
}
"""The target, and what is put beside it."""


def _store(folder: Path, entries: int, size: int) -> None:
    folder.mkdir(parents=True)
    generator = random.Random(entries)
    for _ in range(entries):
        data = _records(generator, size)
        (folder / sha256(data).hexdigest()).write_bytes(data)


def _records(generator: random.Random, size: int) -> bytes:
    """Records of a number, a length and a text, see `module`."""
    made = bytearray()
    while len(made) < size:
        text = generator.randbytes(generator.randrange(16))
        made += generator.randbytes(2) + bytes((len(text),)) + text
    return bytes(made[:size])


def _blocks(generator: random.Random, size: int) -> bytes:
    """Blocks of a kind, a length and a body, some kilobytes each."""
    made = bytearray(b"REC1")
    while len(made) < size:
        body = bytes(generator.choices(b"abc,xyz", k=generator.randrange(1_000, 20_000)))
        made += generator.choice((b"TX", b"NM", b"ZZ")) + len(body).to_bytes(4, "big") + body
    return bytes(made[:size])


_RULE: Final = '''
def rule_{number}(text, depth):
    """One rule of the table."""
    if not text:
        return {number}
    total = 0
    if text[0] == {first}:
        total += 1
    elif text[0] > {second}:
        total -= 1
    else:
        for byte in text[:8]:
            if byte == {third}:
                total += 2
    if len(text) > {length} and text[{at}] == {fourth}:
        total += depth
    return total

'''

_TABLE: Final = '''
RULES = [value for name, value in list(globals().items()) if name.startswith("rule_")]


def parse(data):
    """Each record is the number of a rule in two bytes, a length, and a text that the rule looks at."""
    at = total = 0
    while at + 3 <= len(data):
        rule = RULES[int.from_bytes(data[at : at + 2], "big") % len(RULES)]
        length = data[at + 2] % 16
        total += rule(data[at + 3 : at + 3 + length], at)
        at += 3 + length
    return total
'''


def module(lines: int) -> str:
    """Source of about so many lines, of which an input that is run reaches some few."""
    rules = [
        _RULE.format(
            number=number,
            first=number * 37 % 256,
            second=number * 91 % 256,
            third=number * 53 % 256,
            fourth=number * 29 % 256,
            length=3 + number % 9,
            at=1 + number % 3,
        )
        for number in range(max(1, (lines - _TABLE.count("\n")) // _RULE.count("\n")))
    ]
    return "".join([*rules, _TABLE])
