"""Few inputs of a property test that cover what all do are given to its framework."""

from pathlib import Path

import pytest

from fuzztui.engine.request.task import ExportCorpus, MinimizeInput
from fuzztui.engine.show.events import CorpusExported, InputMinimized
from fuzztui.engine.show.results import CorpusExport
from fuzztui.engine.show.text import label
from fuzztui.engine.work.call import Item
from fuzztui.engine.work.exporting import Candidate, chosen
from fuzztui.plain.lines import export_lines
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import DATABASE, LOOK, Execute, Exported, Shrunk
from tests.engine.work.scripted import ScriptedWorker, Work, store


def choices(*values: object) -> bytes:
    return "\n".join(["fuzztui choices v1", "seed 0", *map(repr, values), ""]).encode()


ZERO, OWN, SMALL, LARGE, OTHER, SKIPPED, BAD = (
    choices(),
    *(choices(name) for name in ("own", "small", "the largest", "other", "skipped", "bad")),
)
EDGES = {ZERO: (1,), OWN: (1, 2), SMALL: (3, 4), LARGE: (3, 4, 5, 6), OTHER: (2, 7), SKIPPED: (8, 9), BAD: ()}


def candidate(edges: int, size: int = 1, *, is_own: bool = False, fits: bool = True) -> Candidate:
    return Candidate(Item(b"x" * size), is_own, edges, fits)


def test_each_next_one_covers_most_of_what_is_left_and_is_the_smallest_of_these() -> None:
    own = candidate(0b1, is_own=True, fits=False)
    small, large, wide, late = candidate(0b0110, 3), candidate(0b0110, 9), candidate(0b11110, 9), candidate(0b100001, 2)
    assert chosen([own, small, large, late], 10) == [small, late]
    assert chosen([own, small, large, wide, late], 10) == [wide, late]
    assert chosen([own, small, large, wide, late], 1) == [wide]
    assert chosen([own, candidate(0b1)], 10) == []
    assert chosen([candidate(0b1, fits=False)], 10) == []


def exported(work: Work) -> tuple[list[tuple[str, list[bytes]]], list[CorpusExport]]:
    """What was asked of a worker, and what was told."""
    worker = work.begin(OWN).worker()
    asked = []
    while isinstance(inputs := worker.ask(), list):
        call = worker.assignment.call
        assert call is not None
        assert isinstance(call.message, Execute)
        to = call.message.exported
        asked.append((to, inputs))
        for index, data in enumerate(inputs):
            if data == BAD:
                worker.fails()
                continue
            line = "" if data == LARGE else f"@example({data[-4:]!r})"
            answer = Exported(index, data != SKIPPED, to == DATABASE, line)
            work.board.take_exported(worker.assignment, answer)
            worker.clean(*EDGES[data])
        if worker.assignment.call is not None:
            worker.done()
    work.board.close()
    return asked, [event.export for event in work.told.events if isinstance(event, CorpusExported)]


def corpus(folder: Path, *, as_examples: bool) -> Work:
    work = Work(folder, ExportCorpus(most=100, as_examples=as_examples), parameters=("choices",))
    store(work.generated, SMALL, LARGE, OTHER, SKIPPED, BAD, b"no input")
    return work


def test_those_chosen_go_to_the_database_once_all_are_known(tmp_path: Path) -> None:
    asked, told = exported(corpus(tmp_path, as_examples=False))
    (look, looked), (database, given) = asked
    assert (look, database) == (LOOK, DATABASE)
    assert sorted(looked) == sorted([OWN, ZERO, SMALL, LARGE, OTHER, SKIPPED, BAD])
    assert given == [LARGE, OTHER]
    assert told == [CorpusExport(2, 7, 7, 9, (), 0, has_database=True)]
    (event,) = [CorpusExported(0.0, each) for each in told]
    assert export_lines(event) == "2 of 7 inputs: pytest runs them next, 7 of 9 edges covered"


def test_what_fails_is_a_crasher_and_not_chosen(tmp_path: Path) -> None:
    work = corpus(tmp_path, as_examples=False)
    exported(work)
    assert len(work.told.crashers) == 1


def test_decorators_are_of_inputs_that_have_a_form(tmp_path: Path) -> None:
    asked, told = exported(corpus(tmp_path, as_examples=True))
    assert [to for to, _ in asked] == [LOOK]
    (export,) = told
    assert (export.chosen, export.formless, export.edges) == (2, 1, 5)
    assert export_lines(CorpusExported(0.0, export)).split("\n") == [
        "# 2 of 7 inputs, 1 without a form in the test's file: 5 of 9 edges covered",
        *export.examples,
    ]


def test_what_was_not_to_be_exported_is_no_answer(tmp_path: Path) -> None:
    work = Work(tmp_path, parameters=("choices",))
    worker: ScriptedWorker = work.begin().worker()
    worker.ask()
    with pytest.raises(ProtocolError):
        work.board.take_exported(worker.assignment, Exported(0, True, True, ""))


def test_executions_that_a_worker_shrinks_in_count_and_leave_some_to_others(tmp_path: Path) -> None:
    work = Work(tmp_path, MinimizeInput(label("it"), BAD), parameters=("choices",), executions=100)
    worker = work.begin().worker()
    assert worker.ask() == [BAD]
    worker.fails()
    worker.done()
    assert worker.ask() == [BAD]
    message = worker.call.message
    assert isinstance(message, Execute)
    assert (message.shrunk, message.executions) == (True, 1 + 99 // 4)
    with pytest.raises(ProtocolError):
        work.board.take_shrunk(worker.assignment, Shrunk(0, 26))
    work.board.take_shrunk(worker.assignment, Shrunk(0, 20))
    worker.counter += 20
    worker.fails(data=SMALL)
    worker.done()
    assert work.board.jobs[0].account.used == 22
    work.board.close()
    (told,) = [event.minimized for event in work.told.events if isinstance(event, InputMinimized)]
    assert told.executions >= 22
