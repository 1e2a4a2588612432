import pytest

from benchmarks.arena import arena
from benchmarks.child import MeasurementError, run
from benchmarks.memory import Memory, measure, verdicts
from benchmarks.plan import Plan

MIB = 2**20


def memory(target: str, process: str, *at: int) -> Memory:
    return Memory(target, process, 600.0, at, 1000, (10, 20, 30))


def test_growth_is_judged_where_it_is_worst_over_both_stretches() -> None:
    late, whole = verdicts(
        [memory("json", "worker", 100, 120, 121), memory("email", "coordinator", 100, 100, 103)],
    )
    assert "(email, coordinator)" in late.name
    assert late.value == pytest.approx(3.0)
    assert "(json, worker)" in whole.name
    assert whole.value == pytest.approx(21.0)
    assert not whole.met
    assert all(verdict.met for verdict in verdicts([memory("json", "worker", 100, 101, 102)]))
    assert verdicts([]) == []


@pytest.mark.processes
@pytest.mark.soak
def test_memory_of_both_processes_is_looked_at_three_times() -> None:
    report = measure(
        Plan(targets=("json",), bugs=(), seconds=1.0, rounds=1, full=False, peer=None, memory_seconds=2.0),
    )
    assert [(row.target, row.process) for row in report.rows] == [("json", "worker"), ("json", "coordinator")]
    for row in report.rows:
        assert len(row.at) == len(row.corpus) == 3
        assert all(5 * MIB < size < 500 * MIB for size in row.at)
    assert report.rows[0].at != report.rows[1].at
    assert "Resident memory" in report.text


@pytest.mark.processes
def test_memory_of_a_worker_that_was_replaced_is_no_figure() -> None:
    epilogue = "\n\ndef fuzz_empty(data: bytes) -> None:\n    import os\n    len(data) > 2 and os._exit(3)\n"
    with arena("empty", epilogue) as made, pytest.raises(MeasurementError, match="replaced"):
        run("benchmarks.children.memory", made.file, made.function, made.cache, 3.0, 1.0, within=60.0)
