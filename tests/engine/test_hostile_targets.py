"""What a target may do to its process, and what the engine makes of it."""

import os
import signal
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.worker_row import WorkerState
from tests.support import Project

MakeProject = Callable[..., Project]

AT_THE_TENTH = """
import ctypes, os, signal, sys, time
n = 0
def fuzz_it(data: bytes) -> None:
    global n
    n += 1
    if n == 10:
        with open({note!r}, "wb") as note:
            note.write(data)
        {act}
"""

DEATHS = {
    "os._exit(0)": ("os._exit(0)", CrasherKind.EXIT, "exit status 0"),
    "os._exit(70)": ("os._exit(70)", CrasherKind.EXIT, "exit status 70"),
    "segfault": ("ctypes.string_at(0)", CrasherKind.SIGNAL, "SIGSEGV"),
    "abort": ("os.abort()", CrasherKind.SIGNAL, "SIGABRT"),
    "sigfpe": ("os.kill(os.getpid(), signal.SIGFPE)", CrasherKind.SIGNAL, "SIGFPE"),
    "sys.exit(3)": ("sys.exit(3)", CrasherKind.EXCEPTION, "SystemExit"),
    "sys.exit('text')": ("sys.exit('text')", CrasherKind.EXCEPTION, "SystemExit"),
    "assertion": ("assert n != 10", CrasherKind.EXCEPTION, "AssertionError"),
    "KeyboardInterrupt": ("raise KeyboardInterrupt", CrasherKind.EXCEPTION, "KeyboardInterrupt"),
    "BaseException": ("raise BaseException('bare')", CrasherKind.EXCEPTION, "BaseException"),
    "sleeps for ever": ("time.sleep(10000)", CrasherKind.TIMEOUT, "timeout after 1 s"),
    "spins in C": ("sum(range(10**13))", CrasherKind.TIMEOUT, "timeout after 1 s"),
    "blocks every signal": (
        "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals()); time.sleep(10000)",
        CrasherKind.TIMEOUT,
        "timeout after 1 s",
    ),
}


@pytest.mark.parametrize(("act", "kind", "name"), DEATHS.values(), ids=DEATHS.keys())
@pytest.mark.mostly_soak(1)
def test_the_input_on_disk_is_the_input_that_ran(
    project: MakeProject, tmp_path: Path, act: str, kind: CrasherKind, name: str
) -> None:
    note = tmp_path / "note"
    run = project(AT_THE_TENTH.format(note=str(note), act=act)).run(timeout=1.0)
    assert run.outcome.exit_code == 1
    assert run.outcome.reason is StopReason.CRASHER
    (crasher,) = run.crashers
    assert crasher.failure.kind is kind
    assert crasher.failure.type.partition(" (")[0] == name
    (stored,) = run.stored
    assert stored.read_bytes() == note.read_bytes() == crasher.data
    assert stored.name == sha256(note.read_bytes()).hexdigest() == crasher.sha256
    assert stored == crasher.path


def test_a_crash_in_c_is_located_by_the_python_stack(project: MakeProject) -> None:
    run = project("import ctypes\ndef deep():\n    ctypes.string_at(0)\ndef fuzz_it(data: bytes):\n    deep()\n").run()
    (crasher,) = run.crashers
    assert "deep" in crasher.failure.traceback
    assert "fuzztui/worker" not in crasher.failure.traceback
    assert "runpy" not in crasher.failure.traceback
    assert "Extension modules" not in crasher.failure.traceback


def test_a_hang_is_located_by_its_stack(project: MakeProject) -> None:
    run = project("import time\ndef wait():\n    time.sleep(999)\ndef fuzz_it(data: bytes):\n    wait()\n").run(
        timeout=1.0
    )
    (crasher,) = run.crashers
    assert crasher.failure.function == "wait"
    assert crasher.failure.location.endswith("fuzz_it.py:3")


def test_sys_exit_with_status_0_is_no_crasher(project: MakeProject) -> None:
    run = project("import sys\ndef fuzz_it(data: bytes):\n    sys.exit(0)\n").run(limit=Limit(executions=50))
    assert run.outcome.exit_code == 0


