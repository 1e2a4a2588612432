"""After a reload no process executes the version before, and each failure is of the version that ran.

What `tests/mutants` breaks of reloads is noticed here: these few tests take seconds, all of `test_reloads` a minute.
"""

import time
from collections.abc import Iterator
from itertools import count, pairwise
from pathlib import Path

import pytest

from fuzztui.engine.request.options import Watching
from fuzztui.engine.show.events import CodeChanged, Reloaded, ReloadFailed
from fuzztui.engine.show.reload import ReloadCounts
from tests.engine.test_reloads import (
    FIXED,
    PARSER,
    edit,
    ended,
    is_fuzzing,
    of_kind,
    project_in,
    reloaded,
    started,
    told,
)
from tests.support import RunningEngine, wait_for


@pytest.fixture(autouse=True)
def engines() -> Iterator[None]:
    yield
    RunningEngine.end_all()


LOGGED = """
import os, signal, time

def is_slow():
    try:
        with open({log!r} + "-slow-{version}", "x") as file:
            file.write(str(os.getpid()))
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    except FileExistsError:
        pass
    with open({log!r} + "-slow-{version}") as file:
        return file.read() == str(os.getpid())

def parse(data):
    is_long = {is_slow} and os.path.exists({log!r} + "-go") and is_slow()
    line = b"{version} %d\\n" % os.getpid()
    file = os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, line)
    for _ in range(1000 if is_long else 1):
        time.sleep(0.01)
        os.write(file, line)
    os.close(file)
    if data[:1] == b"{byte}":
        raise {error}("of version {version}")
"""


def test_no_two_versions_are_at_work_and_each_failure_is_of_the_one_that_ran(tmp_path: Path) -> None:
    """Each execution writes its version until it ends: once one is there, none before it follows.

    One process that runs the first version does not end before it is killed, long after the others.
    """
    log = tmp_path / "executed"
    versions = [(1, "a", "ValueError"), (2, "b", "KeyError"), (3, "c", "IndexError")]
    sources = [
        LOGGED.format(log=str(log), version=number, byte=byte, error=error, is_slow=number == 1)
        for number, byte, error in versions
    ]
    project = project_in(tmp_path, workers=3)
    (tmp_path / "parser.py").write_text(sources[0])
    engine = project.start()
    engine.wait(lambda shown: len(shown.crashers) == 1, "the first crasher")
    engine.wait(is_fuzzing, "workers at work")
    (tmp_path / "executed-go").touch()
    wait_for((tmp_path / "executed-slow-1").exists, "a process that does not end")
    for number, source in enumerate(sources[1:], 1):
        edit(tmp_path, source)
        assert reloaded(engine, number) == ReloadCounts(fixed=1, stayed_fixed=number - 1, new=1)
        engine.wait(is_fuzzing, "workers at work again")
    hits = {one.failure.type: one.hits for one in engine.session.snapshot().crashers}
    run = ended(engine)
    executed = [line.split() for line in log.read_text().splitlines()]
    assert [line for line, _ in executed] == sorted(line for line, _ in executed)
    assert {line for line, _ in executed} == {"1", "2", "3"}
    pids = [{pid for line, pid in executed if line == str(number)} for number, _, _ in versions]
    assert not any(one & other for one, other in pairwise(pids)), "a process executes one version"
    assert {(one.failure.type, one.failure.message.split()[-1].strip("'")) for one in run.snapshot.crashers} == {
        (error, str(number)) for number, _, error in versions
    }
    for one in run.snapshot.crashers:
        assert one.failure.type == "IndexError" or one.hits == hits[one.failure.type]


@pytest.mark.soak
def test_code_that_cannot_be_loaded_replaces_nobody_and_what_can_is_loaded_once_when_asked(tmp_path: Path) -> None:
    engine = started(tmp_path, watching=Watching.CODE)
    pids = [row.pid for row in engine.session.snapshot().workers]
    edges = engine.session.snapshot().edges_total
    edit(tmp_path, PARSER + "\nreturn = 1\n")
    engine.wait(lambda shown: shown.reloading.changed, "the change")
    engine.session.reload()
    failed = told(engine, ReloadFailed)
    assert isinstance(failed, ReloadFailed)
    assert failed.why.endswith("parser.py:9: SyntaxError: invalid syntax")
    assert [row.pid for row in engine.session.snapshot().workers] == pids
    edit(tmp_path, PARSER)
    engine.wait(lambda shown: not shown.reloading.changed, "what it was")
    edit(tmp_path, FIXED + "\ndef more(data):\n    if data:\n        return 1\n")
    engine.wait(lambda shown: shown.reloading.changed, "the other change")
    assert engine.session.snapshot().reloading.reloads == 0
    engine.session.reload()
    assert reloaded(engine) == ReloadCounts(fixed=1, fail=1)
    engine.wait(is_fuzzing, "workers at work again")
    shown = engine.session.snapshot()
    assert edges < shown.edges_total < 2 * edges, "of the new code alone"
    assert shown.reloading.changed == ()
    assert len(of_kind(engine, Reloaded)) == 1
    assert len(of_kind(engine, CodeChanged)) == 3
    ended(engine)


def test_data_beside_the_code_that_changes_is_told_of(tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text("{}")
    engine = started(tmp_path, watching=Watching.RELOAD)
    (tmp_path / "run.log").write_text("nobody's data")
    rules.write_text("{}")
    contents = count()

    def is_told() -> bool:
        # What data was is only read when the code has been loaded, at leisure: edits before that are nobody's.
        edit(tmp_path, f'{{"a": {next(contents)}}}', "rules.json")
        time.sleep(0.2)
        return any("rules.json" in each for each in engine.session.snapshot().warnings)

    wait_for(is_told, "the warning")
    (sentence,) = [each for each in engine.session.snapshot().warnings if "rules.json" in each]
    assert "rules.json beside the code has changed" in sentence
    assert engine.session.snapshot().reloading.reloads == 0
    run = ended(engine)
    assert not any("run.log" in each for each in run.snapshot.warnings)
