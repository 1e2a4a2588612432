"""What a run starts from, and what it leaves for the next."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzztui.engine.events import PhaseChanged
from fuzztui.engine.options import Limit
from fuzztui.engine.snapshot import Phase, StopReason
from tests.support import Project, Run

MakeProject = Callable[..., Project]

MAGIC = "\n".join(
    ["def fuzz_it(data: bytes) -> None:"]
    + [f"{'    ' * (i + 1)}if len(data) > {i} and data[{i}] == {byte}:" for i, byte in enumerate(b"\x89PNG\r\n\x1a\n")]
    + ["    " * 9 + "raise ValueError('magic')"]
)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_eight_nested_bytes_are_found_within_seconds(project: MakeProject, seed: int) -> None:
    run = project(MAGIC).run(seed=seed, workers=2, limit=Limit(seconds=30.0))
    assert run.outcome.exit_code == 1
    assert run.crashers[0].data.startswith(b"\x89PNG\r\n\x1a\n")
    assert run.seconds < 15


def test_a_second_run_starts_where_the_first_ended(project: MakeProject) -> None:
    target = project("def fuzz_it(data: bytes):\n    if len(data) > 3: pass\n    if data[:1] == b'a': pass\n")
    first = target.run(limit=Limit(executions=20_000))
    assert first.snapshot.corpus_new > 0
    assert len(first.generated) == first.snapshot.corpus_new
    second = target.run(limit=Limit(executions=first.snapshot.corpus + 2))
    assert second.snapshot.corpus_new == 0
    assert second.snapshot.corpus == first.snapshot.corpus
    assert second.snapshot.edges == first.snapshot.edges


def test_a_hundred_executions_from_nothing_yield_many_distinct_inputs(project: MakeProject, tmp_path: Path) -> None:
    log = tmp_path / "inputs"
    project(f"def fuzz_it(data: bytes):\n    with open({str(log)!r}, 'a') as f: print(data.hex(), file=f)\n").run(
        limit=Limit(executions=100)
    )
    lines = log.read_text().splitlines()
    assert len(lines) == 100
    assert lines[0] == "", "the zero value is executed"
    assert len(set(lines)) >= 10


def test_every_seed_runs_once_before_anything_is_mutated(project: MakeProject, tmp_path: Path) -> None:
    log = tmp_path / "inputs"
    target = project(
        "import fuzztui, os\n@fuzztui.fuzz(seeds=[b'declared'])\n"
        "def fuzz_it(data: bytes):\n"
        f"    with open({str(log)!r}, 'a') as f: print(data.hex(), file=f)\n"
    )
    inputs = {f"seed{n}": b"stored %d" % n for n in range(40)}
    for name, data in inputs.items():
        target.seed(name, data)
    target.seed(".hidden", b"hidden")
    (target.folder / "testdata/corpus/fuzz_it/folder").mkdir()
    run = target.run(limit=Limit(executions=60), workers=1)
    lines = [bytes.fromhex(line) for line in log.read_text().splitlines()]
    assert set(lines[:41]) == {*inputs.values(), b"declared"}
    assert b"hidden" not in lines
    phases = [event.phase for event in run.events if isinstance(event, PhaseChanged)]
    assert phases == [Phase.STARTING, Phase.BASELINE, Phase.FUZZING, Phase.STOPPING]
    assert run.snapshot.baseline_done == 41


def test_malformed_stored_inputs_are_named_all_together(project: MakeProject) -> None:
    target = project("def fuzz_it(a: int, b: str): ...\n")
    target.seed("good", b"fuzztui v1\n1\n'x'\n")
    target.seed("bad1", b"what is this")
    target.seed("bad2", b"fuzztui v1\n'x'\n1\n")
    run = target.run()
    assert run.outcome.exit_code == 70
    assert run.outcome.reason is StopReason.BAD_CORPUS
    for words in ("bad1", "bad2", "[str, int], want [int, str]"):
        assert words in run.outcome.detail
    assert "good" not in run.outcome.detail


def test_a_malformed_entry_of_the_generated_corpus_is_skipped_and_counted(project: MakeProject) -> None:
    target = project("def fuzz_it(a: int):\n    if a > 1000: pass\n")
    first = target.run(limit=Limit(executions=5000))
    first.generated[0].write_bytes(b"torn")
    second = target.run(limit=Limit(executions=100))
    assert second.outcome.exit_code == 0
    assert "1 malformed file" in second.warnings


def test_no_coverage_is_said_plainly(project: MakeProject) -> None:
    run = project("def fuzz_it(data: bytes): ...\n").run(exclude=("fuzz_it",), limit=Limit(executions=100))
    assert run.snapshot.edges == 0
    assert "--include" in run.warnings


def test_a_module_to_include_that_is_never_imported_is_told(project: MakeProject) -> None:
    target = project("def fuzz_it(data: bytes):\n    import colorsys, wave\n")
    run = target.run(include=("colorsis", "wave", "color*"), limit=Limit(executions=100))
    assert "--include colorsis has no effect" in run.warnings
    assert run.warnings.count("has no effect") == 1


def test_two_sessions_on_one_project_do_not_disturb_each_other(project: MakeProject) -> None:
    target = project(MAGIC.replace("raise ValueError('magic')", "pass"))
    runs: list[Run] = []
    threads = [
        threading.Thread(target=lambda n=n: runs.append(target.run(seed=n, limit=Limit(seconds=2.0)))) for n in (1, 2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [run.outcome.exit_code for run in runs] == [0, 0]
    assert not [path for path in runs[0].generated if path.name.startswith(".tmp")]
    again = target.run(limit=Limit(executions=300))
    assert again.outcome.exit_code == 0
    assert again.warnings == ""


TYPED = """
import datetime, math, struct
def fuzz_it(a: bytes, b: str, c: int, d: float, e: bool, f: datetime.date) -> None:
    assert [type(x) for x in (a, b, c, d, e, f)] == [bytes, str, int, float, bool, datetime.date]
    if c == 0x12345678:
        if b == "open sesame":
            if f == datetime.date(2031, 5, 17):
                if e and d != d:
                    raise ValueError("typed")
