"""What fails in threads, finalizers and tasks of the target's is told, and blamed on the right input or on none."""

import json
import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from fuzztui.engine.crew.strays import MOST_STRAYS, StrayLog
from fuzztui.engine.request.options import Limit
from fuzztui.engine.request.task import RegressionTest, Replay
from fuzztui.engine.show.events import InputRan
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.results import InputResult, InputVerdict
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.identity import identity
from fuzztui.protocol.messages import FINALIZER, TASK, THREAD, Failure, Stray
from tests.support import Project, Run, make_project

MakeProject = Callable[..., Project]

WAYS = """
import _thread, asyncio, concurrent.futures, ctypes, gc, json, multiprocessing, os, sys, threading, time, weakref
import fuzztui

class Bug(Exception): pass
class Allowed(Exception): pass
class MoreAllowed(Allowed): pass

def fail(error=Bug): raise error("bug")

def in_thread(run, *arguments):
    thread = threading.Thread(target=run, args=arguments)
    thread.start()
    thread.join()

class Finalized:
    def __init__(self, error=Bug): self.error = error
    def __del__(self): raise self.error("bug")

def cycle():
    one = Finalized()
    one.itself = one

def raw_thread():
    done = _thread.allocate_lock()
    done.acquire()
    class Release:
        def __del__(self): done.release()
    def run(release): fail()
    _thread.start_new_thread(run, (Release(),))
    done.acquire()
    time.sleep(0.05)

def subclass():
    class Worker(threading.Thread):
        def run(self): json.loads("{")
    worker = Worker()
    worker.start()
    worker.join()

def nested():
    in_thread(in_thread, fail)

def c_callback():
    ctypes.CFUNCTYPE(None)(fail)()

def timer():
    timer = threading.Timer(0.0, fail)
    timer.start()
    timer.join()

def many_threads():
    threads = [threading.Thread(target=fail) for _ in range(20)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()

def generator():
    def gen():
        try: yield
        finally: fail()
    next(gen())

def reference():
    class Thing: pass
    thing = Thing()
    ref = weakref.ref(thing, lambda _: fail())
    del thing

async def coroutine(error=Bug): fail(error)

def task(error=Bug):
    async def main():
        task = asyncio.ensure_future(coroutine(error))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    asyncio.run(main())
    gc.collect()

def callback():
    async def main():
        asyncio.get_running_loop().call_soon(fail)
        await asyncio.sleep(0.01)
    asyncio.run(main())

def loop_in_thread():
    in_thread(callback)

def pool_initializer():
    def work(): raise Bug("bug")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: threading.Thread(target=work).start()).result()
    time.sleep(0.05)

def future(error=Bug):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        pool.submit(fail, error)

def future_that_is_waited_for():
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(fail), pool.submit(abs, -1)]
        concurrent.futures.wait(futures)

def future_of_a_process():
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
        pool.submit(fail)

def future_in_a_cycle():
    future = concurrent.futures.Future()
    future.itself = future
    try: fail()
    except Bug as error: future.set_exception(error)

def future_set_by_hand():
    try: fail()
    except Bug as error: concurrent.futures.Future().set_exception(error)

def future_of_a_loop_that_nobody_awaits():
    async def main():
        asyncio.get_running_loop().run_in_executor(None, fail)
        await asyncio.sleep(0.05)
    asyncio.run(main())
    gc.collect()

def asked():
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        assert isinstance(pool.submit(fail).exception(), Bug)
        try: pool.submit(fail).result()
        except Bug: pass
        pool.submit(fail).add_done_callback(lambda future: None)
        late = pool.submit(fail)
    assert isinstance(late.exception(), Bug)

def mapped():
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        try: list(pool.map(fail, [Bug] * 5))
        except Bug: pass

def cancelled():
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        future = pool.submit(fail)
        concurrent.futures.wait([future])
        future.cancel()

def awaited_executor():
    async def main():
        try: await asyncio.get_running_loop().run_in_executor(None, fail)
        except Bug: pass
        try: await asyncio.to_thread(fail)
        except Bug: pass
    asyncio.run(main())

def first_completed():
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for future in concurrent.futures.as_completed([pool.submit(fail) for _ in range(3)]):
            assert future.exception() is not None

def forked_future():
    child = os.fork()
    if not child:
        future()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0

def allowed_in_future(): future(MoreAllowed)

def exits():
    in_thread(sys.exit, 1)

def forked():
    child = os.fork()
    if not child:
        in_thread(fail)
        Finalized()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0

def forked_and_failed(error=Bug, *arguments, status=1):
    child = os.fork()
    if not child: raise error(*arguments)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == status

def forked_and_left(): forked_and_failed(SystemExit, 7, status=7)
def forked_and_done(): forked_and_failed(SystemExit, 0, status=0)
def forked_and_gone(): forked_and_failed(SystemExit, status=0)
def forked_and_said(): forked_and_failed(SystemExit, "no")

def subprocesses():
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.map(abs, [-1]) == [1]

def own_thread_hook():
    before, threading.excepthook = threading.excepthook, lambda args: None
    try: in_thread(fail)
    finally: threading.excepthook = before

def own_finalizer_hook():
    before, sys.unraisablehook = sys.unraisablehook, lambda args: None
    try: Finalized()
    finally: sys.unraisablehook = before

def chained_hook():
    before = threading.excepthook
    threading.excepthook = lambda args: before(args)
    try: in_thread(fail)
    finally: threading.excepthook = before

def restored_hook():
    threading.excepthook = threading.__excepthook__
    sys.unraisablehook = sys.__unraisablehook__
    in_thread(fail)

def own_loop_handler():
    async def main():
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        asyncio.get_running_loop().call_soon(fail)
        await asyncio.sleep(0.01)
    asyncio.run(main())

def awaited():
    async def main():
        try: await asyncio.ensure_future(coroutine())
        except Bug: pass
    asyncio.run(main())

def allowed_in_thread(): in_thread(fail, MoreAllowed)
def allowed_in_finalizer(): Finalized(Allowed)
def allowed_in_task(): task(Allowed)
def thread(): in_thread(fail)
def finalizer(): Finalized()
def nothing(): pass

def raises_beside():
    in_thread(fail)
    raise KeyError("its own")

@fuzztui.fuzz(raises=Allowed)
def fuzz_it(data: bytes) -> None:
    way = globals().get(data.decode("ascii", "replace"))
    if way is not None: way()
"""

