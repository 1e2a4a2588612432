"""Runs the real engine on a target written for one test."""

import errno
import os
import textwrap
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import psutil
import pytest

from fuzztui.engine.request.options import Limit, RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.session import Session
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.events import CrasherFound, Event, Warned, WorkerEnded
from fuzztui.engine.show.outcome import Outcome
from fuzztui.engine.show.snapshot import Snapshot

T = TypeVar("T")

DEADLINE = 60.0
"""Seconds after which a test gives up on a condition; no run here takes a tenth of it on an idle machine."""


def mostly_soak(cases: Iterable[T], *ordinary: T) -> list[Any]:
    """Parameters of one kind whose runs take long: a few are part of every test, all of `make soak`."""
    every = list(cases)
    assert set(ordinary) <= set(every), "cases that there are"
    return [case if case in ordinary else pytest.param(case, marks=pytest.mark.soak) for case in every]


def wait_for(condition: Callable[[], Any], what: str, deadline: float = DEADLINE) -> Any:
    """Wait until `condition` gives something true, and return that."""
    until = time.monotonic() + deadline
    while not (value := condition()):
        assert time.monotonic() < until, f"waited {deadline:g} s for {what}"
        time.sleep(0.01)
    return value


@contextmanager
def while_read(fifo: Path) -> Iterator[None]:
    """Once somebody reads a FIFO, keep it from ending meanwhile."""

    def opened() -> int | None:
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            return None

    fd: int = wait_for(opened, f"a reader of {fifo}")
    try:
        yield
    finally:
        os.close(fd)


@dataclass
class Run:
    """A finished run of the engine."""

    outcome: Outcome
    events: list[Event]
    snapshot: Snapshot
    folder: Path
    """The project: holds `fuzz_it.py`."""

    @property
    def crashers(self) -> list[Crasher]:
        return list(self.snapshot.crashers)

    @property
    def stored(self) -> list[Path]:
        """Files of failing inputs; what has to run before one lies in a folder beside them."""
        folder = self.folder / "testdata" / "corpus" / "fuzz_it"
        return sorted(path for path in folder.glob("[!.]*") if path.is_file())

    @property
    def generated(self) -> list[Path]:
        return sorted(path for path in (self.folder / ".fuzztui" / "corpus").rglob("*") if path.is_file())

    @property
    def warnings(self) -> str:
        return "\n".join(event.message for event in self.events if isinstance(event, Warned))

    @property
    def found(self) -> list[CrasherFound]:
        return [event for event in self.events if isinstance(event, CrasherFound)]

    @property
    def endings(self) -> list[WorkerEnded]:
        return [event for event in self.events if isinstance(event, WorkerEnded)]


@dataclass
class Project:
    """A folder with one target file, `fuzz_it.py::fuzz_it`."""

    folder: Path
    options: dict[str, Any] = field(default_factory=dict)
    engines: "list[RunningEngine]" = field(default_factory=list)
    """Those that were started in the background."""

    def options_for(self, **changes: Any) -> RunOptions:
        given = {
            "target": PythonTarget(self.folder / "fuzz_it.py", "fuzz_it", self.folder),
            "cache_dir": self.folder / ".fuzztui",
            "workers": 1,
            "limit": Limit(seconds=20.0),
            "seed": 1,
            **self.options,
            **changes,
        }
        return RunOptions(**given)

    def run(self, **changes: Any) -> Run:
        """Run the engine to its end in this thread."""
        session = Session(self.options_for(**changes))
        events: list[Event] = []
        outcome = session.run(events.append)
        return Run(outcome, events, session.snapshot(), self.folder)

    def start(self, **changes: Any) -> "RunningEngine":
        """Run the engine in a thread of its own."""
        engine = RunningEngine(self, Session(self.options_for(**changes)))
        self.engines.append(engine)
        return engine

    def seed(self, name: str, data: bytes) -> Path:
        """Store an input beside the target."""
        path = self.folder / "testdata" / "corpus" / "fuzz_it" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path


class RunningEngine:
    """A run in the background, to be given commands."""

    live: ClassVar[list["RunningEngine"]] = []
    """Those that nobody has joined: what a failing test leaves behind."""

    def __init__(self, project: Project, session: Session) -> None:
        self.session = session
        self._project = project
        self.events: list[Event] = []
        self._outcomes: list[Outcome] = []
        self._thread = threading.Thread(target=lambda: self._outcomes.append(session.run(self.events.append)))
        self._thread.start()
        self.live.append(self)

    def wait(self, condition: Callable[[Snapshot], Any], what: str) -> Any:
        """Wait until a snapshot fulfils a condition."""
        return wait_for(lambda: condition(self.session.snapshot()), what)

    @classmethod
    def end_all(cls) -> None:
        """End the runs that a failing test has left, so that it is the only one to fail."""
        for engine in list(cls.live):
            engine.session.force_stop()
            engine.join()

    def join(self) -> Run:
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive(), "the run did not end"
        self.live.remove(self)
        return Run(self._outcomes[0], self.events, self.session.snapshot(), self._project.folder)

    def end(self) -> None:
        """End the run by force where it has not ended: a test that fails leaves it going on."""
        self.session.force_stop()
        self._thread.join(DEADLINE)
        assert not self._thread.is_alive(), "the run did not end"


def make_project(folder: Path, source: str, **options: Any) -> Project:
    """A project whose target file holds `source`."""
    (folder / "pyproject.toml").touch()
    (folder / "fuzz_it.py").write_text(textwrap.dedent(source))
    return Project(folder, options)


def children(pid: int | None = None) -> list[psutil.Process]:
    """Descendants of this process, or of another, that are neither helpers of the test runner nor a guard nor gone."""
    return [p for p in psutil.Process(pid).children(recursive=True) if _is_worker(p)]


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "FUZZTUI_WORKER" in process.environ()
    except psutil.Error:
        return False


def commands(printed: str) -> list[str]:
    """The commands that are printed below a sentence, to be typed instead."""
    return [line.strip() for line in printed.splitlines() if line.startswith("    fuzztui ")]


def assert_one_sentence(printed: str) -> None:
    """What is told of a mistake is one sentence, and commands at most."""
    assert printed.startswith("fuzztui: ")
    assert all(line.startswith("    fuzztui ") for line in printed.splitlines()[1:]), printed
    assert "Traceback" not in printed
