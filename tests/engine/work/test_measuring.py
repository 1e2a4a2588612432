"""What inputs cover is measured beside a search for who wants to see it, and by a command for everything."""

from pathlib import Path

import pytest

from fuzztui.engine.request.task import MeasureCoverage
from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.work.line_coverage import MOST_INPUTS, LineCoverage, MeasuredInput
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Execute, Fuzz, Layout, Measured, Part
from tests.engine.work.scripted import ScriptedWorker, Work, failure

LAYOUT = Layout(
    file="/p/parser.py",
    module="parser",
    digest=b"",
    parts=[Part("", 1, 9, [1]), Part("parse", 1, 9, [2, 3, 5, 6])],
    branches=[(2, 3, 0), (2, 5, 0), (5, -1, 4), (5, 6, 0)],
    firsts=[(4, 3)],
)


def measured(*arcs: tuple[int, int, int], index: int = 0, partial: bool = False) -> Measured:
    return Measured(index, {LAYOUT.file: list(arcs)}, partial)


def known(*of: Measured) -> LineCoverage:
    coverage = LineCoverage()
    coverage.announce(LAYOUT)
    for number, each in enumerate(of):
        coverage.add(each, MeasuredInput(str(number), b"", "", float(number), False))
    return coverage


def test_lines_know_who_reaches_them_how_often_and_since_when() -> None:
    coverage = known(measured((-1, 2, 1), (2, 3, 4), (3, 4, 4), (4, 2, 4)), measured((-1, 2, 1), (2, 5, 1), (5, -1, 1)))
    lines = coverage.files[LAYOUT.file]
    reached = lines.lines[2]
    assert (reached.count, reached.times, reached.first, reached.inputs) == (2, 6, 0.0, [0, 1])
    assert (lines.lines[5].first, lines.lines[5].inputs) == (1.0, [1])
    assert 6 not in lines.lines


def test_a_statement_of_several_lines_is_known_by_its_first() -> None:
    lines = known(measured((-1, 3, 1), (3, 4, 1), (4, 5, 1))).files[LAYOUT.file]
    assert (lines.lines[3].times, 4 in lines.lines) == (1, False)


def test_ways_are_those_taken_and_those_by_a_with_statement_count() -> None:
    lines = known(measured((2, 3, 2), (5, 4, 1))).files[LAYOUT.file]
    assert [(way.to, way.inputs, way.times) for way in lines.ways_of(2)] == [(3, 1, 2), (5, 0, 0)]
    assert [(way.to, way.inputs) for way in lines.ways_of(5)] == [(-1, 0), (6, 0)]
    by_with = Layout(LAYOUT.file, "parser", b"", LAYOUT.parts, [(5, 9, 4), (5, 6, 0)], [])
    coverage = LineCoverage()
    coverage.announce(by_with)
    coverage.add(measured((5, 4, 3)), MeasuredInput("", b"", "", 0.0, False))
    assert [(way.to, way.inputs, way.times) for way in coverage.files[LAYOUT.file].ways_of(5)] == [(9, 1, 3), (6, 0, 0)]


def test_what_loading_executes_counts_once_though_every_process_tells_it() -> None:
    coverage = known()
    for _ in range(2):
        coverage.add_loading(Measured(None, {LAYOUT.file: [(-1, 1, 1)]}))
    lines = coverage.files[LAYOUT.file]
    assert (lines.times(1), lines.is_covered(1), 1 in lines.lines) == (1, True, False)


def test_of_a_line_that_everything_reaches_some_inputs_are_remembered_and_all_counted() -> None:
    reached = known(*[measured((-1, 2, 1))] * (MOST_INPUTS + 5)).files[LAYOUT.file].lines[2]
    assert (reached.count, len(reached.inputs)) == (MOST_INPUTS + 5, MOST_INPUTS)


def test_arcs_of_files_that_nobody_has_described_are_passed_by() -> None:
    assert known(Measured(0, {"other.py": [(1, 2, 1)]})).files[LAYOUT.file].lines == {}


def test_a_file_without_anything_in_it_is_refused() -> None:
    with pytest.raises(ProtocolError):
        LineCoverage().announce(Layout("f", "m", b"", [], [], []))


