"""A session that plays what a test tells it, and records what the dashboard asks of it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from fuzztui.engine.crew import findings
from fuzztui.engine.keep.crashers import CrasherBook
from fuzztui.engine.keep.stored import Stored
from fuzztui.engine.live.wishes import Wish
from fuzztui.engine.questions.coverage import AskTable
from fuzztui.engine.questions.general import Question, View, WorkerOutput
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.running.clock import RunClock
from fuzztui.engine.session import _NoRun
from fuzztui.engine.show.charts import Marker, MarkerKind, Sample
from fuzztui.engine.show.costs import Cost, Profile
from fuzztui.engine.show.crasher import Confirmation, Crasher
from fuzztui.engine.show.events import Ended, Event
from fuzztui.engine.show.failure import CrasherKind, Failure
from fuzztui.engine.show.helper_row import HelperRow
from fuzztui.engine.show.lineage import Ancestor
from fuzztui.engine.show.minimized import Minimized
from fuzztui.engine.show.needed import Needed, Part
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.scene import Scene, Variable
from fuzztui.engine.show.settings import Settings
from fuzztui.engine.show.snapshot import ImportedModule, Phase, Snapshot, Yield
from fuzztui.engine.show.text import NOTHING, Visible, label, visible
from fuzztui.engine.show.worker_row import WorkerRow, WorkerState
from fuzztui.protocol.identity import identity
from fuzztui.protocol.messages import Failure as Raised
from fuzztui.protocol.messages import Frame
from tests.ui.covered import measured as covered

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
"""The project that is fuzzed: this one. What people are shown is relative to the current folder."""

OPTIONS = RunOptions(
    PythonTarget(ROOT / "examples/fuzz_json.py", "fuzz_json", ROOT), ROOT / ".fuzztui", workers=2, stop_on_crash=False
)

LIBRARY = "/usr/lib/python3.11"

TRACEBACK = """Traceback (most recent call last):
  File "examples/fuzz_json.py", line 22, in fuzz_json
    pure.decode(data.decode("utf-8", "replace"))
  File "/usr/lib/python3.11/json/decoder.py", line 337, in decode
    obj, end = self.raw_decode(s, idx=_w(s, 0).end())
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/python3.11/json/decoder.py", line 353, in raw_decode
    obj, end = self.scan_once(s, idx)
               ^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/python3.11/json/scanner.py", line 67, in scan_once
    return _scan_once(string, idx)
           ^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/python3.11/json/scanner.py", line 35, in _scan_once
    return parse_string(string, idx + 1, strict)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/python3.11/json/decoder.py", line 124, in py_scanstring
    char = chr(uni)
           ^^^^^^^^
ValueError: chr() arg not in range(0x110000)
"""

DIGITS = "Exceeds the limit (4300 digits) for integer string conversion: value has 4817 digits"


def helper(state: WorkerState, crasher: str, **changes: Any) -> HelperRow:
    """The process beside the workers, at work for a crasher, or about to be."""
    return replace(HelperRow(state, crasher, 0, 4100, 180, 60.0, 31_000_000), **changes)


def worker(number: int, state: WorkerState = WorkerState.FUZZING, **changes: Any) -> WorkerRow:
    """A worker in a plausible middle of a run."""
    row = WorkerRow(
        id=number,
        state=state,
        detail=NOTHING,
        pid=4000 + number,
        executions=25_310_000 - number * 1_290_000,
        rate=101_000.0 - number * 700,
        cpu=99.0,
        rss=48_000_000 + number * 1_000_000,
        found=105 - 12 * (number % 7),
        crashers=0,
        restarts=0,
        location=NOTHING,
        exit=None,
        exit_seconds=None,
        reason=NOTHING,
        profile=None,
    )
    if state is WorkerState.STARTING:
        row = replace(row, rate=None, cpu=None)
    if state is WorkerState.PAUSED:
        row = replace(row, rate=None)
    if state is WorkerState.STALLED:
        row = replace(row, detail=label("12 s"), rate=0.0, location=visible(f"{LIBRARY}/json/scanner.py:301"))
    if state.is_final:
        row = replace(row, pid=None, rate=None, cpu=None, rss=None, exit=label("exit 0"), exit_seconds=0.012)
    return replace(row, **changes)


def crasher(number: int = 0, **changes: Any) -> Crasher:
    """A crasher with an input and a group of its own."""
    data = changes.pop("data", b'"\\u-1%02x"' % number)
    raised = Raised(
        type="ValueError",
        message="chr() arg not in range(0x110000)",
        traceback=TRACEBACK,
        frames=[Frame(f"{LIBRARY}/json/decoder.py", 124, "py_scanstring")],
        bucket=identity("ValueError", [f"json/decoder.py:{number}"]),
        group=identity("ValueError", [f"{number}"]),
    )
    failure = findings.of_exception(raised, OPTIONS)
    of_failure = {name: changes.pop(name) for name in Failure.__slots__ if name in changes}
    book = _UnwrittenBook()
    book.record(data, replace(failure, **of_failure), worker=number % 2)
    return replace(book.crashers[0], **{"elapsed": 100.0 + number, "hits": 17, **_without_place(changes)})


class _UnwrittenBook(CrasherBook):
    """The engine's, which says what a crasher consists of; only that nothing is written."""

    def __init__(self) -> None:
        super().__init__(OPTIONS, RunClock())
        self.set_parameters(("bytes",))

    def _keep(self, crasher: Crasher, write_record: Callable[[], Visible] | None = None) -> Stored:
        return Stored(self._folder / crasher.sha256)


