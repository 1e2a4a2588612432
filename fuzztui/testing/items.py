"""One test: a seed or a stored input of a target.

What goes into a report is made plain `str`: pytest-xdist takes nothing else from one process to another, and `Visible`
is a class of its own.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

import pytest

from fuzztui.engine.keep import places
from fuzztui.engine.keep.corpus import LONGEST
from fuzztui.engine.keep.storage import Folder, read_file
from fuzztui.engine.keep.unfit import unfit
from fuzztui.engine.request.task import Chosen
from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.results import InputResult, InputVerdict
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import one_line, os_error, visible
from fuzztui.engine.work.replay import TRIES
from fuzztui.protocol.messages import MOST_SEEDS
from fuzztui.target.errors import HarnessError, Skipped, UserCodeFailed
from fuzztui.target.load import LoadedTarget
from fuzztui.target.tracebacks import is_machinery, user_traceback
from fuzztui.target.values import decode, stored
from fuzztui.testing.apart import run_apart
from fuzztui.testing.here import limited
from fuzztui.testing.subject import Subject
from fuzztui.worker.failures.failure import type_name

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr


MOST_LINKS: Final = 100
"""Exceptions of a chain that pytest is asked to show with their source: it takes a minute for some thousands."""


@dataclass(frozen=True, slots=True)
class Seed:
    """One of the seeds that the target declares."""

    index: int
    count: int
    """How many there are, by the target's source."""


