"""A run elsewhere: dashboards show and steer it over its socket, and hold up nobody."""

import importlib
import os
import pkgutil
import random
import signal
import socket
import stat
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from fuzztui import engine
from fuzztui.engine.questions.general import Declared, Question, WorkerOutput
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.session import SessionLike, UnansweredError
from fuzztui.engine.show.codec import decode, encode
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.events import CrasherConfirmed, Ended, Event
from fuzztui.engine.show.exit_status import FAILED, FAILING, UNSAVED
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.snapshot import Phase
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import label
from fuzztui.protocol.framing import frame
from fuzztui.screens.final import FinalScreen
from fuzztui.screens.places import PLACES
from fuzztui.screens.quit import QuitScreen
from fuzztui.screens.report import report
from fuzztui.sessions import recording, running, server, wire
from fuzztui.sessions.attach_app import AttachApp, detaching
from fuzztui.sessions.attached import AttachedSession, UnattachableError
from fuzztui.sessions.running import UnusableFolderError
from fuzztui.sessions.server import Server, described
from fuzztui.widgets.tone import plain
from tests.engine.test_codec import all_of, some
from tests.support import mostly_soak, wait_for
from tests.ui.driving import Driver
from tests.ui.fakes import OPTIONS, FakeSession, crasher, ended, snapshot


class Coordinator:
    """A scripted run that is served as a coordinator serves its own."""

    def __init__(self, folder: Path) -> None:
        self.session = FakeSession()
        self.server = Server(described([OPTIONS], folder / "log"), OPTIONS)
        self.server.begin(self.session)
        self.path = running.folder() / self.server.running.socket
        self.is_over = False

    def publish(self, **changes: Any) -> None:
        self.session.publish(replace(self.session.snapshot(), **changes))
        self.server.on_snapshot(self.session.snapshot())

    def die(self) -> None:
        """As a process that is killed: it closes all that it has, and removes nothing."""
        self.is_over = True
        with self.server._changed:
            self.server._is_over = True  # so that nobody accepts any more; a thread that is killed asks nobody
        self.server._socket.shutdown(socket.SHUT_RDWR)
        self.server._socket.close()
        self.let_go()

    def let_go(self) -> None:
        for client in list(self.server._clients):
            client.channel.close()

    def end(self) -> None:
        if self.is_over:
            return
        self.is_over = True
        self.session.publish(ended())
        last = self.session.snapshot()
        self.server.on_snapshot(last)
        assert last.outcome is not None
        self.server.on_event(Ended(last.elapsed, last.outcome, last.executions, last.workers, last.yields))
        self.server.close()


@pytest.fixture
def coordinator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Coordinator]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    served = Coordinator(tmp_path)
    yield served
    served.end()


class Looking:
    """An attached session that receives in a thread."""

    def __init__(self, path: Path) -> None:
        self.session = AttachedSession(path)
        self.events: list[Event] = []
        self.outcomes: list[Outcome] = []
        self._thread = threading.Thread(target=lambda: self.outcomes.append(self.session.run(self.events.append)))
        self._thread.start()

    def join(self) -> Outcome:
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self.outcomes[0]


def test_two_dashboards_see_the_same_run_to_its_end(coordinator: Coordinator) -> None:
    one, other = Looking(coordinator.path), Looking(coordinator.path)
    assert one.session.snapshot() == coordinator.session.snapshot()
    for number in range(5):
        coordinator.publish(executions=1000 + number, crashers=tuple(map(crasher, range(number))))
    shown = coordinator.session.snapshot()
    wait_for(lambda: one.session.snapshot() == shown == other.session.snapshot(), "both to see the newest")
    coordinator.end()
    for each in (one, other):
        assert each.join().exit_code == 1
        assert isinstance(each.events[-1], Ended)
        assert each.session.snapshot() == coordinator.session.snapshot()


def test_every_command_of_a_session_reaches_the_run(coordinator: Coordinator) -> None:
    looking = Looking(coordinator.path)
    session: Any = looking.session
    session.stop_worker(1)
    session.pause()
    session.set_stop_on_crash(True)
    session.validate("a crasher")
    session.stop(StopReason.USER)
    session.force_stop()
    wait_for(lambda: len(coordinator.session.commands) == 6, "six commands")
    assert coordinator.session.commands == [
        ("stop_worker", 1),
        ("pause",),
        ("set_stop_on_crash", True),
        ("validate", "a crasher"),
        ("stop", StopReason.USER),
        ("force_stop",),
    ]
    named = {name for name in dir(SessionLike) if not name.startswith("_")} - {"run", "snapshot", "ask"}
    assert set(wire.COMMANDS) == named
    coordinator.end()
    looking.join()