# Beside a search


def searching(folder: Path) -> tuple[Work, ScriptedWorker]:
    work = Work(folder)
    worker = work.fuzzing(b"seed")
    work.search.lines.announce(LAYOUT)
    return work, worker


def is_measuring(worker: ScriptedWorker) -> bool:
    message = worker.call.message
    return isinstance(message, Execute) and message.measured


def tell(work: Work, worker: ScriptedWorker, told: Measured) -> None:
    work.board.take_measured(worker.assignment, told)


def test_nothing_is_measured_for_nobody(tmp_path: Path) -> None:
    _, worker = searching(tmp_path)
    worker.ask()
    assert isinstance(worker.call.message, Fuzz)


def test_what_is_in_the_corpus_is_measured_once_for_who_wants_to_know(tmp_path: Path) -> None:
    work, worker = searching(tmp_path)
    work.search.lines.wishes = 1
    assert worker.ask() == [b"seed"]
    assert is_measuring(worker)
    tell(work, worker, measured((-1, 2, 1)))
    worker.clean()
    worker.done()
    assert [each.name for each in work.search.lines.inputs] == ["seed 1"]
    work.clock.now += 100.0
    worker.ask()
    assert isinstance(worker.call.message, Fuzz)


def test_one_worker_measures_at_a_time(tmp_path: Path) -> None:
    work, worker = searching(tmp_path)
    other = work.worker(1)
    work.search.lines.wishes = 1
    worker.ask()
    other.ask()
    assert is_measuring(worker)
    assert isinstance(other.call.message, Fuzz)


def test_crashers_are_measured_but_for_those_that_end_their_process(tmp_path: Path) -> None:
    work, worker = searching(tmp_path)
    work.search.record(0, b"raises", failure(), None)
    work.search.record(0, b"exits", failure("exit 3", CrasherKind.EXIT), None)
    work.search.lines.wishes = 1
    assert worker.ask() == [b"seed", b"raises"]
    tell(work, worker, measured((-1, 2, 1)))
    worker.clean()
    tell(work, worker, measured((-1, 3, 1), index=1))
    worker.fails()
    worker.done()
    assert [each.is_crasher for each in work.search.lines.inputs] == [False, True]
    assert len(work.search.crashers.crashers) == 2


def test_an_input_that_loads_modules_is_run_again(tmp_path: Path) -> None:
    work, worker = searching(tmp_path)
    work.search.lines.wishes = 1
    worker.ask()
    tell(work, worker, measured((-1, 2, 1), partial=True))
    worker.clean()
    worker.done()
    assert work.search.lines.inputs == []
    work.clock.now += 100.0
    assert worker.ask() == [b"seed"]
    tell(work, worker, measured((-1, 2, 1)))
    worker.clean()
    assert len(work.search.lines.inputs) == 1


def test_an_input_that_takes_too_long_with_every_line_noted_is_no_crasher(tmp_path: Path) -> None:
    work, worker = searching(tmp_path)
    work.search.lines.wishes = 1
    worker.ask()
    worker.hangs()
    assert work.search.crashers.crashers == []
    assert (work.search.lines.unmeasured, work.search.lines.waiting) == (1, 0)


def test_lines_that_nobody_asked_for_are_refused(tmp_path: Path) -> None:
    work, worker = searching(tmp_path)
    worker.ask()
    with pytest.raises(ProtocolError):
        tell(work, worker, measured((-1, 2, 1)))


# The command


def commanded(folder: Path, *seeds: bytes) -> tuple[Work, ScriptedWorker]:
    work = Work(folder, MeasureCoverage())
    work.begin(*seeds)
    work.search.lines.announce(LAYOUT)
    return work, work.worker()


def patience(worker: ScriptedWorker) -> float:
    return worker.call.patience


def measures(work: Work, worker: ScriptedWorker) -> None:
    """The one input of the call runs clean with every line noted."""
    tell(work, worker, measured((-1, 2, 1)))
    worker.clean()
    worker.done()


