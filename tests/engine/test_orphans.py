"""What a target left running is ended; what the program around the run has started stays that program's."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from fuzztui.engine.crew import guard, orphans
from fuzztui.engine.crew.guard import MARKER
from fuzztui.engine.crew.orphans import Mark, adopting, end_orphans, reap_orphans
from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.outcome import StopReason
from tests.support import Project, wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux only")

MINE = Mark(0xA1, 1)
OF_THE_SAME_RUN = Mark(0xA1, 2)
OF_ANOTHER_RUN = Mark(0xB2, 1)

WAYS = {
    "of a session of its own": "setsid sleep 1000 &",
    "with a clean environment": "env -i sleep 1000 &",
    "of a session of its own, with a clean environment": "env -i setsid sleep 1000 &",
    "that is a child of such a one": "env -i setsid sh -c 'sleep 1000 & exec sleep 1000' &",
    "that ended at once": "env -i setsid true &",
}


def worker(mark: Mark, script: str, variable: bool = True) -> None:
    """Run a script as a marked worker would, to its end: what the script leaves behind is an orphan then."""
    environment = {**os.environ, MARKER: str(mark)} if variable else None
    with subprocess.Popen(["sh", "-c", f"read line; {script}"], stdin=subprocess.PIPE, env=environment) as process:
        mark.put_on(process.pid)
        process.communicate(b"\n")


def orphaned(before: set[int]) -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if child.pid not in before]


@pytest.fixture
def before() -> Iterator[set[int]]:
    """Children that the tests' own process had before; sees to it that a test leaves no other."""
    pids = {child.pid for child in psutil.Process().children()}
    yield pids
    left = orphaned(pids)
    for child in left:
        child.kill()
        child.wait()
    assert left == []


@contextmanager
def hosts_own(script: str, **options: object) -> Iterator[subprocess.Popen[bytes]]:
    """A process that the program around the run has started, not the run."""
    process = subprocess.Popen(["sh", "-c", script], **options)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("script", WAYS.values(), ids=WAYS.keys())
def test_an_orphan_is_ended_whatever_it_was_started_with(before: set[int], script: str) -> None:
    with adopting(MINE.run):
        worker(MINE, script)
        assert wait_for(lambda: orphaned(before), "the orphan")
        assert end_orphans(MINE.run, MINE.process) >= 1
        assert orphaned(before) == []


def test_an_orphan_is_known_by_its_environment_where_limits_cannot_be_set(
    before: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "prlimit", _refusing)
    with adopting(MINE.run):
        worker(MINE, "setsid sleep 1000 &")
        (orphan,) = wait_for(lambda: orphaned(before), "the orphan")
        wait_for(lambda: orphan.name() == "sleep", "the start")
        assert end_orphans(MINE.run, MINE.process) == 1