HARMLESS = {
    "prints": "print('noise' * 100); print('more', file=sys.stderr)",
    "changes directory": "os.chdir('/')",
    "clears sys.modules": "sys.modules.clear()",
    "patches random": "random.Random.getrandbits = random.random = random.getrandbits = None",
    "patches time and os": "time.monotonic = time.monotonic_ns = time.sleep = os._exit = os.kill = None",
    "patches builtins": "builtins.len = builtins.isinstance = builtins.sorted = builtins.type = None",
    "sets a recursion limit": "sys.setrecursionlimit(60)",
    "stops tracing": "sys.settrace(None); sys.setprofile(None)",
    "closes the standard streams": "sys.stdout.close(); sys.stderr.close()",
    "closes descriptors 0 to 100": "os.closerange(0, 100)",
    "mutates what it got": "data += b'x'",
    "forks a child that returns": "(n == 3) and os.fork()",
    "uses an alarm": "signal.signal(signal.SIGALRM, lambda *a: None); signal.alarm(1)",
    "starts a thread": "threading.Thread(target=print).start()",
}


@pytest.mark.parametrize("act", HARMLESS.values(), ids=HARMLESS.keys())
@pytest.mark.mostly_soak(4)
def test_a_target_may_do_what_it_likes_to_its_process(
    project: MakeProject, capfd: pytest.CaptureFixture[str], act: str
) -> None:
    run = project(
        "import builtins, os, random, signal, sys, threading, time\nn = 0\ndef fuzz_it(data: bytes):\n"
        f"    global n\n    n += 1\n    {act}\n"
    ).run(limit=Limit(executions=200))
    assert run.outcome.reason is StopReason.EXECUTION_LIMIT, run.outcome
    assert run.outcome.exit_code == 0
    assert run.crashers == []
    assert run.snapshot.executions == 200
    assert capfd.readouterr() == ("", ""), "what the target prints belongs to its worker's log"


@pytest.mark.parametrize("name", ["getattr", "type", "tuple", "zip", "hasattr", "callable"])
def test_a_file_may_patch_the_builtins_while_it_is_loaded(project: MakeProject, name: str) -> None:
    run = project(f"import builtins\nbuiltins.{name} = None\ndef fuzz_it(data: bytes): pass\n").run(
        limit=Limit(executions=50)
    )
    assert run.outcome.exit_code == 0, run.outcome
    assert run.snapshot.executions == 50


@pytest.mark.usefixtures("impatient")
def test_a_target_that_closes_the_engines_descriptors_is_named(project: MakeProject) -> None:
    run = project("import os\ndef fuzz_it(data: bytes):\n    os.closerange(3, 5000)\n").run()
    assert run.outcome.exit_code == 70
    assert run.outcome.reason is StopReason.WORKERS_GAVE_UP
    assert "closed the engine's descriptors" in run.outcome.detail
    assert run.stored == []


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("junk", ["b'garbage' * 9", "b'\\xff' * 4", "b'\\0\\0\\0\\x05ab'"])
@pytest.mark.mostly_soak(1)
def test_junk_on_the_socket_is_a_worker_failure(project: MakeProject, junk: str) -> None:
    run = project(
        "import os, stat, time\n"
        "def fuzz_it(data: bytes):\n"
        "    for fd in map(int, os.listdir('/proc/self/fd')):\n"
        "        try: is_socket = stat.S_ISSOCK(os.fstat(fd).st_mode)\n"
        "        except OSError: continue\n"
        f"        if is_socket: os.write(fd, {junk}); os._exit(1) if len({junk}) < 8 else time.sleep(5)\n"
    ).run(limit=Limit(seconds=30.0))
    if "x05" in junk:  # half a frame, then death in the execution: the input is to blame, the frame is nobody's
        assert run.outcome.exit_code == 1
    else:
        assert run.outcome.exit_code == 70
        assert run.stored == []
    assert run.outcome.reason is not StopReason.INTERNAL


