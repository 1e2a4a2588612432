# Not pathlib: each start of a worker would pay for loading it.
# ruff: noqa: PTH112, PTH113, PTH118, PTH119, PTH120, PTH123

"""Runs files that were written for other fuzzers, as they are: whole programs that call their fuzzer.

Such a program is executed as `__main__`, with a module of ours in the place of its fuzzer's. Where it calls that, the
coordinator is served, within the call: what the program has opened around it, in `with` or `try`, lasts as long as the
fuzzing does. When the coordinator has no more calls the program goes on as under its own fuzzer, by SystemExit.
"""

import builtins
import os
import sys
from _thread import get_ident
from collections.abc import Callable, Sequence
from types import CodeType, ModuleType
from typing import Any, Final, NamedTuple, NoReturn

from fuzztui.protocol.messages import MOST_SEEDS, Remark
from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import CleanupFailed, HarnessError, LoadFailed, Uncallable, UserCodeFailed
from fuzztui.target.imports import imports_of
from fuzztui.target.load import LoadedTarget, reported
from fuzztui.target.tracebacks import place_of, user_traceback
from fuzztui.worker.failures.failure import PythonCrash
from fuzztui.worker.failures.texts import encodable
from fuzztui.worker.instrumentation.importer import InstrumentingFinder
from fuzztui.worker.programs.custom import CustomMutation
from fuzztui.worker.programs.processes import MODULE as PROCESSES
from fuzztui.worker.programs.processes import StartedProcesses
from fuzztui.worker.reports import Crash, Reports

__builtins__ = PRIVATE_BUILTINS

LARGEST_SEED: Final = 1 << 26
"""Bytes of a file that a program names as a seed."""

MOST_CHARACTERS: Final = 500
"""Of a remark."""

_MAY_BE_RELATIVE: Final = b"from ."

_SENTENCE: Final = 300
"""Characters of an exception's line that go into a sentence."""


class Place(NamedTuple):
    """Where a program lies, and from where it is started."""

    file: str
    source: bytes
    directory: str
    """The working directory, importable."""
    path: tuple[str, ...] = ()
    """Further folders to import from, as the project's settings have them."""
    target: str = ""
    """The test in the file that is meant, where there may be several."""

    @property
    def stem(self) -> str:
        """The file's name without its suffix: what the program is called."""
        return os.path.basename(self.file).rpartition(".")[0]

    @property
    def package(self) -> str:
        """The package that it imports from by leading dots, so that it has to be run as `python -m` does; empty if it
        does not.
        """
        levels = [each.level for each in imports_of(self.source)] if _MAY_BE_RELATIVE in self.source else []
        deepest = max(levels, default=0)
        if not deepest:
            return ""
        folder = os.path.dirname(self.file)
        parts: list[str] = []
        while len(parts) < deepest or os.path.isfile(os.path.join(folder, "__init__.py")):
            folder, name = os.path.split(folder)
            if not name:
                break
            parts.append(name)
        return ".".join(reversed(parts))

    @property
    def root(self) -> str:
        """The folder that its own modules are imported from: where it lies, or where its package lies."""
        folder = os.path.dirname(self.file)
        for _ in filter(None, self.package.split(".")):
            folder = os.path.dirname(folder)
        return folder


class Wishes(NamedTuple):
    """What a program asks of its fuzzer."""

    max_len: int = 0
    """Bytes of an input that is made; 0 where it does not say."""
    seeds: tuple[bytes, ...] = ()
    remarks: tuple[str, ...] = ()
    """Sentences about what it asks for in vain."""
    mutation: CustomMutation | None = None
    """What it makes inputs with, if it brings that along."""


NO_WISHES: Final = Wishes()

Served = Callable[[LoadedTarget, Wishes], None]
"""Has a target served until there are no more calls."""