def _without_place(changes: dict[str, Any]) -> dict[str, Any]:
    """The changes of a crasher; one that lies nowhere cannot be run again by a command."""
    return {"command": "", **changes} if changes.get("path", "") is None else changes


def crowd() -> tuple[Crasher, ...]:
    """Crashers of each kind: a group of three, one that is lost, one that was there before, ends of processes."""
    yaml = {"type": "ValueError", "function": "SafeConstructor.construct_yaml_timestamp", "group": "timestamp"}
    bad = "invalid literal for int() with base 10: 'x'"
    found = (
        crasher(0, type="json.decoder.JSONDecodeError", function="raw_decode", message="Expecting value", hits=3),
        crasher(1, **yaml, location="yaml/constructor.py:1190", message=bad, confirmation=Confirmation(3, 3)),
        crasher(2, **yaml, location="yaml/constructor.py:1190", message=bad, confirmation=Confirmation(3, 2), hits=965),
        crasher(3, **yaml, location="yaml/constructor.py:1204", message=bad, hits=21304, data=b"&" * 2700),
        crasher(4, type="AssertionError", function="YAML.version", location="yaml/main.py:851", path=None, message=""),
        crasher(5, type="RecursionError", function="CollectionStartEvent.__init__", location="yaml/events.py:90",
                message="maximum recursion depth exceeded", hits=1, confirmation=Confirmation(3, 0)),
        crasher(6, type="timeout after 10 s", kind=CrasherKind.TIMEOUT, function="scan", location="yaml/scanner.py:7",
                message="", seed_name="0a1b2c3d"),
        crasher(7, type="exit status 3", kind=CrasherKind.EXIT, function="", location="", message="", hits=2),
    )  # fmt: skip
    return tuple(replace(one, elapsed=30.0 * (i + 1)) for i, one in enumerate(found))


def workpiece() -> Crasher:
    """A crasher of which all is known."""
    parts = (Part(0, 0, 4, "byte", False), Part(0, 4, 6, "byte", True), Part(0, 6, 8, "byte", False))
    source = tuple(map(label, ("    pos = end", "    char = chr(uni)", "    _append(char)")))
    variables = (Variable(label("uni"), label("-161")), Variable(label("s"), visible(repr('"\\u-a1"'))))
    one = crasher(0, hits=21304, confirmation=Confirmation(10, 10), elapsed=12.0)
    scene = Scene(label("json/decoder.py"), 124, label("py_scanstring"), 123, source, variables)
    smallest = Minimized(
        name=label("d18fd2e4"),
        failure=one.failure,
        before=2731,
        after=8,
        sizes=label("2.7 kB -> 8 B"),
        values=visible(repr(b'"\\u-a1"!')),
        executions=1204,
        is_smallest=True,
        is_steady=True,
        path=None,
        command=label("fuzztui replay examples/fuzz_json.py::fuzz_json 03ba20"),
        sha256="03ba20",
        data=b"x",
        scenes=(scene,),
        needed=Needed(parts, is_joint=True),
    )
    steps = (
        Ancestor("0", label("seed 2"), (), NOTHING),
        Ancestor("1", label("5f0c31aa"), (label("insert_token"),), label("at 1: b'\\\\u' put in")),
        Ancestor("2", label("this input"), (label("flip_bit"), label("splice")), label("at 3: b'00' -> b'-a'")),
    )
    return replace(one, minimized=smallest, lineage=steps)


