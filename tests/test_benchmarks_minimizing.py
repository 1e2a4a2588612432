import importlib
import shutil
from pathlib import Path

import pytest

from benchmarks.minimizing import INPUTS, Minimized, Outcome, duration, fuzztui, programs, shown, verdicts
from benchmarks.plan import Plan
from benchmarks.targets import fuzz_minimizing

SMALLEST = {
    "records": b"\x07\x01\x09",
    "header": b":0\n:",
    "brackets": b"[[[[]]]]",
    "keys": b'{"00":0}',
    "pair": b"\x8000\x80",
}


@pytest.mark.parametrize("bug", INPUTS)
def test_each_input_has_its_bug_and_so_has_the_smallest_one(bug: str) -> None:
    data, smallest = INPUTS[bug]
    function = getattr(fuzz_minimizing, f"fuzz_{bug}")
    assert len(SMALLEST[bug]) == smallest
    for each in (data, SMALLEST[bug]):
        with pytest.raises(fuzz_minimizing.PlantedError):
            function(each)
    for at in range(smallest):
        function(SMALLEST[bug][:at] + SMALLEST[bug][at + 1 :])


def test_the_table_has_three_columns_for_each_program() -> None:
    row = Minimized("records", 582, 3, {"fuzztui": Outcome(3, 0.5, 1_307), "afl-tmin": Outcome(474, 0.9, None)})
    title, header, _, line = shown([row]).splitlines()
    assert "CPU seconds" in title
    assert " ".join(header.split()) == "bug before smallest fuzztui CPU s calls afl-tmin CPU s calls"
    assert " ".join(line.split()) == "records 582 3 3 0.50 1,307 474 0.90 -"
    assert [verdict.met for verdict in verdicts([row])] == [True]
    assert not verdicts([Minimized("x", 9, 3, {"fuzztui": Outcome(4, 1.0, 1)})])[0].met


def test_others_are_measured_where_they_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert list(programs()) == ["fuzztui"]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    monkeypatch.setattr(shutil, "which", lambda name, path: name)
    assert list(programs()) == ["fuzztui", "Hypothesis", "afl-tmin"]
    monkeypatch.setattr(shutil, "which", lambda name, path: None)
    assert list(programs()) == ["fuzztui", "Hypothesis"]
    plan = Plan(targets=(), bugs=(), seconds=1.0, rounds=1, full=False, peer=None)
    assert duration(plan) > 0


@pytest.mark.processes
def test_fuzztui_comes_to_the_smallest(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.write_bytes(INPUTS["pair"][0])
    outcome = fuzztui("fuzz_pair", given, tmp_path)
    assert outcome.size == INPUTS["pair"][1]
    assert outcome.calls