FAILING = {
    "thread": "Bug",
    "subclass": "JSONDecodeError",
    "nested": "Bug",
    "c_callback": "Bug",
    "timer": "Bug",
    "many_threads": "Bug",
    "raw_thread": "Bug",
    "pool_initializer": "Bug",
    "finalizer": "Bug",
    "cycle": "Bug",
    "generator": "Bug",
    "reference": "Bug",
    "task": "Bug",
    "callback": "Bug",
    "loop_in_thread": "Bug",
    "future": "Bug",
    "future_that_is_waited_for": "Bug",
    "future_of_a_process": "Bug",
    "future_in_a_cycle": "Bug",
    "future_set_by_hand": "Bug",
    "future_of_a_loop_that_nobody_awaits": "Bug",
    "chained_hook": "Bug",
    "restored_hook": "Bug",
    "raises_beside": "KeyError",
}
CLEAN = (
    "nothing",
    "exits",
    "forked",
    "subprocesses",
    "own_thread_hook",
    "own_finalizer_hook",
    "own_loop_handler",
    "awaited",
    "asked",
    "mapped",
    "cancelled",
    "awaited_executor",
    "first_completed",
    "forked_future",
    "forked_and_failed",
    "forked_and_left",
    "forked_and_said",
    "forked_and_done",
    "forked_and_gone",
    "allowed_in_future",
    "allowed_in_thread",
    "allowed_in_finalizer",
    "allowed_in_task",
)


def results(run: Run) -> dict[str, InputResult]:
    return {str(event.result.name): event.result for event in run.events if isinstance(event, InputRan)}


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, InputResult]:
    """Each way of failing, between two inputs in which nothing fails, in one process."""
    made = make_project(tmp_path_factory.mktemp("strays"), WAYS)
    inputs: list[tuple[str, bytes]] = []
    for way in (*FAILING, *CLEAN):
        inputs += [(way, way.encode()), (f"after {way}", b"nothing")]
    run = made.run(task=Replay(tuple(inputs)))
    assert run.outcome.exit_code == 1
    assert run.outcome.reason is StopReason.DONE, run.outcome.detail
    return results(run)