def _failed() -> "Future[Any]":
    future: Future[Any] = Future()
    future.set_exception(KeyError("nobody knows"))
    return future


def test_question_is_answered_elsewhere(coordinator: Coordinator, monkeypatch: pytest.MonkeyPatch) -> None:
    looking = Looking(coordinator.path)
    assert looking.session.ask(WorkerOutput(3)).result(10) == "worker 3 says hello\n"
    monkeypatch.setattr(coordinator.session, "ask", lambda _: _failed())
    with pytest.raises(UnansweredError, match="nobody knows"):
        looking.session.ask(Declared()).result(10)
    coordinator.end()
    looking.join()
    with pytest.raises(UnansweredError):
        looking.session.ask(WorkerOutput(3)).result(10)


def _questions() -> list[Any]:
    """Every question that there is."""
    for module in pkgutil.walk_packages(engine.__path__, "fuzztui.engine."):
        importlib.import_module(module.name)
    found: list[Any] = []
    waiting: list[Any] = list(Question.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if getattr(sys.modules[kind.__module__], kind.__name__, None) is kind and kind.__module__.startswith(
            "fuzztui."
        ):
            found.append(kind)
    return found


@pytest.mark.parametrize("kind", _questions(), ids=lambda kind: kind.__name__)
def test_any_question_and_any_answer_to_it_can_be_sent(kind: Any) -> None:
    rng = random.Random(kind.__name__)
    for _ in range(20):
        question = some(kind, rng)
        asked = msgspec.msgpack.decode(msgspec.msgpack.encode([wire.name_of(question), encode(kind, question)]))
        assert wire.question_named(*asked) == question
        answer_type = wire.answer_type(question)
        answer = some(answer_type, rng)
        sent = msgspec.msgpack.decode(msgspec.msgpack.encode(encode(answer_type, answer)))
        assert all_of(decode(answer_type, sent)) == all_of(answer)


@pytest.mark.parametrize("name", sorted(wire.COMMANDS))
@pytest.mark.mostly_soak(4)
def test_arguments_of_any_command_can_be_sent(name: str) -> None:
    rng = random.Random(name)
    for _ in range(20):
        arguments = tuple(some(kind, rng) for kind in wire.COMMANDS[name])
        sent = msgspec.msgpack.decode(msgspec.msgpack.encode(wire.encode_arguments(name, arguments)))
        session = FakeSession()
        given: list[Any] = []
        setattr(session, name, lambda *values, given=given: given.append(values))
        wire.do(session, name, sent)
        assert given == [arguments]


def test_events_arrive_in_their_order(coordinator: Coordinator) -> None:
    looking = Looking(coordinator.path)
    told = [CrasherConfirmed(float(number), crasher(number)) for number in range(300)]
    for event in told:
        coordinator.server.on_event(event)
    wait_for(lambda: len(looking.events) == 300, "all events")
    assert looking.events == told
    coordinator.end()
    looking.join()


def test_dashboard_that_leaves_ends_nothing(coordinator: Coordinator) -> None:
    looking = Looking(coordinator.path)
    detaching(looking.session, lambda _: None)(signal.SIGHUP)
    assert looking.join().exit_code == 0
    looking.session.stop(StopReason.USER)
    looking.session.stop(StopReason.INTERNAL)
    other = Looking(coordinator.path)
    other.session.stop(StopReason.INTERNAL)
    other.join()
    third = Looking(coordinator.path)
    assert third.session.snapshot().outcome is None
    assert coordinator.session.commands == []
    coordinator.end()
    third.join()


def in_project(folder: Path) -> RunOptions:
    """The scripted run's target in a project of its own, so that its recordings are nobody else's."""
    assert isinstance(OPTIONS.target, PythonTarget)
    return replace(OPTIONS, target=replace(OPTIONS.target, project=folder), cache_dir=folder / ".fuzztui")


def record(options: RunOptions, *told: Event, tail: bytes = b"") -> Path:
    """A recording of this process with these events."""
    folder = options.target.sessions_dir(options.cache_dir).path
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "20260102-030405.jsonl"
    lines = [recording.head(label("fuzz_json"), "then"), recording.status_line(snapshot(), None)]
    path.write_bytes(b"".join([*lines, *map(recording.event_line, told), tail]))
    return path


@pytest.mark.parametrize(
    ("found", "status"),
    [((), FAILED), ((crasher(1),), FAILING), ((crasher(1, status=Status.IGNORED),), FAILED),
     ((crasher(1), crasher(2, path=None)), UNSAVED)],
    ids=["nothing", "a crasher", "an ignored one", "one unsaved"],
)  # fmt: skip
def test_coordinator_that_dies_is_told_of(
    tmp_path: Path, coordinator: Coordinator, found: tuple[Crasher, ...], status: int
) -> None:
    coordinator.server._options = in_project(tmp_path)
    path = record(coordinator.server._options, tail=b'{"event": "stats", "el')
    looking = Looking(coordinator.path)
    coordinator.publish(crashers=found, hits=sum(each.hits for each in found), elapsed=80.0)
    wait_for(lambda: looking.session.snapshot().crashers == found, "the newest")
    coordinator.die()
    outcome = looking.join()
    assert (outcome.reason, outcome.exit_code) == (StopReason.LOST, status)
    assert "the coordinator is gone" in outcome.detail
    assert "as of 00:01:20" in outcome.detail
    assert f"fuzztui replay-session {path}" in outcome.detail
    assert outcome.received == outcome.stored + outcome.duplicates + outcome.unsaved
    shown = looking.session.snapshot()
    assert (shown.outcome, shown.stop_reason, shown.phase) == (outcome, StopReason.LOST, Phase.ENDED)
    assert all(row.state.is_final for row in shown.workers)
    assert [event.outcome for event in looking.events if isinstance(event, Ended)] == [outcome]
    words = "\n".join(plain(line) for line in report(shown))
    assert "THE SESSION'S PROCESS ENDED" in words.upper()
    assert "bug of fuzztui" not in words
    assert f"fuzztui run {shown.target_word} --detach" in words


def test_coordinator_that_dies_without_a_recording_is_told_of(tmp_path: Path, coordinator: Coordinator) -> None:
    coordinator.server._options = in_project(tmp_path)
    looking = Looking(coordinator.path)
    coordinator.die()
    assert "is not recorded" in looking.join().detail


def test_end_that_a_dashboard_could_not_take_is_read_from_the_recording(
    tmp_path: Path, coordinator: Coordinator
) -> None:
    last = ended(StopReason.TIME_LIMIT)
    assert last.outcome is not None
    coordinator.server._options = in_project(tmp_path)
    record(coordinator.server._options, Ended(last.elapsed, last.outcome, last.executions, last.workers, last.yields))
    looking = Looking(coordinator.path)
    coordinator.die()
    assert looking.join() == last.outcome


def test_dashboard_that_was_let_go_comes_back_to_a_run_that_goes_on(coordinator: Coordinator) -> None:
    looking = Looking(coordinator.path)
    for number in range(3):
        coordinator.let_go()
        coordinator.publish(executions=5000 + number)
        wait_for(lambda n=number: looking.session.snapshot().executions == 5000 + n, "the newest")  # type: ignore[misc]
        assert looking.session.ask(WorkerOutput(0)).result(10)
    looking.session.detach()
    assert looking.join().exit_code == 0
    assert not any(isinstance(event, Ended) for event in looking.events)


def test_socket_and_folder_are_the_users_alone(coordinator: Coordinator) -> None:
    assert stat.S_IMODE(coordinator.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(coordinator.path.parent.stat().st_mode) == 0o700


def test_folder_that_is_open_to_others_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    place = tmp_path / "fuzztui"
    place.mkdir()
    place.chmod(0o755)
    with pytest.raises(UnusableFolderError, match="open to others"):
        running.folder()
    place.rmdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnusableFolderError, match="no folder"):
        running.folder()


def test_another_user_is_let_in_by_neither_side(coordinator: Coordinator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "peer_of", lambda _: os.getuid() + 1)
    with pytest.raises(UnattachableError, match="another user"):
        AttachedSession(coordinator.path)
    channel = socket.socket(socket.AF_UNIX)
    channel.settimeout(10)
    channel.connect(str(coordinator.path))
    assert channel.recv(10) == b""
    channel.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff" * 100,
        b"\0\0\0\1\xc1",
        frame(msgspec.msgpack.encode(["do", "run", []])),
        frame(msgspec.msgpack.encode(["do", "__class__", []])),
        frame(msgspec.msgpack.encode(["do", "stop_worker", []])),
        frame(msgspec.msgpack.encode(["do", "stop_worker", ["1"]])),
        frame(msgspec.msgpack.encode(["do", "stop", ["NO"]])),
        frame(msgspec.msgpack.encode(["do", "pause", [1, 2]])),
        frame(msgspec.msgpack.encode(["ask", 1, "os:system", ["true"]])),
        frame(msgspec.msgpack.encode(["ask", 1, "fuzztui.engine.questions.general:Question", {}])),
        frame(msgspec.msgpack.encode(["ask", "x", "fuzztui.engine.questions.general:WorkerOutput", {"worker": 1}])),
        frame(msgspec.msgpack.encode({"do": 1})),
    ],
)
def test_what_is_no_message_of_ours_is_let_go_and_harms_nothing(coordinator: Coordinator, sent: bytes) -> None:
    looking = Looking(coordinator.path)
    channel = socket.socket(socket.AF_UNIX)
    channel.settimeout(10)
    channel.connect(str(coordinator.path))
    channel.sendall(sent)
    while channel.recv(1 << 16):
        pass  # until the other end closes
    channel.close()
    assert coordinator.session.commands == []
    assert looking.session.ask(WorkerOutput(0)).result(10)
    coordinator.end()
    looking.join()


