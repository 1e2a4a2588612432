"""Calls a Python target outside of the hot loop: for inputs of the coordinator's, to measure, to trace, to trim."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.contract import DOCUMENTED
from fuzztui.target.errors import HarnessError
from fuzztui.target.load import LoadedTarget
from fuzztui.target.values import decode, encoder, is_typed, plain_of
from fuzztui.worker.coverage.seen import SeenCells
from fuzztui.worker.failures.buckets import Buckets
from fuzztui.worker.failures.children import end_child
from fuzztui.worker.failures.deferred import refuse_deferred
from fuzztui.worker.failures.failure import PythonCrash, is_success
from fuzztui.worker.failures.scenes import Scenes
from fuzztui.worker.failures.strays import Strays
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.process.executions import Executions
from fuzztui.worker.reports import Crash, Reports

if TYPE_CHECKING:
    from fuzztui.worker.choices.drawing import Drawing

__builtins__ = PRIVATE_BUILTINS

DECLARED: Final = f"the function's docstring declares this: with --raises {DOCUMENTED}, what stands there is no failure"
"""Below the traceback of such an exception."""


class Runner:
    """A loaded target, and how one execution of it is recorded and reported.

    An input has two forms, which all methods take together so that neither is made twice: its arguments, and the bytes
    of its file (see `target.values`). They are made into each other by `decode` and `encode`.
    """

    def __init__(
        self,
        target: LoadedTarget,
        executions: Executions,
        reports: Reports,
        seen: SeenCells,
        buckets: Buckets,
        strays: Strays,
        scenes: Scenes | None = None,
        drawing: "Drawing | None" = None,
    ) -> None:
        """`scenes`: looks into the frames of what fails, where that is asked for; `drawing`: the property test that the
        target is.
        """
        self.parameters: Final = target.parameters
        self.function: Final = target.function
        self.clean: Final = target.raises
        """Exceptions that are part of the target's contract."""
        self._documented: Final = target.documented
        self.is_success: Final[Callable[[BaseException], bool]] = _never if target.exits_fail else is_success
        """Whether an exception is a way to return."""
        self.raw: Final = target.parameters == ("bytes",)
        """Whether an input's file form is its one argument."""
        self.encode: Final = encoder(target.parameters)
        self._is_typed = is_typed(target.parameters)
        self.executions: Final = executions
        self.strays: Final = strays
        self._reports = reports
        self._seen = seen
        self._buckets = buckets
        self._scenes = scenes
        self.drawing: Final = drawing
        self._explain = None if target.explain is None or drawing is None else _explaining(target.explain, drawing)

    def decode(self, data: bytes) -> Arguments:
        """The arguments of an input; MalformedInput if it is none of this target's."""
        decoded = decode(data, self.parameters)
        return plain_of(decoded) if self._is_typed else decoded

    def run(self, arguments: Arguments, data: bytes, after: Callable[[], object] | None = None) -> Crash | None:
        """Execute an input; how it failed, if it did. A failed execution is open until the failure is reported.

        `after` is called when the target has returned, as part of the execution.
        """
        value: Any = arguments
        result: object = None
        self.executions.begin(data)
        try:
            result = self.function(value[0]) if self.raw else self.function(*value)
        except self.clean:
            pass
        except BaseException as error:
            if not self.is_success(error):
                self.strays.take()  # what failed beside it is part of it
                return self.crash_of(error)
            if self.strays.is_forked:
                end_child(error)
        refuse_deferred(result)
        del result  # whose finalizer is part of the execution
        if after is not None:
            after()
        crash = self.strays.take() if self.strays.noted else None
        if crash is None:
            self.executions.end()
        return crash

    def run_carefully(self, arguments: Arguments, data: bytes) -> Crash | None:
        """As `run`, with every finalizer called that belongs to the input, and none of earlier ones'."""
        with self.strays.attributing():
            self.strays.collect()
            return self.run(arguments, data, after=self.strays.collect)

    def report_stray(self, data: bytes) -> None:
        """Report how the execution in progress has failed outside of the target's call, if it has."""
        crash = self.strays.take()
        if crash is not None:
            self.report(crash, data)

    def runs_clean(self, arguments: Arguments, data: bytes) -> bool:
        """Execute an input that is not the coordinator's, and report a failure; whether there was none."""
        crash = self.run(arguments, data)
        if crash is None:
            return True
        self.report(crash, data)
        return False

    def canonical(self, data: bytes) -> bytes:
        """The input that has just been executed as it was drawn, unless that is too long to be executed."""
        if self.drawing is None:
            return data
        drawn = self.encode(self.drawing.drawn)
        return drawn if self.executions.has_room(drawn) else data

    def report(self, crash: Crash, data: bytes) -> None:
        """Report a failure while fuzzing; `data`: what has just been executed."""
        self._reports.crash(crash, self.canonical(data))
        if self.strays.noted:
            self.strays.take()  # what failed beside it is part of it
        # A crasher is no corpus entry: what it covered is still new to the next input that gets there.
        self._seen.restore()

    def crash_of(self, error: BaseException) -> PythonCrash:
        """The failure that an exception is; a misuse of the harness is not the input's fault and is raised."""
        if issubclass(type(error), HarnessError):  # by its type, since `__class__` may lie
            raise error
        if self.strays.is_forked:
            end_child(error)
        explain = self._explain
        if self._documented and issubclass(type(error), self._documented):
            explain = _saying_so(explain)
        return PythonCrash(error, self._buckets, self._scenes, explain)


def _saying_so(explain: Callable[[], Sequence[str]] | None) -> Callable[[], Sequence[str]]:
    """What an exception is of which the function's docstring says that it may be raised."""
    return lambda: (*(explain() if explain is not None else ()), DECLARED)


def _explaining(explain: Callable[[tuple[Any, ...]], Sequence[str]], drawing: "Drawing") -> Callable[[], Sequence[str]]:
    return lambda: explain(plain_of(drawing.drawn)[0])


def _never(_error: BaseException) -> bool:
    return False