def test_the_command_runs_everything_and_is_done(tmp_path: Path) -> None:
    work, worker = commanded(tmp_path, b"one", b"two")
    seen = []
    while not work.board.is_done:
        asked = worker.ask()
        assert isinstance(asked, list)
        assert is_measuring(worker)
        for index, data in enumerate(asked):
            seen.append(data)
            tell(work, worker, measured((-1, 2, 1), index=index))
            worker.clean()
        worker.done()
    assert sorted(seen) == [b"one", b"two"]
    assert len(work.search.lines.inputs) == 2


def test_an_input_that_hangs_as_in_any_other_run_is_a_crasher_of_the_command(tmp_path: Path) -> None:
    work, worker = commanded(tmp_path, b"hangs")
    assert worker.ask() == [b"hangs"]
    worker.hangs()
    assert not work.search.crashers.crashers  # noting each line may have been the reason
    assert (worker.ask(), is_measuring(worker), patience(worker)) == ([b"hangs"], False, 1.0)
    worker.hangs()
    (crasher,) = work.search.crashers.crashers
    assert (crasher.seed_name, crasher.failure.kind) == ("seed 1", CrasherKind.TIMEOUT)
    assert (work.search.lines.unmeasured, work.is_done()) == (1, True)


def test_an_input_that_is_slow_only_with_every_line_noted_is_measured_with_patience(tmp_path: Path) -> None:
    work, worker = commanded(tmp_path, b"slow")
    worker.ask()
    assert (is_measuring(worker), patience(worker)) == (True, 1.0)
    worker.hangs()
    worker.ask()
    worker.clean()
    worker.done()
    worker.ask()
    assert (is_measuring(worker), patience(worker)) == (True, 10.0)
    measures(work, worker)
    assert (len(work.search.lines.inputs), work.search.lines.unmeasured, work.is_done()) == (1, 0, True)
    assert not work.search.crashers.crashers


def test_an_input_that_is_too_slow_even_with_patience_is_left_out(tmp_path: Path) -> None:
    work, worker = commanded(tmp_path, b"slow")
    worker.ask()
    worker.hangs()
    worker.ask()
    worker.clean()
    worker.done()
    worker.ask()
    worker.hangs()
    assert (work.search.lines.inputs, work.search.lines.unmeasured, work.is_done()) == ([], 1, True)
    assert not work.search.crashers.crashers


def test_a_slow_input_that_fails_is_one_hit_and_measured(tmp_path: Path) -> None:
    work, worker = commanded(tmp_path, b"slow")
    worker.ask()
    worker.hangs()
    worker.ask()
    worker.fails()
    worker.done()
    worker.ask()
    tell(work, worker, measured((-1, 2, 1)))
    worker.fails()
    worker.done()
    assert [crasher.hits for crasher in work.search.crashers.crashers] == [1]
    assert (len(work.search.lines.inputs), work.is_done()) == (1, True)


def test_a_stored_input_that_fails_is_a_crasher_and_measured(tmp_path: Path) -> None:
    work, worker = commanded(tmp_path, b"bad")
    worker.ask()
    tell(work, worker, measured((-1, 2, 1)))
    worker.fails()
    worker.done()
    (crasher,) = work.search.crashers.crashers
    assert (crasher.seed_name, work.search.lines.inputs[0].data) == ("seed 1", b"bad")


def test_an_input_that_loads_modules_and_then_ends_its_process_is_not_run_for_ever(tmp_path: Path) -> None:
    work, worker = commanded(tmp_path, b"bad")
    worker.ask()
    tell(work, worker, measured((-1, 2, 1), partial=True))
    worker.clean()
    worker.done()
    worker.ask()
    worker.exits()
    assert (work.search.lines.unmeasured, work.is_done()) == (1, True)
    assert len(work.search.crashers.crashers) == 1


def test_what_is_given_back_is_run_as_it_was_to_be(tmp_path: Path) -> None:
    work, worker = commanded(tmp_path, b"slow")
    worker.ask()
    worker.hangs()
    worker.ask()
    worker.ends()
    assert (worker.ask(), is_measuring(worker)) == ([b"slow"], False)
    assert not work.is_done()