def test_garbled_messages_of_a_coordinator_end_the_dashboard_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coordinator: Coordinator
) -> None:
    rng = random.Random(6)
    hello = frame(msgspec.msgpack.encode(("hello", coordinator.server.hello)))
    plain = encode(type(snapshot()), snapshot())
    first = frame(msgspec.msgpack.encode(("snapshot", True, plain)))
    for number in range(20):
        path = tmp_path / f"{number}.sock"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()
        garbled = bytearray(frame(msgspec.msgpack.encode(("snapshot", False, {".": {"edges": {"=": 1}}}))))
        garbled[rng.randrange(4, len(garbled))] ^= 1 << rng.randrange(8)

        def serve(listener: socket.socket = listener, garbled: bytes = bytes(garbled)) -> None:
            connection, _ = listener.accept()
            listener.close()
            connection.sendall(hello + first + garbled)
            connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        outcome = Looking(path).join()
        thread.join()
        assert outcome.reason in (StopReason.INTERNAL, StopReason.LOST)  # some can be read all the same
        assert outcome.exit_code == (FAILED if outcome.reason is StopReason.INTERNAL else FAILING)
        assert outcome.detail


def test_slow_dashboard_holds_up_nobody(coordinator: Coordinator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_WAITING", 50)
    stuck = socket.socket(socket.AF_UNIX)
    stuck.connect(str(coordinator.path))  # and reads nothing
    looking = Looking(coordinator.path)
    big = crasher(1, data=b"x" * 200_000)
    for number in range(200):
        coordinator.publish(executions=number)
        coordinator.server.on_event(CrasherConfirmed(float(number), big))
        wait_for(lambda n=number: len(looking.events) > n, "an event")  # type: ignore[misc]
    assert wait_for(lambda: looking.session.snapshot().executions == 199, "the newest state")
    assert looking.session.ask(WorkerOutput(0)).result(10)
    stuck.close()
    coordinator.end()
    looking.join()


def test_killed_coordinator_is_told_of_once_and_swept(coordinator: Coordinator) -> None:
    alive, gone = running.known()
    assert [each.id for each in alive] == [coordinator.server.running.id]
    assert gone == []
    stale = replace(coordinator.server.running, id="77")
    running.register(stale)
    old = socket.socket(socket.AF_UNIX)
    old.bind(str(coordinator.path.with_name("77.sock")))
    old.close()
    alive, gone = running.known()
    assert [each.id for each in gone] == ["77"]
    assert len(alive) == 1
    assert running.known()[1] == []
    assert not coordinator.path.with_name("77.sock").exists()


@pytest.mark.parametrize("is_full", [False, True], ids=["accepts nobody", "lets nobody wait"])
def test_suspended_coordinator_is_not_taken_for_gone(coordinator: Coordinator, is_full: bool) -> None:
    """It is there, answers when it goes on, and nobody waits for that without being told."""
    path = coordinator.path.with_name("77.sock")
    running.register(replace(coordinator.server.running, id="77"))
    listening, waiting = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen(0 if is_full else 9)
    waiting.connect(str(path))
    with pytest.raises(UnattachableError, match="does not answer: it is suspended"):
        AttachedSession(path, 0.05)
    alive, gone = running.known()
    assert {each.id for each in alive} == {"77", coordinator.server.running.id}
    assert gone == []
    assert path.exists()
    waiting.close()
    listening.close()
    running.forget(path.parent, "77")


def test_nothing_is_left_of_a_run_that_has_ended(coordinator: Coordinator) -> None:
    place = coordinator.path.parent
    coordinator.end()
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(
    "sent",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"hi\n", b"\0\0\0\1\xc1", frame(b"\x93\1\2\3"), frame(b"\x91" * 100_000)],
    ids=["http", "a line", "no msgpack", "no message", "deep"],
)
def test_what_is_no_run_of_ours_is_said_to_be_none(tmp_path: Path, sent: bytes) -> None:
    path = tmp_path / "strange.sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        connection, _ = listener.accept()
        connection.sendall(sent)
        connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    with pytest.raises(UnattachableError) as caught:
        AttachedSession(path)
    assert str(caught.value.sentence) == f"{path}: what it sends is no message of fuzztui's"
    thread.join()
    listener.close()


