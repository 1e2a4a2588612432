import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from fuzztui.target.kinds import KINDS, SUPPORTED, kind_named, kind_of

VALUES: dict[str, list[Any]] = {
    "bytes": [b"", b"'\"\\\x00\xff"],
    "str": ["", "b'x'", "{'date': '2024-02-29'}", "\ud800\n"],
    "int": [0, -1, 2**64, -(10**500)],
    "float": [0.0, -0.0, 1.5, 1e300, float("inf"), float("-inf"), float("nan")],
    "bool": [False, True],
    "date": [date.min, date.max, date(2024, 2, 29)],
}


@pytest.mark.parametrize("name", KINDS)
def test_a_literal_is_of_one_kind_only_and_reads_as_what_was_written(name: str) -> None:
    kind = KINDS[name]
    for value in (*VALUES[name], kind.zero()):
        literal = kind.write(value)
        assert literal.isascii()
        assert literal.isprintable()
        assert [other.name for other in KINDS.values() if other.pattern.fullmatch(literal)] == [name]
        assert repr(kind.read(literal)) == repr(value)
        assert kind_of(value) is kind


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_whose_literal_is_the_repr_says_so_of_the_values_within_its_bounds_only(name: str) -> None:
    kind = KINDS[name]
    for value in VALUES[name]:
        bounded = kind.between is None or kind.between[0] < value < kind.between[1]
        assert (kind.write(value) == ascii(value)) == (kind.is_ascii_repr and bounded)


def test_a_kind_is_of_exactly_one_class() -> None:
    class Day(date):
        __slots__ = ()

    Day.__name__, Day.__module__ = "date", "datetime"
    for value in (None, bytearray(), datetime(2024, 1, 1), Day(2024, 1, 1), [1]):
        assert kind_of(value) is None


def test_kinds_go_by_their_full_names() -> None:
    assert kind_named("datetime.date") is kind_named("date") is KINDS["date"]
    assert kind_named("datetime.datetime") is kind_named("other.date") is kind_named("") is None


def test_the_readme_names_every_type_of_a_parameter() -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text().replace("\n", " ")
    names = [f"`{kind.annotation}`" for kind in KINDS.values()]
    assert f"Parameters may be {', '.join(names[:-1])} and {names[-1]}, any number of them." in text
    assert f"{', '.join(k.annotation for k in list(KINDS.values())[:-1])} or {names[-1].strip('`')}" == SUPPORTED


SCRIPT = """
import sys
from random import Random
from fuzztui.target.load import load
from fuzztui.target.values import decode, encode, show, zero
from fuzztui.worker.mutate import Dictionary, Mutator, candidates, tokens
from fuzztui.worker.trimming import trim
from fuzztui.worker.guidance.trace import ComparisonTrace
target = load(sys.argv[1], "fuzz_it")
names, dictionary, trace = target.parameters, Dictionary(), ComparisonTrace()
arguments = decode(encode(zero(names)), names)
mutate = Mutator(names, Random(1), dictionary, 100).mutate
for _ in range(500):
    arguments = mutate(arguments)
    trace.compare("==", arguments[-1], 7)
    trace.compare("==", object(), 7)
show(arguments)
for token in tokens(trace.comparisons):
    dictionary.add(token)
list(candidates(arguments, trace.comparisons, 100))
trim(arguments, lambda _: True, 100)
print("datetime" in sys.modules, *names)
"""


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("def fuzz_it(a: bytes, b: str, c: float, d: bool, e: int): ...", "False bytes str float bool int"),
        ("class date: ...\ndef fuzz_it(a: bytes, e: int): ...", "False bytes int"),
        ("import datetime\ndef fuzz_it(day: datetime.date, e: int): ...", "True date int"),
    ],
)
def test_the_module_of_a_type_is_loaded_by_targets_that_use_it_and_by_nothing_else(
    tmp_path: Path, source: str, printed: str
) -> None:
    file = tmp_path / "target.py"
    file.write_text(source)
    command = [sys.executable, "-c", SCRIPT, str(file)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout.strip() == printed