class Program:
    """One program, and how far it has come."""

    def __init__(self, place: Place, finder: InstrumentingFinder, served: Served, fuzzer: str) -> None:
        """`fuzzer`: the call by which the program starts its fuzzer, as people write it."""
        self.place: Final = place
        self.finder: Final = finder
        self._served = served
        self._fuzzer = fuzzer
        self._process = os.getpid()
        self._thread = get_ident()
        self._is_entered = False
        self._failure: BaseException | None = None
        """What has ended the serving, which is nothing of the program's to handle."""
        self._main = sys.modules["__main__"]  # its functions live as long as this
        self._processes = StartedProcesses()

    def execute(self, arguments: Sequence[str], run: Callable[[], object] | None = None) -> None:
        """Run the program to its end, by `run` if that is not simply to execute it. HarnessError where it fails or ends
        without having called its fuzzer, and whatever the serving has raised.
        """
        sys.argv[:] = [self.place.file, *arguments]
        if self.finder.sources is not None:
            self.finder.sources.read(self.place.stem, self.place.file, lambda _path: self.place.source)
        self.finder.after[PROCESSES] = self._processes.watch
        if self.finder in sys.meta_path and PROCESSES in sys.modules:
            self._processes.watch(sys.modules[PROCESSES])
        end: BaseException | None = None
        try:
            (run or self.run_main)()
            self._processes.wait()
        except BaseException as error:  # `sys.exit()` is the usual one
            end = error
        if self._failure is not None:
            raise self._failure
        if not self._is_entered:
            raise self._why_unentered(end)
        if end is not None and type(end) is not SystemExit:
            text, last = user_traceback(end)
            place = place_of(end)
            sentence = f"{place or self.place.file}: {last[:_SENTENCE]} was raised after {self._fuzzer} had ended"
            raise CleanupFailed(sentence, text, place, last)

    def run_main(self, name: str = "__main__") -> dict[str, Any]:
        """Execute the file once as the module of this name; what it has defined then."""
        file, source = self.place.file, self.place.source
        main = ModuleType(name)
        namespace = vars(main)
        namespace.update(__file__=file, __builtins__=builtins)
        if package := self.place.package:
            namespace["__package__"] = package
        sys.modules[name] = main
        code = self.code()
        if code is None:
            code = compile(source, file, "exec", dont_inherit=True)
        else:
            vars(builtins).update(self.finder.probes.names())
            self.finder.probes.attach(self.place.stem, namespace)
        exec(code, namespace)
        return namespace

    def code(self) -> CodeType | None:
        """The program with probes; None if it can have none, or is to have none."""
        if self.finder.wanted.excludes(self.place.stem):
            return None
        return self.finder.code(self.place.stem, self.place.file, self.place.source)

    def enter(self, target: LoadedTarget, wishes: Wishes = NO_WISHES) -> NoReturn:
        """The program calls its fuzzer: serve the coordinator, then have the program end."""
        if os.getpid() != self._process:
            self._processes.tell()  # a child cannot be the worker
            raise SystemExit(0)
        self._processes.end()
        if get_ident() != self._thread:
            self._failure = Uncallable(
                f"{self.place.file}: {self._fuzzer} is called in a thread, want it in the main one"
            )
        elif not self._is_entered:
            self._is_entered = True
            target.program = self.place.file
            try:
                self._served(target, wishes)
            except BaseException as error:  # the program around must not take it for a failure of its own
                self._failure = error
        raise SystemExit(0)

    def _why_unentered(self, end: BaseException | None) -> HarnessError:
        """Why the program has not come to call its fuzzer; `end`: the exception that it has ended by, if any."""
        file = self.place.file
        if end is None:
            return Uncallable(f"{file} ended without calling {self._fuzzer}, so there is nothing to fuzz")
        if isinstance(end, HarnessError):
            return end
        if type(end) is ModuleNotFoundError:
            try:
                with reported(f"running {file}", LoadFailed, file):
                    raise end
            except HarnessError as error:
                return error
        text, last = user_traceback(end)
        place = place_of(end)
        what = f"the program raised {last[:_SENTENCE]} before it called {self._fuzzer}"
        return LoadFailed(f"{place or file}: {what}", text, place, last[:_SENTENCE])


def put_on_path(place: Place, *, first: bool = True) -> None:
    """Have modules imported from where the program lies, as the interpreter does for a script, and from the project.

    Where that is not to come `first`, it comes after all that is installed.
    """
    folder = place.root
    path = [*place.path, place.directory]
    sys.path[:] = [*dict.fromkeys([folder, *path, *sys.path] if first else [*sys.path, *path, folder])]
    for each in (folder, *path):
        sys.path_importer_cache.pop(each, None)


def seeds_in(paths: Sequence[str], directory: str) -> tuple[bytes, ...]:
    """The content of files, and of all files in folders, as libFuzzer reads them. What cannot be read is left out."""
    found: list[bytes] = []
    for path in paths:
        path = os.path.join(directory, path)
        files = [path]
        if os.path.isdir(path):
            files = sorted(os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)
        for file in files[: MOST_SEEDS - len(found)]:
            try:
                with open(file, "rb") as stream:
                    content = stream.read(LARGEST_SEED + 1)
            except OSError:
                continue
            if len(content) <= LARGEST_SEED:
                found.append(content)
    return tuple(found)


def blame_program(crash: Crash, program: str, reports: Reports) -> None:
    """The first input of a process, which is empty, has failed: every fuzzer begins with that one, so a program that
    cannot take it has found nothing.

    HarnessError if the program's own code raised. What it calls may be to blame for anything else: that is a crasher,
    with a remark.
    """
    place = crash.place if isinstance(crash, PythonCrash) else ""
    failure = crash.describe()
    sentence = f"{failure.type}: {failure.message[:_SENTENCE]}" if failure.message else failure.type
    if place.rpartition(":")[0] == program:
        raise UserCodeFailed(
            f"{place}: the harness itself fails on the empty input, with which all fuzzing begins: {sentence}",
            failure.traceback,
            place,
            sentence,
        )
    what = "the empty input fails, with which all fuzzing begins: the harness may have to handle that"
    reports.note_module(Remark(encodable(f"{what} ({sentence})"[:MOST_CHARACTERS])))
