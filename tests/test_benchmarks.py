import json
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from benchmarks import instrumentation, startup, throughput, workers
from benchmarks.__main__ import BENCHMARKS, chosen, heading, main
from benchmarks.arena import BUGS, TARGETS, arena, place
from benchmarks.child import MeasurementError, run
from benchmarks.figures import Spread, Verdict, geometric_mean, ratio, spread
from benchmarks.plan import Effort, Plan
from benchmarks.table import cell, table
from benchmarks.throughput import Throughput
from benchmarks.workers import Scaling, undisturbed

QUICK = Plan(targets=TARGETS, bugs=BUGS, seconds=20.0, rounds=3, full=False, peer="3.0.0")


def row(target: str, total: float, *ratios: float) -> Throughput:
    times = ratios[len(ratios) // 2] if ratios else None
    return Throughput(target, len(ratios), 20.0, 2 * total, total, 0.0, 9.0, 1.0, 9.0, times, ratios)


def test_spread_gives_least_median_and_most_whatever_the_order() -> None:
    odd = spread([5.0, 1.0, 3.0])
    assert (odd.least, odd.median, odd.most) == (1.0, 3.0, 5.0)
    assert spread([4.0, 1.0, 2.0, 9.0]).median == 3.0
    assert str(odd) == "3.00 (1.00 - 5.00)"


def test_spread_of_one_number_is_that_number() -> None:
    assert str(spread([1.234])) == "1.23"
    assert str(spread([2.0, 2.0])) == "2.00"


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


def test_verdict_can_ask_for_more_than_a_tie() -> None:
    tie, better = (Verdict("it", value, 1.0, at_least=True, unit="x", strict=True) for value in (1.0, 1.001))
    assert not tie.met
    assert "more than 1x" in str(tie)
    assert better.met


def test_verdict_reads_as_a_sentence() -> None:
    verdict = Verdict("instrumentation, json", 1.308, 1.6, at_least=False, unit="x", of=" bare")
    assert str(verdict) == "instrumentation, json: 1.31x bare, expected at most 1.6x: met"
    missed = Verdict(
        *("two workers, json", 1.7, 1.85),
        at_least=True,
        unit="x",
        of=" one worker",
        spread=Spread(1.5, 1.7, 1.9),
    )
    assert str(missed) == "two workers, json: 1.70x one worker (1.50 - 1.90), expected at least 1.85x: MISSED"
    counted = Verdict("keyword", 10, 10, at_least=True, unit=" of 10", of=" searches")
    assert str(counted) == "keyword: 10 of 10 searches, expected at least 10 of 10: met"


def test_geometric_mean_weighs_factors() -> None:
    assert geometric_mean([4.0, 0.25]) == pytest.approx(1.0)
    assert geometric_mean([2.0, 4.0, 8.0]) == pytest.approx(4.0)
    with pytest.raises(ValueError, match="no values"):
        geometric_mean([])


def test_throughput_is_judged_on_the_whole_and_on_the_worst_target_but_never_on_nothing() -> None:
    mean, worst = throughput.comparison({"a": (4.0,), "b": (1.0,), "empty": (0.4,)})
    assert mean.value == pytest.approx(2.0)
    assert not mean.met
    assert (worst.name, worst.value, worst.met) == ("throughput, worst target (b)", 1.0, False)
    assert all(verdict.met for verdict in throughput.comparison({"a": (6.2,), "b": (2.0,)}))
    assert throughput.comparison({"empty": (0.4,)}) == []


def test_throughput_over_several_pairs_shows_how_they_spread() -> None:
    mean, worst = throughput.comparison({"a": (4.0, 9.0, 16.0), "b": (1.0, 4.0, 9.0)})
    assert mean.spread is not None
    assert (mean.spread.least, mean.spread.median, mean.spread.most) == pytest.approx((2.0, 6.0, 12.0))
    assert worst.spread == Spread(1.0, 4.0, 9.0)


def test_overhead_counts_the_coordinator() -> None:
    (verdict,) = throughput.overhead([row("json", 1.0), row("empty", 400_000.0, 0.5)])
    assert verdict.value == pytest.approx(2.5)
    assert verdict.met
    assert not throughput.overhead([row("empty", 399_000.0)])[0].met
    assert throughput.overhead([row("json", 1.0)]) == []


def test_instrumentation_is_judged_by_the_geometric_mean_and_names_the_worst() -> None:
    (verdict,) = instrumentation.verdicts({"a": 1.0, "b": 1.69})
    assert "worst: b 1.69x" in verdict.name
    assert verdict.value == pytest.approx(1.3)
    assert not instrumentation.verdicts({"a": 1.31})[0].met
    assert instrumentation.verdicts({}) == []


TOLD = """
import sys
from benchmarks.children.calls import lean, probed

way, file, name = sys.argv[1:]
function, probes = lean(file, name, [b"[1]"]) if way == "lean" else probed(file, name)
for data in (b"[1]", b'{"a": true}'):
    probes.cells[:] = bytes(len(probes.cells))
    function(data)
    print(probes.cells.count(1))
"""


def test_lean_form_is_timed_without_the_probes_that_its_inputs_have_set_and_with_the_others() -> None:
    def told(way: str) -> list[int]:
        with arena("json") as made:
            command = [sys.executable, "-c", TOLD, way, str(made.file), made.function]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        return [int(line) for line in done.stdout.split()]

    lean, complete = told("lean"), told("complete")
    assert lean[0] <= 5 < 10 < complete[0]  # what is left are loops that have not run often yet
    assert lean[1] > 5
    assert complete[1] > lean[1]


@pytest.mark.processes
@pytest.mark.soak
def test_calls_are_timed_in_every_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "record.json"
    main(["--seconds", "0.3", "--rounds", "1", "--json", str(file), "instrumentation", "json"])
    (row,) = json.loads(file.read_text())["benchmarks"]["instrumentation"]
    assert set(row) == {field.name for field in fields(instrumentation.Calls)}
    assert row["fuzztui_times_bare"]["median"] == pytest.approx(row["fuzztui"] / row["bare"])
    assert row["complete_times_bare"]["median"] == pytest.approx(row["complete"] / row["bare"])
    assert "every probe / bare" in capsys.readouterr().out


def test_sharing_cores_may_cost_a_twentieth() -> None:
    good, fair = Spread(1.89, 1.9, 1.91), Spread(0.9, 0.95, 1.0)
    wasteful = Spread(0.9, 0.94, 1.0)
    two, many = workers.verdicts(Scaling("json", 1.0, 1.9, 1.9, good, good, fair, fair))
    assert two.met
    assert many.met
    two, many = workers.verdicts(Scaling("json", 1.0, 1.9, 1.9, good, fair, fair, wasteful))
    assert not two.met
    assert not many.met


def test_machine_itself_is_measured_in_as_many_processes() -> None:
    result = run("benchmarks.children.spin", 3, 0.3, within=30.0).result()
    assert 0 < result["rate"] <= result["per_cpu"] * 4  # rates are per second of all, and of one core
    assert result["ready"] >= 0


def test_start_is_judged_where_it_takes_longest() -> None:
    (verdict,) = startup.verdicts({"a": spread([0.2]), "b": spread([0.3, 0.5, 0.9]), "empty": spread([3.0])})
    assert "(b)" in verdict.name
    assert verdict.met
    assert not startup.verdicts({"a": spread([0.51])})[0].met


def test_quick_run_is_planned_for_ten_minutes_and_says_so() -> None:
    names = chosen([], full=False)
    assert "memory" not in names
    assert 300 < sum(BENCHMARKS[name].duration(QUICK) for name in names) <= 600
    line = heading(QUICK, names)
    assert "Atheris 3.0.0" in line
    assert "minutes" in line


def test_everything_is_measured_where_that_is_asked_for() -> None:
    assert chosen([], full=True) == list(BENCHMARKS)
    assert chosen(["memory", "json"], full=False) == ["memory"]


def test_what_is_asked_for_takes_the_place_of_a_search_s_own_effort() -> None:
    quick, full = Effort(3, 10.0), Effort(10, 40.0)
    plan = Plan(targets=(), bugs=(), seconds=1.0, rounds=1, full=True, peer=None)
    assert plan.effort(quick, full) == full
    asked = Plan(targets=(), bugs=(), seconds=1.0, rounds=1, full=False, peer=None, seeds=2, limit=5.0)
    assert asked.effort(quick, full) == Effort(2, 5.0)


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


@pytest.mark.parametrize("users", [None, "/somewhere"])
@pytest.mark.soak
def test_code_cached_in_an_arena_is_the_arenas_alone(monkeypatch: pytest.MonkeyPatch, users: str | None) -> None:
    if users is None:
        monkeypatch.delenv("XDG_CACHE_HOME")
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", users)
    with arena("empty") as made:
        run("fuzztui", "run", made.file, "--headless", "-j", 1, "-t", "1x", within=60.0)
        assert len(list(made.user_cache.rglob("*.code"))) > 0
        made.forget()
        assert not made.user_cache.exists()
    assert os.environ.get("XDG_CACHE_HOME") == users


def test_arenas_lie_in_memory_where_there_is_room_and_nobody_asks_for_another_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    assert place(tmp_path / "missing") is None
    monkeypatch.setattr("benchmarks.arena.ROOM", 1)
    assert place(tmp_path) == tmp_path
    monkeypatch.setattr("benchmarks.arena.ROOM", 1 << 60)
    assert place(tmp_path) is None
    monkeypatch.setattr("benchmarks.arena.ROOM", 1)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert place(tmp_path) is None


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


@pytest.mark.processes
def test_smallest_benchmark_runs_through_and_leaves_a_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, picture = tmp_path / "record.json", tmp_path / "picture.svg"
    options = ["--seconds", "0.3", "--rounds", "1", "--json", str(file), "--picture", str(picture)]

    assert main([*options, "throughput", "empty"]) == 0

    content = json.loads(file.read_text())
    assert set(content) == {
        *("when", "python", "platform", "cpus", "load", "atheris", "others", "seconds", "rounds", "full"),
        *("seeds", "limit", "memory_seconds"),
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


@pytest.mark.processes
@pytest.mark.soak
def test_rate_of_a_worker_that_died_is_no_figure() -> None:
    epilogue = "\n\ndef fuzz_empty(data: bytes) -> None:\n    import os\n    len(data) > 4 and os._exit(3)\n"
    with arena("empty", epilogue) as made, pytest.raises(MeasurementError, match="a worker has ended"):
        throughput.fuzz(made, 1, 2.0)
