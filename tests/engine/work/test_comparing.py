"""What is compared in a line is learned for who asks; tokens and a favoured line change what workers get."""

from collections import Counter
from pathlib import Path

import pytest

from fuzztui.engine.work.comparing import MOST_RUN, Comparing
from fuzztui.engine.work.favouring import favour
from fuzztui.engine.work.line_coverage import MOST_LOOKED_AT, MOST_MET, MeasuredInput
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Compared, Execute, Fuzz, Operands
from tests.engine.work.scripted import ScriptedWorker, Work
from tests.engine.work.test_measuring import LAYOUT, measured

MET = Operands("==", "'a'", "'key'", [b"key", b"a"])


def reached(folder: Path, *inputs: bytes) -> tuple[Work, ScriptedWorker]:
    """A run in which these seeds reach line 3."""
    work = Work(folder)
    worker = work.fuzzing(*inputs)
    work.search.lines.announce(LAYOUT)
    for data in inputs:
        entry = next(each for each in work.search.corpus.entries if each.data == data)
        sha256 = next(sha for sha, each in work.search.corpus._by_digest.items() if each is entry)
        work.search.lines.add(measured((2, 3, 1)), MeasuredInput(sha256, data, "", 0.0, False))
    return work, worker


def test_inputs_that_reach_the_line_run_once_more_with_all_its_lines_noted(tmp_path: Path) -> None:
    work, worker = reached(tmp_path, b"long one", b"b")
    assert work.job(Comparing).wish(LAYOUT.file, 3) == 2
    assert worker.ask() == [b"b", b"long one"]
    message = worker.call.message
    assert isinstance(message, Execute)
    assert (message.compared, message.lines) == (LAYOUT.file, [3, 4])
    work.board.take_compared(worker.assignment, Compared(0, [MET]))
    worker.clean()
    met = work.search.lines.met[LAYOUT.file, 3]
    assert (met.inputs, met.waiting) == (1, 1)
    work.board.take_compared(worker.assignment, Compared(1, [MET]))
    worker.clean()
    worker.done()
    assert met.operands == {("==", "'a'", "'key'"): (2, (b"key", b"a"))}
    assert (met.inputs, met.waiting) == (2, 0)


def test_a_line_that_nothing_reaches_takes_no_run(tmp_path: Path) -> None:
    work, _ = reached(tmp_path, b"a")
    assert work.job(Comparing).wish(LAYOUT.file, 6) == 0
    assert work.job(Comparing).wish("other.py", 1) == 0


def test_few_inputs_of_many_are_run(tmp_path: Path) -> None:
    inputs = [b"%03d" % number for number in range(MOST_RUN + 5)]
    work, _ = reached(tmp_path, *inputs)
    assert work.job(Comparing).wish(LAYOUT.file, 3) == MOST_RUN


def test_an_input_that_hangs_meanwhile_is_no_crasher(tmp_path: Path) -> None:
    work, worker = reached(tmp_path, b"a")
    work.job(Comparing).wish(LAYOUT.file, 3)
    worker.ask()
    worker.hangs()
    assert work.search.crashers.crashers == []
    assert work.search.lines.met[LAYOUT.file, 3].waiting == 0


def test_what_is_kept_of_lines_is_bounded(tmp_path: Path) -> None:
    work, _ = reached(tmp_path, b"a")
    lines = work.search.lines
    met = lines.ask_met(LAYOUT.file, 3)
    met.add([Operands("==", str(number), "", []) for number in range(MOST_MET + 10)])
    assert len(met.operands) == MOST_MET
    for line in range(MOST_LOOKED_AT + 10):
        lines.ask_met(LAYOUT.file, 100 + line)
    assert len(lines.met) == MOST_LOOKED_AT


def test_comparisons_that_nobody_asked_for_are_refused(tmp_path: Path) -> None:
    work, worker = reached(tmp_path, b"a")
    worker.ask()
    with pytest.raises(ProtocolError):
        work.board.take_compared(worker.assignment, Compared(0, [MET]))


def tokens_of(worker: ScriptedWorker) -> list[bytes]:
    asked = worker.ask()
    assert isinstance(asked, Fuzz)
    worker.done()
    return asked.tokens


def test_a_token_is_told_to_each_process_once(tmp_path: Path) -> None:
    work, worker = reached(tmp_path, b"a")
    other = work.worker(1)
    assert tokens_of(worker) == []
    work.search.tokens.append(b"key")
    assert [tokens_of(worker), tokens_of(worker)] == [[b"key"], []]
    assert tokens_of(other) == [b"key"]
    worker.renews()
    assert tokens_of(worker) == [b"key"]


def turns(work: Work, worker: ScriptedWorker, number: int = 300) -> Counter[bytes]:
    counted: Counter[bytes] = Counter()
    for _ in range(number):
        asked = worker.ask()
        if isinstance(asked, Fuzz):
            counted[asked.entry] += 1
        elif isinstance(asked, list):  # to be measured
            for _ in asked:
                worker.clean()
        worker.done()
    return counted


def test_entries_that_reach_the_favoured_line_come_far_more_often_until_that_is_undone(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"a", b"b", b"c")
    work.search.lines.announce(LAYOUT)
    sha256 = next(sha for sha, each in work.search.corpus._by_digest.items() if each.data == b"b")
    work.search.lines.add(measured((2, 3, 1)), MeasuredInput(sha256, b"b", "", 0.0, False))
    evenly = turns(work, worker)
    assert max(evenly.values()) < 2 * min(evenly.values())
    assert favour(work.search, (LAYOUT.file, 3)) == 1
    assert work.search.lines.wishes == 1
    favoured = turns(work, worker)
    assert favoured[b"b"] > 5 * (favoured[b"a"] + favoured[b"c"])
    assert favour(work.search, None) == 0
    assert work.search.lines.wishes == 0
    turns(work, worker, 10)
    again = turns(work, worker)
    assert max(again.values()) < 2 * min(again.values())


def test_what_is_found_to_reach_the_favoured_line_is_favoured_as_well(tmp_path: Path) -> None:
    work = Work(tmp_path)
    worker = work.fuzzing(b"a", b"b", b"c")
    work.search.lines.announce(LAYOUT)
    assert favour(work.search, (LAYOUT.file, 3)) == 0
    batch = worker.ask()
    assert batch == [b"a", b"b", b"c"]
    for index, line in enumerate((2, 3, 2)):
        work.board.take_measured(worker.assignment, measured((1, line, 1), index=index))
        worker.clean()
    worker.done()
    work.clock.now += 100
    favoured = turns(work, worker)
    assert favoured[b"b"] > 5 * (favoured[b"a"] + favoured[b"c"])
