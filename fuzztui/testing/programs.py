"""Runs a program for another fuzzer with some inputs, in this process: what tests of its crashers call."""

import os
import posix
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from fuzztui.engine.keep.places import current_directory
from fuzztui.target.discover import discover
from fuzztui.target.errors import HarnessError
from fuzztui.target.load import LoadedTarget
from fuzztui.target.pytest_settings import python_path
from fuzztui.testing.items import users_part
from fuzztui.worker.instrumentation.importer import InstrumentingFinder, selection
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.programs.fuzzers import STAND_INS, run
from fuzztui.worker.programs.running import Place, Wishes


def run_program(file: Path | str, *inputs: bytes, arguments: Sequence[str] = ()) -> None:
    """Execute a program, and where it calls its fuzzer have it run these inputs, as they are. Raises what the last of
    them makes it raise; those before only have to run. `arguments` stand in `sys.argv` behind the program's name.

    HarnessError if the file is no such program, or does not come to call its fuzzer.
    """
    __tracebackhide__ = True
    path = Path(os.path.abspath(file))  # noqa: PTH100 - lexical, as everywhere
    info = next((each for each in discover(path).targets if each.form.is_program), None)
    if info is None:
        raise HarnessError(f"{path} is no program for another fuzzer")
    source = path.read_bytes()
    failures: list[BaseException] = []

    def served(target: LoadedTarget, _wishes: Wishes) -> None:
        for data in inputs[:-1]:
            with suppress(BaseException):
                target.function(data)
        for data in inputs[-1:]:
            try:
                target.function(data)
            except BaseException as error:
                failures.append(_failing(error, target))

    place = Place(str(path), source, current_directory(), tuple(map(str, python_path(path))))
    finder = InstrumentingFinder(ProbeMap(), selection(source, exclude=["*"]))
    with _world():
        run(info.form, place, list(arguments), finder, served)
    for error in failures:
        raise error.with_traceback(users_part(error.__traceback__))


def _failing(error: BaseException, target: LoadedTarget) -> BaseException:
    """The exception as one that a test fails by: pytest would take an exit for its own end."""
    if not target.exits_fail or type(error) is not SystemExit:
        return error
    failure = AssertionError(f"sys.exit({error.code!r}) has left the harness")
    failure.__cause__ = error
    return failure


@contextmanager
def _world() -> Iterator[None]:
    """What a program changes of this process is as it was afterwards, as far as other tests depend on it."""
    names = (*STAND_INS, "__main__", "fuzzermod")
    modules = {name: sys.modules.get(name) for name in names}
    argv, path, stdin, leave = sys.argv[:], sys.path[:], sys.stdin, os._exit
    try:
        yield
    finally:
        sys.argv[:], sys.path[:], sys.stdin = argv, path, stdin
        posix._exit = os._exit = leave
        for name, module in modules.items():
            sys.modules.pop(name, None)
            if module is not None:
                sys.modules[name] = module
