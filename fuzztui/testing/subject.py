"""A target as pytest's tests see it, and what all targets of a session share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pytest

from fuzztui.engine.keep import places
from fuzztui.engine.keep.before import read_before
from fuzztui.engine.keep.record import Record
from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.request.companions import accompanied
from fuzztui.engine.request.options import DEFAULT_TIMEOUT, RunOptions
from fuzztui.engine.request.target import PythonTarget, python_target
from fuzztui.engine.request.task import Chosen, RegressionTest
from fuzztui.engine.triage.decision import Decision
from fuzztui.engine.triage.triage import Triage
from fuzztui.target.discover import Discovery, TargetInfo
from fuzztui.testing.here import TargetHere
from fuzztui.testing.journal import Journal
from fuzztui.testing.last_words import LastWords
from fuzztui.words.units import parse_seconds

_WITHOUT_CACHE: Final = "--fuzztui=worker runs each input in a worker process"


@dataclass
class Surroundings:
    """What a session of pytest has decided, and has looked at already."""

    is_apart: bool
    """Whether every input runs in a worker process."""
    timeout: float
    """Seconds for one input."""
    is_timeout_set: bool
    """Whether the project has said so."""
    journal: Journal
    find: Callable[[Path], Discovery]
    config: pytest.Config
    _found: dict[Path, Discovery] = field(default_factory=dict)
    _last_words: LastWords | None = None

    @classmethod
    def of(cls, config: pytest.Config, find: Callable[[Path], Discovery]) -> "Surroundings":
        """As the session was asked, whose settings the plugin has looked at."""
        said: str = config.getini("fuzztui_timeout")
        timeout = parse_seconds(said) if said else DEFAULT_TIMEOUT
        mode = config.getoption("fuzztui_mode") or config.getini("fuzztui")
        cache: Any = getattr(config, "cache", None)  # pytest's plugin for it may be switched off
        try:
            folder = None if cache is None else Path(cache.mkdir("fuzztui"))
        except OSError:
            folder = None
        return cls(mode == "worker", timeout, bool(said), Journal(folder), find, config)

    def look(self, file: Path) -> Discovery:
        """The targets of a file, which is read once."""
        if file not in self._found:
            self._found[file] = self.find(file)
        return self._found[file]

    def subject(self, info: TargetInfo) -> "Subject":
        """A target that was found; BadSettings if its project's settings cannot be read."""
        return Subject(python_target(info, look=self.look), self)

    @contextmanager
    def noted(self, test: str) -> Iterator[None]:
        """Have it known which test runs in this process meanwhile, should that end."""
        if self._last_words is None:
            advice = "the next session runs it in a worker process" if self.journal.is_kept else _WITHOUT_CACHE
            self._last_words = self._with_standard_error(lambda: LastWords(advice))
        self._last_words.begin(test)
        try:
            with self.journal.running(test):
                yield
        finally:
            self._last_words.end()

    def _with_standard_error(self, make: Callable[[], LastWords]) -> LastWords:
        """What `make` makes while standard error is that of pytest's process, and not captured."""
        capture: Any = self.config.pluginmanager.getplugin("capturemanager")
        with nullcontext() if capture is None else capture.global_and_fixture_disabled():
            return make()

    def close(self) -> None:
        """The session is over."""
        self.journal.close()
        if self._last_words is not None:
            self._last_words.close()


class Subject:
    """One target: loaded once for all its inputs."""

    def __init__(self, target: PythonTarget, around: Surroundings) -> None:
        self.target = target
        self.around = around
        self.here = TargetHere(target, around.timeout)
        self.cache_dir = places.default_cache_dir(target.project)

    @property
    def records(self) -> Folder:
        """Where runs have left what they know of crashers."""
        return self.target.records_dir(self.cache_dir)

    @cached_property
    def _triage(self) -> Triage:
        return Triage.load(self.target, self.cache_dir)

    @cached_property
    def _by_input(self) -> dict[str, Record]:
        return self._triage.by_input()

    def record(self, sha256: str) -> Record | None:
        """What runs have recorded of an input."""
        return self._by_input.get(sha256)

    def before(self, sha256: str) -> tuple[bytes, ...] | None:
        """Inputs that have to run before an input for it to fail; None where it is not known to need any."""
        try:
            return read_before((*self.target.stored_dirs, self.records), sha256)
        except OSError:
            return ()  # a worker tells what is wrong

    def decision(self, sha256: str, type_name: str) -> Decision:
        """What people have decided about a failure of such a type that an input shows."""
        record = self.record(sha256)
        bucket = record.id if record is not None and record.failure.type == type_name else ""
        return self._triage.decision_for(bucket, sha256, type_name)[1]

    def chosen(self, chosen: Chosen) -> RunOptions:
        """The run that executes inputs in a worker."""
        options = RunOptions(
            target=self.target,
            cache_dir=self.cache_dir,
            workers=1,
            timeout=self.around.timeout,
            task=RegressionTest(chosen),
            chosen=frozenset({"timeout"} if self.around.is_timeout_set else ()),
        )
        return replace(accompanied(options), seeds=())  # none of which is among the chosen
