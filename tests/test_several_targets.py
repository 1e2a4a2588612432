"""`fuzztui run` with several targets: which are found, what is printed, what the exit status says."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess, run

import pytest

from fuzztui.engine.show.events import CrasherFound, Ended, OfTarget, PhaseChanged, Stats, Warned
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.target_row import TargetRow, TargetState
from fuzztui.engine.show.text import NOTHING, Visible, label, say
from fuzztui.plain.json_lines import json_lines
from fuzztui.plain.target_lines import TargetLines
from tests.ui.fakes import crasher, snapshot

FuzzTui = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "deep").mkdir()
    (tmp_path / "fuzz_two.py").write_text(
        "def fuzz_a(data: bytes) -> None: pass\ndef fuzz_b(data: bytes) -> None: assert not data\n"
    )
    (tmp_path / "deep" / "fuzz_broken.py").write_text("import nothing_of_that_name\ndef fuzz_c(data: bytes): pass\n")
    (tmp_path / "deep" / "fuzz_odd.py").write_text("def fuzz_d(data): pass\ndef fuzz_e(text: str): pass\n")
    return tmp_path


@pytest.fixture
def fuzztui(project: Path) -> FuzzTui:
    def call(*arguments: str) -> "CompletedProcess[str]":
        command = [sys.executable, "-m", "fuzztui", *arguments]
        return run(command, cwd=project, capture_output=True, text=True, timeout=120, check=False)

    return call


def test_all_targets_of_files_and_folders_are_fuzzed_in_one_run(fuzztui: FuzzTui) -> None:
    done = fuzztui("run", "fuzz_two.py", "deep", "fuzz_two.py::fuzz_a", "--json", "-t", "60x", "-j", "2")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    last = told[-1]
    assert last["event"] == "end"
    assert done.returncode == last["exit_code"] == 1
    by_name = {each["target"]: each for each in last["targets"]}
    assert list(by_name) == [
        "fuzz_two.py::fuzz_a",
        "fuzz_two.py::fuzz_b",
        "deep/fuzz_broken.py::fuzz_c",
        "deep/fuzz_odd.py::fuzz_e",
    ]
    assert [each["execs"] for each in by_name.values()] == [15, 15, 0, 15]
    assert [each["exit_code"] for each in by_name.values()] == [0, 1, 2, 0]
    assert {each["target"] for each in told if each["event"] == "crasher"} == {"fuzz_two.py::fuzz_b"}
    assert {each["target"] for each in told if each["event"] == "worker_started"} == set(by_name) - {
        "deep/fuzz_broken.py::fuzz_c"
    }
    assert "fuzz_odd.py:1: " in done.stderr, "what looks like a target and is none"
    elapsed = [each["elapsed"] for each in told]
    assert elapsed == sorted(elapsed), "one clock for all lines"


def test_one_after_the_other_each_has_the_same(fuzztui: FuzzTui) -> None:
    done = fuzztui("run", "fuzz_two.py", "--each", "20x", "-j", "2")
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert any(line.endswith("fuzz_two.py::fuzz_a: execution limit reached") for line in lines)
    assert any("fuzz_two.py::fuzz_a: execution limit reached, 20 execs" in line for line in lines)
    assert any("fuzz_two.py::fuzz_b: execution limit reached, 20 execs" in line for line in lines)


WRONG = {
    "no targets": (["run", "empty"], "no fuzz targets in empty"),
    "no executions for each": (["run", ".", "-t", "3x"], "3 executions are fewer than one for each of 4 targets"),
    "executions with turns": (["run", ".", "-t", "3000x", "--each", "3s"], "with --each a time is wanted"),
    "a target that is none": (["run", ".", "fuzz_two.py::nothing"], "nothing"),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.mostly_soak(2)
def test_what_cannot_be_is_told_in_one_sentence(fuzztui: FuzzTui, project: Path, case: str) -> None:
    (project / "empty").mkdir()
    words, sentence = WRONG[case]
    done = fuzztui(*words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


# Lines ----------------------------------------------------------------------------------------------------------------


def row(name: str, state: TargetState = TargetState.FUZZING, code: int | None = None, crashers: int = 0) -> TargetRow:
    reason = StopReason.HARNESS if code == 70 else StopReason.TIME_LIMIT
    outcome = None
    if code is not None:
        outcome = Outcome(reason, label("no module x\nand a stack") if code == 70 else NOTHING, code, 0, 0, 0, 0, 1.0)
    return TargetRow(
        id=say("{}", name),
        state=state,
        workers=1 if state is TargetState.FUZZING else 0,
        turns=2,
        seconds=3.0,
        executions=1000,
        rate=10.0,
        edges=20,
        edges_total=40,
        corpus=5,
        corpus_new=3,
        last_new=1.0,
        baseline_done=2,
        baseline_total=2,
        crashers=crashers,
        hits=2 * crashers,
        outcome=outcome,
        warnings=0,
    )


def test_figures_are_one_line_for_however_many_targets() -> None:
    rows = [row("a"), row("b", crashers=2), *(row(f"t{n}", TargetState.NOT_BEGUN) for n in range(73))]
    line = TargetLines()(Stats(3.0, snapshot(targets=tuple(rows))))
    assert line.startswith("fuzz: elapsed: 3s, targets: 75 (2 at work, 73 not begun), execs: ")
    assert "crashers: 2 (" in line
    assert len(line.splitlines()) == 1
    assert len(line) < 200


def test_each_line_names_its_target_and_has_the_time_of_the_whole_run() -> None:
    lines = TargetLines()

    def of(event: CrasherFound | Warned | PhaseChanged) -> Visible:
        return lines(OfTarget(60.0, label("a.py::fuzz_a"), event))

    assert of(Warned(1.0, label("no coverage"))) == "fuzz: elapsed: 1m 00s, a.py::fuzz_a: warning: no coverage"
    assert of(CrasherFound(1.0, crasher(0))).startswith("--- a.py::fuzz_a: crasher: ValueError")
    assert of(PhaseChanged(1.0, Phase.BASELINE)) == ""


def test_how_each_fared_stands_at_the_end_what_failed_first() -> None:
    rows = (row("a", TargetState.ENDED, 0), row("b", TargetState.ENDED, 1, 2), row("c", TargetState.FAILED, 70))
    whole = Outcome(
        StopReason.TARGETS_FAILED, label("time limit reached\nc: the harness failed: no module x"), 1, 4, 2, 2, 0, 65.0
    )
    assert TargetLines()(Ended(65.0, whole, 3000, (), (), targets=rows)).splitlines() == [
        "fuzz: targets could not be fuzzed after 1m 05s, 3 targets, 3,000 execs",
        "    time limit reached",
        "    c: the harness failed: no module x",
        "    b: time limit reached, 1,000 execs, 20 edges, 3 new, 2 crashers (4 hits)",
        "    a: time limit reached, 1,000 execs, 20 edges, 3 new",
        "    4 hits received = 2 stored + 2 duplicates",
    ]


def test_an_end_is_told_at_once_where_the_others_go_on() -> None:
    lines = TargetLines()
    own = Outcome(StopReason.HARNESS, label("no module x"), 70, 0, 0, 0, 0, 1.0)
    ended = OfTarget(2.0, label("c"), Ended(1.0, own, 0, (), ()))
    assert lines(ended) == "fuzz: elapsed: 2s, c: the harness failed: no module x"
    lines(PhaseChanged(3.0, Phase.FINISHING))
    assert lines(ended) == ""


def test_lines_in_json_name_their_target_and_those_of_the_whole_list_all() -> None:
    one = json.loads(json_lines(OfTarget(60.0, label("a"), Warned(1.0, label("x")))))
    assert one == {"event": "warning", "elapsed": 60.0, "target": "a", "message": "x"}
    whole = json.loads(json_lines(Stats(3.0, snapshot(targets=(row("a"), row("b"))))))
    assert [each["target"] for each in whole["targets"]] == ["a", "b"]
    assert "targets" not in json.loads(json_lines(Stats(3.0, snapshot())))