def test_another_version_is_refused(coordinator: Coordinator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "__version__", "99.0")
    with pytest.raises(UnattachableError, match=r"99\.0"):
        AttachedSession(coordinator.path)


async def test_dashboard_detaches_by_its_key_and_the_run_goes_on(coordinator: Coordinator) -> None:
    session = AttachedSession(coordinator.path)
    app = AttachApp(session)
    async with app.run_test(size=(100, 30)) as pilot:
        driver = _driver(app, coordinator, pilot)
        assert "fuzz_json" in driver.text
        await driver.press("space")
        await driver.until(lambda: ("pause",) in coordinator.session.commands)
        await driver.press("ctrl+d")
        await driver.until(lambda: app.return_code is not None)
    assert session.is_detached
    assert coordinator.session.commands == [("pause",)]


async def test_dashboard_ends_the_run_and_shows_the_result(coordinator: Coordinator) -> None:
    session = AttachedSession(coordinator.path)
    app = AttachApp(session)
    async with app.run_test(size=(100, 30)) as pilot:
        driver = _driver(app, coordinator, pilot)
        await driver.press("q")
        await driver.until_screen(QuitScreen)
        await driver.press("enter")
        await driver.until(lambda: ("stop", StopReason.USER) in coordinator.session.commands)
        coordinator.end()
        await driver.until_screen(FinalScreen)
        await driver.press("q")
        await driver.until(lambda: app.return_code is not None)
        assert app.return_code == 1