@dataclass(frozen=True, slots=True)
class Seeds:
    """All that the target declares, whose number only its set-up knows."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file beside the target, or in the cache."""

    folder: Folder
    name: str

    @property
    def path(self) -> Path:
        """Of the file."""
        return self.folder / self.name


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that keeps a target from being tested."""

    sentence: str


Trial: TypeAlias = Seed | Seeds | Stored | Fault


class TargetFailed(Exception):  # noqa: N818 - reads as what happened
    """The target has failed with `error`, of whatever class, which pytest is to take for nothing else."""

    def __init__(self, error: BaseException, notes: tuple[str, ...] = ()) -> None:
        super().__init__(type_name(error))
        self.error = error
        self.notes = notes
        """Sentences that go below the traceback."""


class TargetTest(pytest.Item):
    """A test that runs a target with one input, or tells why that cannot be done."""

    trial: Trial
    subject: Subject | None
    line: int

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the target is defined."""
        return self.path, max(self.line - 1, 0), self.name

    def runtest(self) -> None:
        """Run the input, where it has to run."""
        if isinstance(self.trial, Fault) or self.subject is None:
            _fail(self.trial.sentence if isinstance(self.trial, Fault) else "")
        if isinstance(self.trial, Stored):
            try:
                data = read_file(self.trial.path, LONGEST)
            except OSError as error:
                _fail(os_error(error, self.trial.path))
            shown = places.shown_path(self.trial.path)
            self._run(self.subject, data, shown, Chosen(inputs=((shown, data),)))
        elif self._is_apart(self.subject):
            last = self.trial.index + 1 if isinstance(self.trial, Seed) else MOST_SEEDS
            self._run_apart(self.subject, Chosen(seeds=range(last - 1 if isinstance(self.trial, Seed) else 0, last)))
        else:
            self._run_seeds(self.subject, self.trial)

    def _run_seeds(self, subject: Subject, trial: Seed | Seeds) -> None:
        target = self._load(subject)
        seeds = target.seeds
        if isinstance(trial, Seed) and len(seeds) != trial.count:
            _fail(f"the target declares {len(seeds)} seeds, and its source reads as if it were {trial.count}")
        for index in range(len(seeds)) if isinstance(trial, Seeds) else (trial.index,):
            name = f"seed {index + 1}"
            data = stored(seeds[index], target.parameters)
            self._run(subject, data, name, Chosen(seeds=range(index, index + 1)))

    def _run(self, subject: Subject, data: bytes, name: str, chosen: Chosen) -> None:
        """Run one input; what is known of it says where, and how often."""
        digest = sha256(data).hexdigest()
        record = subject.record(digest)
        before = subject.before(digest)
        is_deadly = record is not None and record.failure.kind is not CrasherKind.EXCEPTION
        if self._is_apart(subject) or is_deadly or before is not None:
            self._run_apart(subject, chosen, digest)
            return
        target = self._load(subject)
        if misfit := unfit(Path(), data, target.parameters):
            _fail(f"{name}: {misfit.reason(target.parameters)}")
        for passed in range(TRIES if record is not None else 1):
            with subject.around.noted(self.nodeid), _told():
                error = subject.here.run(decode(data, target.parameters))
            if error is not None:
                notes = [f"passed {passed} times before it failed: it depends on chance or state"] * bool(passed)
                notes += [f"with {name}"] * isinstance(self.trial, Seeds)
                notes += self._decided(subject, digest, type_name(error))
                raise TargetFailed(error, tuple(notes)).with_traceback(users_part(error.__traceback__))

    def _decided(self, subject: Subject, digest: str, type_name: str) -> list[str]:
        """Sentences on what people have decided about a failure; one that they ignore is expected."""
        decision = subject.decision(digest, type_name)
        note = one_line(decision.note)
        match decision.status:
            case Status.IGNORED:
                self.add_marker(pytest.mark.xfail(reason=str(note) or "ignored", strict=False))
            case Status.FIXED:
                return [f"regressed: it was marked fixed{': ' * bool(note)}{note}"]
            case _:
                return []
        return []

    # In this process --------------------------------------------------------------------------------------------------

    def _load(self, subject: Subject) -> LoadedTarget:
        assert self.parent is not None
        if not subject.here.is_loaded:
            self.parent.addfinalizer(subject.here.close)
        with subject.around.noted(self.nodeid), _told():
            return subject.here.load()

    # In a worker ------------------------------------------------------------------------------------------------------

    def _is_apart(self, subject: Subject) -> bool:
        # A program of another fuzzer's takes no input but from within itself, and may end its process.
        is_program = subject.target.form.is_program
        return is_program or subject.around.is_apart or subject.around.journal.is_deadly(self.nodeid)

    def _run_apart(self, subject: Subject, chosen: Chosen, digest: str = "") -> None:
        results, outcome = run_apart(subject.chosen(chosen))
        if outcome.reason is StopReason.SKIPPED:
            _skip(outcome.detail)
        for result in results:
            if result.output:
                self.add_report_section("call", "stdout", str(result.output))
            if result.verdict is InputVerdict.MALFORMED:
                _fail(f"{result.name}: {result.problem}")
            if result.failure is not None:  # one that people ignore fails too, and is expected to
                notes = self._decided(subject, digest, result.failure.type)
                _fail("\n".join([self._words(subject, result), *notes]))
        if outcome.reason.is_failure or not results:
            _fail(outcome.detail or "the input was not run")
        subject.around.journal.forget(self.nodeid)

    def _words(self, subject: Subject, result: InputResult) -> str:
        assert result.failure is not None
        lines = [result.failure.sentence, f"input: {result.values}", result.note, result.failure.traceback]
        if subject.around.journal.is_deadly(self.nodeid):
            lines.append("run in a worker process: an earlier session of pytest has ended while it ran this test")
        return "\n".join(filter(None, lines))

    # What is shown ----------------------------------------------------------------------------------------------------

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> "str | TerminalRepr":
        """The target's own traceback, in the style that was asked for."""
        failed = excinfo.value
        if type(failed) is not TargetFailed:
            return super().repr_failure(excinfo, style)
        assert self.subject is not None
        try:
            with limited(self.subject.around.timeout) as limit, limit:
                shown = self._shown(failed.error, style)
        except BaseException as error:  # it runs code of the exception's class, which may do anything
            shown = f"{type_name(failed.error)}: <describing it raised {type_name(error)}>"
        return _with(shown, failed.notes)

    def _shown(self, error: BaseException, style: Any) -> "str | TerminalRepr":
        part = users_part(error.__traceback__)
        if _links(error) > MOST_LINKS:
            return str(visible(user_traceback(error)[0], multiline=True))
        if style is None:
            style = self.config.getoption("tbstyle", "auto")
        own = pytest.ExceptionInfo.from_exception(error.with_traceback(part))
        return super().repr_failure(own, "long" if style == "auto" else style)

    def _traceback_filter(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:
        """As pytest does with its own tests: of what lies between the first frame and the last, a line each."""
        entries: Any = excinfo.traceback
        if self.config.getoption("tbstyle", "auto") != "auto" or len(entries) <= 2:
            return entries
        inner = [entry.with_repr_style("short") for entry in entries[1:-1]]
        return type(entries)([entries[0], *inner, entries[-1]])


def users_part(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback without frames of ours; None if no other frame is in it."""
    frames: list[TracebackType] = []
    while traceback is not None:
        if not is_machinery(traceback.tb_frame.f_code.co_filename):
            frames.append(traceback)
        traceback = traceback.tb_next
    part: TracebackType | None = None
    for each in reversed(frames):
        part = TracebackType(part, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return part


def _links(error: BaseException) -> int:
    """Exceptions that this one came from."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        link = link.__cause__ or link.__context__
    return len(seen)


def _with(shown: "str | TerminalRepr", notes: tuple[str, ...]) -> "str | TerminalRepr":
    notes = tuple(map(str, notes))
    if not notes:
        return shown
    add_section = getattr(shown, "addsection", None)
    if add_section is None:
        return "\n".join([str(shown), *notes])
    for note in notes:
        add_section(note, "")
    return shown


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """A harness that is wrong, or declines, in pytest's words."""
    try:
        yield
    except Skipped as error:
        _skip(str(error))
    except UserCodeFailed as error:
        _fail("\n".join(visible(text, multiline=True) for text in (str(error), error.traceback) if text))
    except HarnessError as error:
        _fail(visible(str(error), multiline=True))


def _fail(sentence: str) -> NoReturn:
    raise pytest.fail.Exception(str(sentence), pytrace=False) from None


def _skip(reason: str) -> NoReturn:
    raise pytest.skip.Exception(str(reason), _use_item_location=True) from None