def profile(number: int = 0) -> Profile:
    """What a worker's time may be spent on, another for each number."""
    looks = {
        Cost.TARGET: 7_402.0 + 111 * number,
        Cost.INSTRUMENTATION: 300.0 + 20 * number,
        Cost.MUTATION: 2_040.0 - 67 * number,
        Cost.BOOKKEEPING: 1_383.0,
        Cost.MEASURING: 288.0,
        Cost.TRACING: 209.0 - 40 * number,
        Cost.REPORTING: 22.0,
        Cost.WAITING: 460.0,
    }
    return Profile(tuple((cost, max(0.0, looks[cost])) for cost in Cost))


def profiled(number: int) -> tuple[WorkerRow, ...]:
    """So many workers of a run with a profile, whose crasher reports are those of `snapshot`."""
    return tuple(worker(i, crashers=(12, 7)[i] if i < 2 else 0, profile=profile(i)) for i in range(number))


TROUBLED = (
    worker(0, crashers=2),
    worker(1, WorkerState.STALLED, crashers=17),
    worker(2, WorkerState.STOPPED, executions=600_000),
)
"""One that fuzzes, one that stalls, one that was stopped."""


YIELDS = (
    Yield(label("insert_token"), 5_600_000, 61),
    Yield(label("comparisons"), 14_200, 49),
    Yield(label("delete_range"), 4_900_000, 33),
    Yield(label("flip_bit"), 3_100_000, 12),
    Yield(label("splice"), 2_300_000, 9),
    Yield(label("truncate"), 780_000, 0),
)
"""What some sources of inputs have brought, the most finds first."""


def samples(elapsed: float, step: float) -> tuple[Sample, ...]:
    """Figures of a run that warms up, finds much at first and little later, the same on every call."""
    result = []
    for i in range(int(elapsed / step) + 1):
        t = i * step
        wave = 6_000 * ((i * 7919) % 13 - 6) / 6
        # The second worker is held for 12 s.
        dip = 0.5 if 140 <= t <= 152 else 1.0
        rate = (200_000 * min(1.0, 0.2 + t / 9) + wave) * dip
        result.append(
            Sample(t, max(0.0, rate), int(214 * (1 - 0.985 ** (t * 2.0))), 4 + int(198 * (1 - 0.985 ** (t * 1.6))))
        )
    return tuple(result)


MODULES = tuple(
    ImportedModule(label(name), bool(probes), label(reason), probes)
    for name, probes, reason in (
        ("json", 338, ""),
        ("json.decoder", 111, ""),
        ("math", 0, "it is compiled"),
        ("company.internal.formats.container", 0, "an import hook loads it (company.loader.EncryptedLoader)"),
        ("parser", 1204, "too deeply nested for probes: _table, _reduce"),
        ("typing", 0, "it is named in annotations and the like only"),
    )
)
"""Imports of each kind: with probes, without any, with probes in part."""


