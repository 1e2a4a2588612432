"""A minimization that is stopped or killed at any moment loses neither the input nor what it had come to."""

from pathlib import Path
from random import Random

import pytest

from fuzztui.engine.work.minimization import PREFIX
from fuzztui.engine.work.minimizing import MinimizingCrashers
from tests.engine.work.scripted import Work, contents, failure
from tests.engine.work.test_minimizing import answer, found, minimizing, shown

DATA = b"begin " * 30 + b"<tag>" + b" end" * 30
MOMENTS = 50


def fails(data: bytes) -> bool:
    return 0 <= data.find(b"<") < data.rfind(b">")


def progress(work: Work) -> list[bytes]:
    return [path.read_bytes() for path in work.records.glob(f"{PREFIX}*")]


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_at_any_moment(tmp_path: Path, moment: int) -> None:
    random = Random(moment)
    is_killed = moment % 2 == 1
    work, worker = minimizing(tmp_path)
    crasher = found(work, DATA)
    for _ in range(random.randrange(1, 60)):
        answer(worker, limit=1)
        work.clock.now += random.choice((0.0, 0.3, 1.2))
    best = shown(work, crasher)
    was_running = best.is_running
    if not is_killed:
        work.board.close()
        best = shown(work, crasher)
        assert not best.is_running
    assert DATA in contents(work.stored)
    assert all(fails(data) for data in (*contents(work.stored), *progress(work)))
    kept = min(map(len, progress(work)), default=len(DATA))
    if not is_killed:
        assert kept == best.after
        assert min(map(len, contents(work.stored))) == best.after

    again, other = minimizing(tmp_path)
    again.search.record(0, DATA, failure(), None)
    again.job(MinimizingCrashers).wish(crasher)
    answer(other, limit=2)
    assert shown(again, crasher).after <= kept, "it goes on from there"
    answer(other)
    assert shown(again, crasher).after == 2
    assert shown(again, crasher).is_smallest
    assert DATA in contents(again.stored)
    assert was_running or best.after == 2
