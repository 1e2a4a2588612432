import json
from dataclasses import fields
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.arena import TARGETS, arena
from benchmarks.child import MeasurementError, run
from benchmarks.figures import Verdict, ratio, spread
from benchmarks.table import cell, table
from benchmarks.throughput import Throughput
from benchmarks.workers import undisturbed


def test_spread_gives_least_median_and_most_whatever_the_order() -> None:
    odd = spread([5.0, 1.0, 3.0])
    assert (odd.least, odd.median, odd.most) == (1.0, 3.0, 5.0)
    assert spread([4.0, 1.0, 2.0, 9.0]).median == 3.0
    assert str(odd) == "3.00 (1.00 - 5.00)"


def test_spread_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        spread([])


def test_ratio_exists_only_where_both_were_measured() -> None:
    assert ratio(3.0, 2.0) == 1.5
    assert ratio(0.0, 2.0) == 0.0
    assert ratio(None, 2.0) is None
    assert ratio(3.0, None) is None
    assert ratio(3.0, 0.0) is None


@pytest.mark.parametrize(
    ("value", "at_least", "met"),
    [(1.61, False, False), (1.6, False, True), (1.2, False, True), (1.59, True, False), (1.6, True, True)],
)
def test_verdict_knows_which_side_is_good(value: float, at_least: bool, met: bool) -> None:
    assert Verdict("it", value, 1.6, at_least, "x bare").met is met


def test_verdict_reads_as_a_sentence() -> None:
    verdict = Verdict("instrumentation, json", 1.308, 1.6, at_least=False, unit="x bare")
    assert str(verdict) == "instrumentation, json: 1.31x bare (expected at most 1.6x): met"
    missed = Verdict("two workers, json", 1.7, 1.85, at_least=True, unit="x one worker")
    assert str(missed) == "two workers, json: 1.70x one worker (expected at least 1.85x): MISSED"


def test_table_aligns_names_left_and_numbers_right() -> None:
    text = table("Title", ("target", "rate"), [("json", cell(120_000.4)), ("a", cell(None)), ("b", cell(1.239, ".2f"))])
    assert text.splitlines() == [
        "Title",
        "target     rate",
        "------  -------",
        "json    120,000",
        "a             -",
        "b          1.24",
    ]


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_stands_in_its_arena_with_its_seeds(name: str) -> None:
    with arena(name) as made:
        assert f"def {made.function}(" in made.file.read_text()
        assert len(list(made.seeds.iterdir())) >= 2
        folder = made.folder
    assert not folder.exists()


def test_undisturbed_rate_leaves_out_what_others_took() -> None:
    assert undisturbed(100.0, ready=0.0, own=0.0) == 100.0
    assert undisturbed(100.0, ready=0.5, own=0.0) == 200.0
    assert undisturbed(100.0, ready=0.5, own=0.5) == 100.0  # it was our own coordinator
    assert undisturbed(100.0, ready=0.1, own=0.3) == 100.0


def test_measurement_that_fails_says_why() -> None:
    with pytest.raises(MeasurementError, match="not enough values to unpack"):
        run("benchmarks.children.calls", within=60.0)


def test_measurement_that_takes_too_long_is_ended() -> None:
    with pytest.raises(MeasurementError, match=r"longer than 0\.5 s"):
        run("benchmarks.children.spin", 1, 60.0, within=0.5)


def test_smallest_benchmark_runs_through_and_leaves_a_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, picture = tmp_path / "record.json", tmp_path / "picture.svg"
    options = ["--seconds", "0.3", "--rounds", "1", "--json", str(file), "--picture", str(picture)]

    assert main([*options, "throughput", "empty"]) == 0

    content = json.loads(file.read_text())
    assert set(content) == {
        *("when", "python", "platform", "cpus", "load", "atheris", "seconds", "rounds", "full"),
        *("benchmarks", "verdicts"),
    }
    assert content["seconds"] == 0.3
    assert content["full"] is False
    assert picture.read_text().startswith("<svg")
    (row,) = content["benchmarks"]["throughput"]
    assert set(row) == {field.name for field in fields(Throughput)}
    assert row["target"] == "empty"
    assert row["worker"] > 0
    assert 0 < row["total"] < row["worker"]
    assert (row["times_atheris"] is None) is (content["atheris"] is None)
    assert "Executions per CPU second" in capsys.readouterr().out


def test_unknown_name_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["throughputs"])
    assert ended.value.code == 2
    assert "throughputs" in capsys.readouterr().err