"""


def test_typed_arguments_are_fuzzed_and_come_back_from_the_file(project: MakeProject) -> None:
    run = project(TYPED).run(limit=Limit(seconds=40.0), workers=2)
    (crasher,) = run.crashers
    assert crasher.type == "ValueError"
    assert crasher.data.startswith(b"fuzztui v1\n")
    assert "'open sesame'" in crasher.values
    assert "datetime.date(2031, 5, 17)" in crasher.values


def test_coverage_of_one_worker_is_not_new_to_another(project: MakeProject) -> None:
    run = project(MAGIC.replace("raise ValueError('magic')", "pass")).run(workers=4, limit=Limit(seconds=4.0))
    assert run.snapshot.corpus_new == sum(row.found for row in run.snapshot.workers)
    assert run.snapshot.corpus_new <= run.snapshot.edges, "each entry brought at least one new edge"


def test_sessions_leave_a_cache_that_tools_know_to_skip(project: MakeProject) -> None:
    run = project("def fuzz_it(data: bytes): ...\n").run(limit=Limit(executions=10))
    cache = run.folder / ".fuzztui"
    assert (cache / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    assert (cache / ".gitignore").read_text().strip() == "*"


def test_found_inputs_are_kept_short(project: MakeProject) -> None:
    run = project("def fuzz_it(data: bytes):\n    if b'k' in data:\n        pass\n").run(limit=Limit(executions=30_000))
    assert b"k" in [path.read_bytes() for path in run.generated]


PARSER = """
import json.decoder, json.scanner, json
pure = json.JSONDecoder()
pure.parse_string = json.decoder.py_scanstring
pure.scan_once = json.scanner.py_make_scanner(pure)
def fuzz_it(data: bytes):
    try:
        pure.decode(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        pass
"""


def test_one_seed_one_worker_and_a_number_of_executions_give_the_same_run_twice(project: MakeProject) -> None:
    runs = [project(PARSER).run(seed=7, limit=Limit(executions=20_000)) for _ in range(2)]
    first, second = ([path.name for path in run.generated] for run in runs)
    assert len(first) > 20
    assert first == second
    assert runs[0].snapshot.edges == runs[1].snapshot.edges
    other = project(PARSER).run(seed=8, limit=Limit(executions=20_000))
    assert [path.name for path in other.generated] != first
