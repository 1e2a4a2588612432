"""What the processes of a run are started with."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from fuzztui.engine.crew import launch
from fuzztui.engine.crew.launch import LEAST_CAPACITY, Launcher
from fuzztui.engine.crew.member import Member
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import LoadOrder, PythonTarget
from fuzztui.protocol.messages import Load, Ping
from tests.engine.scripted_target import ScriptedTarget


@dataclass
class Started:
    """Stands in for a worker's process and keeps what it was started with."""

    given: dict[str, Any]
    sent: list[object] = field(default_factory=list)
    pid: int = 1

    def send(self, call: object) -> None:
        self.sent.append(call)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Started]:
    processes: list[Started] = []

    def start(**given: Any) -> Started:
        processes.append(Started(given))
        return processes[-1]

    monkeypatch.setattr(launch, "WorkerProcess", start)
    return processes


def options(**changes: Any) -> RunOptions:
    return RunOptions(ScriptedTarget(Path("/p")), Path("/p/.fuzztui"), 2, **changes)


def launch_twice_each(given: RunOptions, longest: int = 0, *, instrumented: bool = True) -> None:
    launcher = Launcher(given, longest=longest, instrumented=True)
    for member in (Member(0), Member(1)):
        for _ in range(2):
            stint = launcher.start(
                member, instrumented=instrumented, on_result=lambda stint, result: None, on_end=lambda: None
            )
            assert stint.assignment.instrumented is instrumented
            member.stint = None


def loads(started: list[Started]) -> list[Load]:
    return [cast(Load, process.sent[0]) for process in started]


def test_a_process_is_told_what_to_load_then_asked_whether_it_has(started: list[Started]) -> None:
    launch_twice_each(options())
    assert [[type(call) for call in process.sent] for process in started] == [[Load, Ping]] * 4


@pytest.mark.parametrize(("instrumented", "left_out"), [(True, ["re"]), (False, ["*"])])
def test_a_process_that_is_to_tell_of_no_coverage_loads_the_target_as_it_is(
    started: list[Started], *, instrumented: bool, left_out: list[str]
) -> None:
    target = PythonTarget(Path("/p/fuzz_it.py"), "fuzz_it", Path("/p"))
    launch_twice_each(replace(options(exclude=("re",)), target=target), instrumented=instrumented)
    assert [load.exclude for load in loads(started)] == [left_out] * 4


def test_each_process_has_a_mark_and_choices_of_its_own(started: list[Started]) -> None:
    launch_twice_each(options(seed=1))
    marks = [process.given["mark"] for process in started]
    assert len({str(mark) for mark in marks}) == len({mark.limit for mark in marks}) == 4
    assert len({mark.run for mark in marks}) == 1
    assert len({load.seed for load in loads(started)}) == 4


def test_a_seed_repeats_choices_and_the_order_of_sets_and_no_seed_repeats_neither(started: list[Started]) -> None:
    for given in (options(seed=7), options(seed=7), options(), options()):
        launch_twice_each(given)
    seeds = [load.seed for load in loads(started)]
    assert seeds[:4] == seeds[4:8]
    assert len(set(seeds[4:])) == 12
    hashes = [process.given["environment"].get("PYTHONHASHSEED") for process in started]
    assert hashes == ["7"] * 8 + [None] * 8


def test_runs_have_marks_of_their_own(started: list[Started]) -> None:
    launch_twice_each(options(seed=1))
    launch_twice_each(options(seed=1))
    assert started[0].given["mark"].run != started[4].given["mark"].run


def test_the_users_variables_win(started: list[Started]) -> None:
    launch_twice_each(options(seed=1, environment={"PYTHONHASHSEED": "0", "A": "b"}))
    assert started[0].given["environment"] == {"PYTHONHASHSEED": "0", "A": "b"}


@pytest.mark.parametrize(
    ("max_len", "longest", "capacity", "mutated"),
    [
        (4096, 0, LEAST_CAPACITY, 4096),
        (4096, 10_000, LEAST_CAPACITY, 10_000),
        (4096, LEAST_CAPACITY + 1, LEAST_CAPACITY + 1, LEAST_CAPACITY + 1),
        (LEAST_CAPACITY, 0, 8 * LEAST_CAPACITY, LEAST_CAPACITY),
    ],
)
def test_there_is_room_for_the_longest_input_and_what_mutation_makes_of_it(
    started: list[Started], max_len: int, longest: int, capacity: int, mutated: int
) -> None:
    launch_twice_each(options(max_len=max_len), longest)
    assert {process.given["capacity"] for process in started} == {capacity}
    assert {load.max_len for load in loads(started)} == {mutated}


def test_a_target_that_cannot_say_what_to_load_leaves_no_process(
    started: list[Started], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: ScriptedTarget, given: RunOptions, order: LoadOrder) -> Load:
        raise ZeroDivisionError

    monkeypatch.setattr(ScriptedTarget, "load", broken)
    with pytest.raises(ZeroDivisionError):
        launch_twice_each(options())
    assert started == []


def test_processes_of_a_run_stand_back_as_far_as_it_says(
    started: list[Started], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(launch, "stand_back", lambda process, niceness: asked.append((process.pid, niceness)))
    launch_twice_each(options(niceness=10))
    assert asked == [(1, 10)] * 4
