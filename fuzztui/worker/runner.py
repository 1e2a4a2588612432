"""Calls a Python target outside of the hot loop: for inputs of the coordinator's, to measure, to trace, to trim."""

from typing import Any, Final

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import HarnessError
from fuzztui.target.load import LoadedTarget
from fuzztui.target.values import decode, encoder
from fuzztui.worker.executions import Executions
from fuzztui.worker.failure import PythonCrash
from fuzztui.worker.mutate.sizes import Arguments
from fuzztui.worker.reports import Reports
from fuzztui.worker.seen import SeenCells

__builtins__ = PRIVATE_BUILTINS


class Runner:
    """A loaded target, and how one execution of it is recorded and reported.

    An input has two forms, which all methods take together so that neither is made twice: its arguments, and the bytes
    of its file (see `target.values`). They are made into each other by `decode` and `encode`.
    """

    def __init__(self, target: LoadedTarget, executions: Executions, reports: Reports, seen: SeenCells) -> None:
        self.parameters: Final = target.parameters
        self.function: Final = target.function
        self.clean: Final = target.raises
        """Exceptions that are part of the target's contract."""
        self.raw: Final = target.parameters == ("bytes",)
        """Whether an input's file form is its one argument."""
        self.encode: Final = encoder(target.parameters)
        self.executions: Final = executions
        self._reports = reports
        self._seen = seen

    def decode(self, data: bytes) -> Arguments:
        """The arguments of an input; MalformedInput if it is none of this target's."""
        return decode(data, self.parameters)

    def run(self, arguments: Arguments, data: bytes) -> PythonCrash | None:
        """Execute an input; how it failed, if it did. A failed execution is open until the failure is reported."""
        value: Any = arguments
        self.executions.begin(data)
        try:
            if self.raw:
                self.function(value[0])
            else:
                self.function(*value)
        except self.clean:
            pass
        except BaseException as error:
            if not is_success(error):
                return crash_of(error)
        self.executions.end()
        return None

    def runs_clean(self, arguments: Arguments, data: bytes) -> bool:
        """Execute an input that is not the coordinator's, and report a failure; whether there was none."""
        crash = self.run(arguments, data)
        if crash is None:
            return True
        self.report(crash, data)
        return False

    def report(self, crash: PythonCrash, data: bytes) -> None:
        """Report a failure while fuzzing."""
        self._reports.crash(crash, data)
        # A crasher is no corpus entry: what it covered is still new to the next input that gets there.
        self._seen.restore()


def crash_of(error: BaseException) -> PythonCrash:
    """The failure that an exception is; a misuse of the harness is not the input's fault and is raised."""
    if issubclass(type(error), HarnessError):  # by its type, since `__class__` may lie
        raise error
    return PythonCrash(error)


def is_success(error: BaseException) -> bool:
    """`sys.exit()` with status 0 is a way to return."""
    return type(error) is SystemExit and (error.code is None or (type(error.code) is int and error.code == 0))