@pytest.mark.processes
@pytest.mark.parametrize("way", FAILING)
def test_a_failure_outside_of_the_call_fails_its_input_and_no_other(replayed: dict[str, InputResult], way: str) -> None:
    result = replayed[way]
    assert result.verdict is InputVerdict.FAIL
    assert result.failure is not None
    assert result.failure.type.endswith(FAILING[way])
    assert "fuzz_it.py" in result.failure.traceback
    assert replayed[f"after {way}"].verdict is InputVerdict.PASS


@pytest.mark.processes
@pytest.mark.parametrize("way", CLEAN)
def test_what_the_target_allows_or_looks_after_itself_fails_no_input(
    replayed: dict[str, InputResult], way: str
) -> None:
    assert replayed[way].verdict is InputVerdict.PASS
    assert replayed[f"after {way}"].verdict is InputVerdict.PASS


@pytest.mark.processes
def test_a_failure_in_a_thread_says_that_it_was_in_a_thread(replayed: dict[str, InputResult]) -> None:
    for way, words in {
        "thread": "In a thread",
        "finalizer": "In a finalizer or a callback of the target's:\n",
        "task": "In a task",
        "future": "In a future of the target's:\n",
    }.items():
        failure = replayed[way].failure
        assert failure is not None
        assert failure.traceback.startswith(words)


@pytest.mark.parametrize("way", ["thread", "finalizer", "cycle", "callback"])
@pytest.mark.mostly_soak(1)
def test_fuzzing_finds_a_failure_outside_of_the_call(project: MakeProject, way: str) -> None:
    source = WAYS + textwrap.dedent(
        f"""
        def fuzz_it(data: bytes) -> None:
            if data[:1] == b"T": {way}()
        """
    )
    run = project(source).run(limit=Limit(executions=20_000))
    assert run.outcome.exit_code == 1
    (crasher,) = run.crashers
    assert crasher.failure.type.endswith("Bug")
    assert crasher.data[:1] == b"T"


# Blamed on none ------------------------------------------------------------------------------------------------------

LATE = """
import pathlib, threading, time
gate = threading.Event()
failed = threading.Event()
def work():
    gate.wait(30)
    try:
        raise ValueError("too late")
    finally:
        failed.set()
def fuzz_it(data: bytes) -> None:
    if data == b"start":
        global thread
        thread = threading.Thread(target=work)
        thread.start()
    elif data == b"end":
        gate.set()
        thread.join()
"""


@pytest.mark.parametrize("task", ["replay", "test"])
def test_a_thread_that_outlives_its_input_is_blamed_on_no_other(project: MakeProject, task: str) -> None:
    made = project(LATE)
    if task == "test":
        made.seed("1", b"start")
        made.seed("2", b"end")
        run = made.run(task=RegressionTest())
    else:
        run = made.run(task=Replay((("1", b"start"), ("2", b"end"))))
    assert [result.verdict for result in results(run).values()] == [InputVerdict.PASS] * 2
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.STRAY_FAILURES, 70)
    assert run.warnings.count("a thread failed when no input was running that is to blame") == 1
    assert "ValueError: too late" in run.outcome.detail
    assert "fuzz_it.py:8" in run.outcome.detail


OUTSIDE = {
    "a thread of the set-up's that fails before any input": (
        "thread = threading.Thread(target=fail); thread.start(); thread.join()",
        "",
    ),
    "a finalizer of the set-up's": ("Finalized()", ""),
    "a finalizer that the cleanup calls": ("", "Finalized()"),
    "a thread that the cleanup starts": (
        "",
        "thread = threading.Thread(target=fail); thread.start(); thread.join()",
    ),
}