def test_a_process_that_has_only_just_been_started_is_known(before: set[int], monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    def unseen_at_first(pid: int) -> str:  # as between two programs of a process
        nonlocal looks
        looks += 1
        return guard.variable_of(pid) if looks > 3 else ""

    monkeypatch.setattr(orphans, "variable_of", unseen_at_first)
    monkeypatch.setattr(orphans, "_begins", lambda pid: True)
    with hosts_own("exec sleep 1000", env={**os.environ, MARKER: str(MINE)}) as process:
        assert end_orphans(MINE.run) == 1
        assert process.wait() in (0, -signal.SIGKILL)


def test_only_a_live_process_that_shows_nothing_begins(before: set[int]) -> None:
    with hosts_own("exec sleep 1000", env={}) as process:
        wait_for(lambda: not orphans._begins(process.pid), "its program")
        process.kill()
        wait_for(lambda: orphans._has_ended(process.pid), "its end")
        assert not orphans._begins(process.pid)
    assert not orphans._begins(process.pid)


def _refusing(*arguments: object) -> None:
    raise PermissionError(1, "not here")


@pytest.mark.parametrize("variable", [True, False])
def test_after_a_death_only_what_comes_from_that_worker_is_ended(before: set[int], variable: bool) -> None:
    with adopting(MINE.run):
        worker(OF_THE_SAME_RUN, "setsid sleep 1000 &", variable)
        (other,) = wait_for(lambda: orphaned(before), "the orphan")
        assert end_orphans(MINE.run, MINE.process) == 0
        assert other.is_running()
    assert not other.is_running(), "at its end the run ends all that its workers left"


def test_a_run_that_ends_leaves_the_orphans_of_one_beside_it(before: set[int]) -> None:
    with adopting(OF_ANOTHER_RUN.run):
        with adopting(MINE.run):
            worker(OF_ANOTHER_RUN, "env -i setsid sleep 1000 &")
            (other,) = wait_for(lambda: orphaned(before), "the orphan")
        assert other.is_running()
        worker(OF_ANOTHER_RUN, "env -i setsid sleep 1000 &")
        assert len(wait_for(lambda: orphaned(before)[1:], "an orphan after the first run's end")) == 1


def test_nothing_is_adopted_any_more_when_the_last_run_has_ended(before: set[int], tmp_path: Path) -> None:
    with adopting(MINE.run), adopting(OF_ANOTHER_RUN.run):
        pass
    note = tmp_path / "pid"
    worker(MINE, f"setsid sh -c 'echo $$ > {note}; exec sleep 1000' &")
    assert orphaned(before) == []
    os.kill(int(wait_for(lambda: note.exists() and note.read_text(), "the orphan")), signal.SIGKILL)


OWN = {
    "as any": {},
    "in a session of its own": {"start_new_session": True},
    "with a clean environment": {"env": {}},
    "in a session of its own, with a clean environment": {"start_new_session": True, "env": {}},
}


@pytest.mark.parametrize("options", OWN.values(), ids=OWN.keys())
def test_what_the_program_around_the_run_has_started_is_neither_ended_nor_reaped(
    before: set[int], options: dict[str, object]
) -> None:
    with hosts_own("exec sleep 1000", **options) as first, hosts_own("exit 3", **options) as dead:
        with (
            adopting(MINE.run),
            hosts_own("exec sleep 1000", **options) as second,
            hosts_own("exit 4", **options) as dead_too,
        ):
            for process in (dead, dead_too):
                os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            end_orphans(MINE.run)
            assert dead_too.wait() == 4
            assert second.poll() is None
        assert dead.wait() == 3
        assert first.poll() is None


def test_what_a_dead_worker_left_is_ended_while_the_run_goes_on(
    project: Callable[..., Project], tmp_path: Path
) -> None:
    note = tmp_path / "pids"
    engine = project(
        "import subprocess\nn = 0\ndef fuzz_it(data: bytes):\n    global n\n    n += 1\n    if n == 5:\n"
        "        child = subprocess.Popen(['sleep', '1000'], env={}, start_new_session=True)\n"
        f"        print(child.pid, file=open({str(note)!r}, 'a'), flush=True)\n"
    ).start(limit=Limit())
    orphan = int(wait_for(lambda: note.exists() and note.read_text(), "the grandchild"))
    pid = engine.wait(lambda s: s.workers and s.workers[0].pid, "a snapshot")
    os.kill(pid, signal.SIGKILL)
    engine.wait(lambda s: s.workers[0].pid not in (None, pid), "the worker's return")
    assert not psutil.pid_exists(orphan)
    engine.session.stop()
    engine.join()


def test_orphans_that_have_ended_are_reaped_and_those_that_run_are_left(before: set[int]) -> None:
    with adopting(MINE.run), hosts_own("exit 3") as dead:
        os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
        worker(MINE, "setsid true & env -i true & setsid sleep 1000 &")
        worker(OF_ANOTHER_RUN, "setsid true &")
        wait_for(lambda: len(orphaned(before)) == 5, "the orphans")
        wait_for(lambda: sum(child.status() == psutil.STATUS_ZOMBIE for child in orphaned(before)) == 4, "their end")
        assert reap_orphans(MINE.run) == 2
        assert sorted(child.status() == psutil.STATUS_ZOMBIE for child in orphaned(before)) == [False, True, True]
        assert dead.wait() == 3
        end_orphans(OF_ANOTHER_RUN.run)


def test_what_a_target_leaves_behind_and_ends_takes_up_no_process_id_for_long(
    project: Callable[..., Project],
) -> None:
    engine = project(
        "import os\ndef fuzz_it(data: bytes):\n"
        "    if not os.fork():\n        os.setsid()\n        os.fork()\n        os._exit(0)\n    os.wait()\n"
    ).start(limit=Limit())
    engine.wait(lambda s: s.executions > 200, "executions")
    engine.session.pause()
    engine.wait(lambda s: s.is_paused, "the pause")
    wait_for(lambda: not any(map(_is_unreaped, psutil.Process().children())), "the orphans to be reaped")
    engine.session.stop()
    assert engine.join().outcome.exit_code == 0


def _is_unreaped(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_a_run_within_a_program_touches_none_of_its_children(project: Callable[..., Project]) -> None:
    target = project(
        "import subprocess\nn = 0\ndef fuzz_it(data: bytes):\n    global n\n    n += 1\n"
        "    if n == 5: subprocess.Popen(['sleep', '1002'], env={}, start_new_session=True)\n"
    )
    with (
        hosts_own("exec sleep 1000", start_new_session=True) as before,
        hosts_own("exit 3", start_new_session=True, env={}) as dead,
    ):
        os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
        engine = target.start(limit=Limit())
        engine.wait(lambda s: s.executions > 10, "executions")
        with (
            hosts_own("exec sleep 1000", start_new_session=True) as during,
            hosts_own("exit 4", start_new_session=True, env={}) as dead_too,
        ):
            os.waitid(os.P_PID, dead_too.pid, os.WEXITED | os.WNOWAIT)
            (pid,) = [row.pid for row in engine.session.snapshot().workers]
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            engine.wait(lambda s: s.workers[0].pid not in (None, pid) and s.workers[0].rate, "the worker's return")
            engine.session.stop()
            run = engine.join()
            assert dead_too.wait() == 4
            assert during.poll() is None
        assert dead.wait() == 3
        assert before.poll() is None
    assert run.outcome.reason is StopReason.USER
    assert not [process for process in psutil.process_iter() if _is_sleep(process, "1002")]


def _is_sleep(process: psutil.Process, seconds: str) -> bool:
    try:
        return process.cmdline() == ["sleep", seconds]
    except psutil.Error:
        return False