def test_a_worker_killed_from_outside_leaves_a_suspect_that_is_cleared(project: MakeProject) -> None:
    engine = project("import time\ndef fuzz_it(data: bytes):\n    time.sleep(0.2)\n").start(limit=Limit(seconds=60.0))
    row = engine.wait(lambda s: s.workers and s.workers[0].executions > 2 and s.workers[0], "executions")
    os.kill(row.pid, signal.SIGKILL)
    engine.wait(lambda s: s.workers[0].restarts == 1 and s.workers[0].state is WorkerState.FUZZING, "a restart")
    engine.session.stop()
    run = engine.join()
    assert run.outcome.exit_code == 0
    assert run.stored == []
    assert "killed by SIGKILL from outside, input ran clean 3/3" in run.warnings


def test_an_input_that_kills_itself_by_sigkill_is_a_crasher(project: MakeProject) -> None:
    run = project(
        "import os, signal\ndef fuzz_it(data: bytes):\n    if len(data) > 3: os.kill(os.getpid(), signal.SIGKILL)\n"
    ).run()
    (crasher,) = run.crashers
    assert crasher.failure.type == "SIGKILL again when run again"
    assert len(crasher.data) > 3


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux only")
def test_a_grandchild_in_a_session_of_its_own_is_ended_too(project: MakeProject) -> None:
    run = project(
        "import os, time\nn = 0\ndef fuzz_it(data: bytes):\n    global n\n    n += 1\n"
        "    if n == 5 and not os.fork():\n        os.setsid()\n        time.sleep(1000)\n"
    ).run(limit=Limit(executions=100))
    assert run.outcome.exit_code == 0  # and the fixture looks for what is left


@pytest.mark.soak
def test_memory_beyond_the_limit_is_a_crasher(project: MakeProject) -> None:
    run = project(
        "def fuzz_it(data: bytes):\n    if len(data) > 2: x = [bytearray(10_000_000) for _ in range(1000)]\n"
    ).run(memory_limit=200 << 20)
    (crasher,) = run.crashers
    assert crasher.failure.kind is CrasherKind.MEMORY


NASTY = {
    "markup": "raise ValueError('[/x] [bold]')",
    "escape sequences": "raise ValueError('\\x1b]0;owned\\x07\\x9b2J')",
    "a megabyte": "raise ValueError('A' * 1_000_000)",
    "str raises": "class E(Exception):\n        def __str__(self): raise RuntimeError\n    raise E",
    "str exits": "class E(Exception):\n        def __str__(self): raise SystemExit(0)\n    raise E",
    "lying class": "class E(Exception):\n        __class__ = int\n    raise E('lie')",
    "surrogates": "raise ValueError('\\ud800\\u202e')",
    "group": "raise ExceptionGroup('g', [ValueError(1), TypeError(2)])",
    "recursion": "fuzz_it(data)",
    "traceback raises": "class E(Exception):\n        __traceback__ = property(lambda self: 1 / 0)\n    raise E",
    "class raises": "class E(Exception):\n        __class__ = property(lambda self: 1 / 0)\n    raise E",
    "a huge name": "raise type('E' * 3_000_000, (Exception,), {})",
    "str raises itself": "class E(Exception):\n        def __str__(self): raise self\n    raise E",
    "lowered recursion limit": "import sys; sys.setrecursionlimit(40); raise ValueError('low')",
}


@pytest.mark.parametrize("body", NASTY.values(), ids=NASTY.keys())
@pytest.mark.mostly_soak(2)
def test_whatever_an_exception_says_is_kept_printable_and_short(project: MakeProject, body: str) -> None:
    run = project(f"def fuzz_it(data: bytes):\n    {body}\n").run()
    assert run.outcome.exit_code == 1
    (crasher,) = run.crashers
    for text in (crasher.failure.message, crasher.failure.type, crasher.values, crasher.failure.location):
        assert text.isprintable()
        assert len(text) < 3_000
    assert crasher.failure.traceback.replace("\n", "").isprintable()
    assert len(crasher.failure.traceback) < 80_000


def test_a_str_that_hangs_is_a_timeout(project: MakeProject) -> None:
    run = project(
        "import time\nclass E(Exception):\n    def __str__(self): time.sleep(999)\n"
        "def fuzz_it(data: bytes):\n    raise E\n"
    ).run(timeout=1.0)
    (crasher,) = run.crashers
    assert crasher.failure.kind is CrasherKind.TIMEOUT