@pytest.mark.parametrize(("setup", "cleanup"), OUTSIDE.values(), ids=OUTSIDE.keys())
@pytest.mark.mostly_soak(1)
def test_what_fails_where_no_input_runs_ends_in_a_status_of_its_own(
    project: MakeProject, setup: str, cleanup: str
) -> None:
    source = WAYS + textwrap.dedent(
        f"""
        def fuzz_it(f: fuzztui.F):
            {setup or "pass"}
            @f.cleanup
            def cleanup():
                {cleanup or "pass"}
            @f.fuzz
            def target(data: bytes): ...
        """
    )
    run = project(source).run(limit=Limit(executions=50))
    assert (run.outcome.reason, run.outcome.exit_code) == (StopReason.STRAY_FAILURES, 70)
    assert "Bug: bug" in run.outcome.detail
    assert (run.found, run.stored) == ([], [])


def test_a_failure_that_is_found_wins_over_one_that_no_input_is_to_blame_for(project: MakeProject) -> None:
    failing = project(LATE + "    elif data == b'bad': raise KeyError\n")
    run = failing.run(task=Replay((("1", b"start"), ("2", b"end"), ("3", b"bad"))))
    assert run.outcome.exit_code == 1
    assert "too late" in run.outcome.detail


# What is told of them ------------------------------------------------------------------------------------------------


def stray(number: int = 0, **changes: Any) -> Stray:
    bucket = identity("ValueError", [str(number)])
    failure = Failure("ValueError", f"\x1b[31m{number}", "", [], bucket, bucket)
    return Stray(**{"origin": THREAD, "failure": failure, **changes})


def test_each_failure_is_told_once_and_made_printable(project: MakeProject) -> None:
    log = StrayLog(project("").options_for())
    for origin in (THREAD, FINALIZER, TASK):
        sentence = log.take(stray(len(log.sentences), origin=origin))
        assert sentence is not None
        assert sentence.startswith(origin)
        assert "\x1b" not in json.dumps(sentence).replace("\\\\x1b", "")
    assert log.take(stray(0)) is None
    assert len(log.sentences) == 3


def test_a_flood_of_failures_is_told_of_up_to_a_bound(project: MakeProject) -> None:
    log = StrayLog(project("").options_for())
    told = [log.take(stray(number)) for number in range(10 * MOST_STRAYS)]
    assert sum(sentence is not None for sentence in told) == MOST_STRAYS
    assert len(log.sentences) == MOST_STRAYS + 1


@pytest.mark.parametrize(
    "wrong",
    [{"origin": "the user"}, {"origin": ""}, {"failure": Failure("ValueError", "", "", [], "../../etc", "")}],
)
def test_a_worker_that_tells_nonsense_of_a_failure_is_refused(project: MakeProject, wrong: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        StrayLog(project("").options_for()).take(stray(**wrong))


PROCESSES = """
import multiprocessing, sys
def work(how):
    if how == "raises": raise ValueError("in a process")
    if how == "leaves": sys.exit(3)
def fuzz_it(data: bytes) -> None:
    process = multiprocessing.get_context({method!r}).Process(target=work, args=({how!r},))
    process.start()
    process.join()
"""


@pytest.mark.processes
@pytest.mark.parametrize(("method", "how"), [("fork", "raises"), ("spawn", "raises"), ("fork", "leaves"), ("fork", "")])
@pytest.mark.mostly_soak(2)
def test_a_process_that_ends_as_by_an_exception_is_told_of_once(project: MakeProject, method: str, how: str) -> None:
    """Whose doing it is nobody can say: a target may know how to go on."""
    run = project(PROCESSES.format(method=method, how=how)).run(limit=Limit(executions=5))
    assert (run.outcome.exit_code, run.crashers) == (0, [])
    assert run.warnings.count("look at its exitcode") == (how == "raises")


@pytest.mark.processes
def test_a_forked_process_ends_as_python_ends_it_while_fuzzing_too(project: MakeProject) -> None:
    """The input is to blame for what its child does, where the target asks."""
    run = project(
        "import os\ndef fuzz_it(data: bytes):\n    child = os.fork()\n    if not child:\n"
        "        raise ValueError if len(data) > 8 else SystemExit(len(data) % 2)\n"
        "    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])\n"
        "    if status != (1 if len(data) > 8 else len(data) % 2): os._exit(5)\n"
    ).run(limit=Limit(executions=100))
    assert (run.outcome.exit_code, run.crashers) == (0, [])