def snapshot(**changes: Any) -> Snapshot:
    """Four minutes into a run with two workers and two crashers.

    Its figures agree: what the workers found is what is new in the corpus, what they reported are the crashers'
    hits, and the averages are those of the executions.
    """
    elapsed = changes.pop("elapsed", 252.0)
    workers = changes.pop(
        "workers",
        (worker(0, crashers=12), worker(1, crashers=7)),
    )
    crashers = changes.pop(
        "crashers",
        (
            crasher(0, elapsed=12.0, confirmation=Confirmation(3, 3)),
            crasher(
                1,
                message=DIGITS,
                function="_scan_once",
                location=f"{LIBRARY}/json/scanner.py:56",
                traceback=TRACEBACK.partition('  File "/usr/lib/python3.11/json/scanner.py", line 35')[0]
                + '  File "/usr/lib/python3.11/json/scanner.py", line 56, in _scan_once\n'
                + f"    res = parse_int(integer)\n          ^^^^^^^^^^^^^^^^^^\nValueError: {DIGITS}\n",
                data=b"4" * 4817,
                hits=2,
                elapsed=132.0,
            ),
        ),
    )
    executions = sum(row.executions for row in workers)
    ending = changes.get("phase") in (Phase.FINISHING, Phase.STOPPING, Phase.ENDED)
    values = Snapshot(
        version=1,
        target_id=visible(OPTIONS.target.id),
        target_word=visible(OPTIONS.target.command_words[0]),
        phase=Phase.FUZZING,
        is_paused=False,
        stop_reason=StopReason.USER if ending else None,
        elapsed=elapsed,
        time_limit=300.0,
        execution_limit=None,
        stop_on_crash=False,
        baseline_done=4,
        baseline_total=4,
        executions=executions,
        rate=sum(row.rate or 0.0 for row in workers),
        average_rate=executions / elapsed if elapsed else None,
        edges=214,
        edges_total=339,
        corpus=4 + sum(row.found for row in workers),
        corpus_new=sum(row.found for row in workers),
        last_new=8.0,
        workers=workers,
        crashers=crashers,
        hits=sum(item.hits for item in crashers),
        recent=tuple(sample for sample in samples(elapsed, 0.5) if sample.elapsed > elapsed - 240),
        history=samples(elapsed, max(0.5, elapsed / 400)),
        markers=(
            Marker(12.0, MarkerKind.CRASHER),
            Marker(132.0, MarkerKind.CRASHER),
            Marker(140.0, MarkerKind.PAUSE),
        ),
        warnings=(),
        yields=YIELDS,
        outcome=None,
        loaded_at=0.0,
        settings=Settings(memory_limit=2 << 30),
    )
    return replace(values, **changes)


def empty_snapshot(**changes: Any) -> Snapshot:
    """The first moment: nothing is known yet."""
    values: dict[str, Any] = {
        "version": 0,
        "phase": Phase.STARTING,
        "loaded_at": None,
        "elapsed": 0.0,
        "workers": tuple(
            worker(i, WorkerState.STARTING, executions=0, rate=None, cpu=None, rss=None, found=0) for i in range(2)
        ),
        "crashers": (),
        "baseline_done": 0,
        "baseline_total": 0,
        "rate": None,
        "average_rate": None,
        "edges": 0,
        "edges_total": 0,
        "corpus": 0,
        "corpus_new": 0,
        "last_new": None,
        "recent": (),
        "history": (),
        "markers": (),
        "yields": (),
    }
    return snapshot(**{**values, **changes})


def outcome(reason: StopReason = StopReason.TIME_LIMIT, **changes: Any) -> Outcome:
    """An end that fits `snapshot`."""
    values = Outcome(
        reason=reason, detail=NOTHING, exit_code=1, received=19, stored=2, duplicates=17, unsaved=0, seconds=300.0
    )
    return replace(values, **changes)


def ended(reason: StopReason = StopReason.TIME_LIMIT, **changes: Any) -> Snapshot:
    """A run that is over."""
    values: dict[str, Any] = {
        "phase": Phase.ENDED,
        "stop_reason": reason,
        "elapsed": 300.0,
        "workers": (
            worker(0, WorkerState.ENDED, executions=30_140_000, crashers=12),
            worker(1, WorkerState.ENDED, executions=28_790_000, crashers=7, exit="SIGKILL", exit_seconds=1.2),
        ),
        "outcome": outcome(reason),
    }
    return snapshot(**{**values, **changes})