def test_failures_that_disturb_their_description_are_counted_like_others(project: MakeProject) -> None:
    run = project("class E(Exception):\n    def __str__(self): raise self\ndef fuzz_it(data: bytes): raise E\n").run(
        stop_on_crash=False, limit=Limit(executions=500)
    )
    assert run.outcome.exit_code == 1
    assert run.outcome.reason is StopReason.EXECUTION_LIMIT
    assert run.crashers[0].hits == run.outcome.received > 400


@pytest.mark.parametrize("handler", ["sys.exit(1)", "os._exit(0)", "(_ for _ in ()).throw(ValueError)"])
def test_what_a_target_does_on_our_sigterm_is_no_crasher(project: MakeProject, handler: str) -> None:
    run = project(
        "import os, signal, sys, time\n"
        f"signal.signal(signal.SIGTERM, lambda *_: {handler})\n"
        "def fuzz_it(data: bytes): time.sleep(30 if data else 0)\n"
    ).run(limit=Limit(seconds=0.5))
    assert run.outcome.exit_code == 0
    assert run.stored == []
    assert run.outcome.reason is StopReason.TIME_LIMIT


def test_memory_that_the_set_up_holds_is_not_the_inputs(project: MakeProject) -> None:
    engine = project("ballast = bytearray(150 << 20)\ndef fuzz_it(data: bytes):\n    sum(range(1000))\n").start(
        memory_limit=100 << 20, limit=Limit()
    )
    first = engine.wait(lambda s: s if s.executions and s.workers[0].rss else None, "a look at its memory")
    engine.wait(
        lambda s: s.version > first.version + 2 and (s.workers[0].rss or 0) > 150 << 20, "more looks while fuzzing"
    )
    engine.session.stop()
    run = engine.join()
    assert run.outcome.exit_code == 0
    assert run.stored == []
    assert run.snapshot.workers[0].restarts == 0


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux only")
def test_no_zombie_and_no_orphan_is_left(project: MakeProject) -> None:
    import psutil

    before = {child.pid for child in psutil.Process().children()}
    run = project(
        "import os, subprocess\ndef fuzz_it(data: bytes):\n"
        "    subprocess.Popen(['sleep', '1000'])\n"
        "    subprocess.Popen(['sleep', '1001'], env={}, start_new_session=True)\n"
        "    os._exit(3)\n"
    ).run(stop_on_crash=False, limit=Limit(executions=3))
    assert run.outcome.exit_code == 1
    assert {child.pid for child in psutil.Process().children()} <= before


def test_a_folder_that_vanishes_during_a_run_leaves_no_process(
    project: MakeProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    engine = project("import os\ndef fuzz_it(data: bytes):\n    if len(data) > 2: os._exit(3)\n").start(
        stop_on_crash=False, limit=Limit()
    )
    engine.wait(lambda s: s.crashers, "a crasher")
    here.rmdir()
    hits = engine.session.snapshot().hits
    engine.wait(lambda s: s.hits > hits + 1, "crashers of processes that were started without the folder")
    engine.session.stop()
    run = engine.join()
    assert run.outcome.reason is StopReason.USER
    assert run.outcome.received == run.outcome.stored + run.outcome.duplicates


def test_a_low_limit_of_open_files_is_no_obstacle(project: MakeProject) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
    try:
        run = project("def fuzz_it(data: bytes): ...\n").run(limit=Limit(executions=100))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert run.outcome.exit_code == 0


@pytest.mark.soak
def test_a_death_is_not_located_by_the_stack_of_an_earlier_stall(project: MakeProject) -> None:
    run = project(
        "import os, signal, time\nn = 0\ndef slow():\n    time.sleep(1.5)\n"
        "def fuzz_it(data: bytes):\n    global n\n    n += 1\n    if n == 2: slow()\n"
        "    if n == 20: os.kill(os.getpid(), signal.SIGTRAP)\n"
    ).run()
    (crasher,) = run.crashers
    assert crasher.failure.type == "SIGTRAP"
    assert crasher.failure.location == ""