def _driver(app: AttachApp, coordinator: Coordinator, pilot: "Pilot[Outcome | None]") -> Driver:
    return Driver(app, coordinator.session, pilot)


async def test_every_place_can_be_visited_from_elsewhere(coordinator: Coordinator) -> None:
    app = AttachApp(AttachedSession(coordinator.path))
    async with app.run_test(size=(120, 40)) as pilot:
        driver = _driver(app, coordinator, pilot)
        for place in PLACES:
            await driver.press(place.key)
            await driver.until(lambda: "fuzz_json" in driver.text)
        assert app._exception is None
        await driver.press("ctrl+d")
        await driver.until(lambda: app.return_code is not None)


async def test_several_dashboards_one_killed_and_one_slow_are_at_any_place(
    coordinator: Coordinator,
) -> None:
    killed, stuck = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    for each in (killed, stuck):
        each.connect(str(coordinator.path))
    looking = Looking(coordinator.path)
    session = AttachedSession(coordinator.path)
    app = AttachApp(session)
    big = crasher(1, data=b"x" * 200_000)
    async with app.run_test(size=(120, 40)) as pilot:
        driver = _driver(app, coordinator, pilot)
        for number, place in enumerate(PLACES, 7000):
            await driver.press(place.key)
            for _ in range(5):
                coordinator.server.on_event(CrasherConfirmed(float(number), big))
            coordinator.publish(executions=number)
            await driver.until(lambda n=number: session.snapshot().executions == n)  # type: ignore[misc]
            killed.close()
        assert app._exception is None
        await driver.press("ctrl+d")
        await driver.until(lambda: app.return_code is not None)
    wait_for(lambda: looking.session.snapshot().executions == 7000 + len(PLACES) - 1, "the newest elsewhere")
    stuck.close()
    coordinator.end()
    looking.join()


@pytest.mark.parametrize("key", mostly_soak([place.key for place in PLACES], "2", "4"))
async def test_dashboard_at_any_place_learns_that_its_coordinator_is_gone(
    tmp_path: Path, coordinator: Coordinator, key: str
) -> None:
    coordinator.server._options = in_project(tmp_path)
    app = AttachApp(AttachedSession(coordinator.path))
    async with app.run_test(size=(100, 30)) as pilot:
        driver = _driver(app, coordinator, pilot)
        await driver.press(key)
        coordinator.die()
        await driver.until(lambda: app.session.snapshot().is_over)
        await driver.until(lambda: "ENDED" in driver.text)
        if key != "1":
            await driver.press("escape")
        await driver.until_screen(FinalScreen)
        assert "THE SESSION'S PROCESS ENDED" in driver.text.upper()
        await driver.press("q")
        await driver.until(lambda: app.return_code is not None)
        assert app.return_code == FAILING