class FakeSession:
    """A `SessionLike` that runs until `finish`, shows what `publish` gave it, and notes every command."""

    def __init__(self, first: Snapshot | None = None) -> None:
        self._snapshot = first if first is not None else snapshot()
        self._on_event: Callable[[Event], None] | None = None
        self._over = threading.Event()
        self._failure: BaseException | None = None
        self._lock = threading.Lock()
        self.commands: list[tuple[Any, ...]] = []
        self.returned = False
        self.view: View = _NoRun(OPTIONS)
        """What questions are answered from: nothing, unless a test puts something there."""
        self.lines = covered.measured()
        """What is covered, as far as anybody asks."""

    # What a test does -------------------------------------------------------------------------------------------------

    def publish(self, changed: Snapshot) -> None:
        """Show a snapshot from now on; its version is set."""
        with self._lock:
            self._snapshot = replace(changed, version=self._snapshot.version + 1)

    def emit(self, event: Event) -> None:
        """Deliver an event, as the engine's thread would."""
        assert self._on_event is not None
        self._on_event(event)

    def finish(self, last: Snapshot | None = None) -> None:
        """End the run: publish its last snapshot, then let `run` return."""
        self.publish(last if last is not None else ended())
        self._over.set()

    def fail(self, error: BaseException) -> None:
        """Let `run` raise."""
        self._failure = error
        self._over.set()

    # What a session does ----------------------------------------------------------------------------------------------

    def run(self, on_event: Callable[[Event], None]) -> Outcome:
        self._on_event = on_event
        if not self._over.wait(60):
            raise TimeoutError("nobody ended the scripted session")
        self.returned = True
        if self._failure is not None:
            raise self._failure
        last = self.snapshot()
        assert last.outcome is not None
        on_event(Ended(last.elapsed, last.outcome, last.executions, last.workers, last.yields))
        return last.outcome

    def snapshot(self) -> Snapshot:
        with self._lock:
            return self._snapshot

    def stop(self, reason: StopReason = StopReason.USER) -> None:
        self.commands.append(("stop", reason))
        if self.snapshot().stop_reason is None:
            self.publish(replace(self.snapshot(), stop_reason=reason, phase=Phase.STOPPING))

    def force_stop(self) -> None:
        self.commands.append(("force_stop",))

    def pause(self) -> None:
        self.commands.append(("pause",))

    def resume(self) -> None:
        self.commands.append(("resume",))

    def stop_worker(self, worker: int) -> None:
        self.commands.append(("stop_worker", worker))

    def restart_worker(self, worker: int) -> None:
        self.commands.append(("restart_worker", worker))

    def pause_worker(self, worker: int) -> None:
        self.commands.append(("pause_worker", worker))

    def resume_worker(self, worker: int) -> None:
        self.commands.append(("resume_worker", worker))

    def reload(self) -> None:
        self.commands.append(("reload", None))

    def validate(self, crasher: str) -> None:
        self.commands.append(("validate", crasher))

    def set_stop_on_crash(self, stop_on_crash: bool) -> None:
        self.commands.append(("set_stop_on_crash", stop_on_crash))

    def minimize(self, bucket: str) -> None:
        self.commands.append(("minimize", bucket))

    def steer(self, wish: Wish) -> None:
        self.commands.append(("steer", wish))

    def measure_coverage(self, wanted: bool) -> None:
        self.commands.append(("measure_coverage", wanted))

    def ask(self, question: Question[T]) -> "Future[T]":
        if type(question).__module__ == AskTable.__module__:
            return covered.answer(question, self.lines)
        future: Future[Any] = Future()
        if isinstance(question, WorkerOutput):
            future.set_result(visible(f"worker {question.worker} says hello\n", multiline=True))
        else:
            future.set_result(question.answer(self.view))
        return future


_CODES = {
    StopReason.TERMINATED: 143,
    StopReason.INTERRUPTED: 130,
    StopReason.HANGUP: 129,
    StopReason.INTERNAL: 70,
}


class ObedientSession(FakeSession):
    """Ends as soon as it is told to stop."""

    def stop(self, reason: StopReason = StopReason.USER) -> None:
        super().stop(reason)
        if self.snapshot().outcome is not None:
            return  # an end that has come is not changed any more
        code = _CODES.get(reason, 0)
        self.finish(ended(reason, outcome=outcome(reason, exit_code=code)))
