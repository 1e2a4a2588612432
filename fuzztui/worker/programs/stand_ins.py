# Names as other fuzzers have them.

"""Runs programs for other fuzzers than Atheris, with modules of ours in the place of theirs."""

import io
import os
import posix
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any, Final, NoReturn

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import Uncallable
from fuzztui.target.forms import Form
from fuzztui.target.load import LoadedTarget
from fuzztui.worker.instrumentation.importer import InstrumentingFinder, forget_shadowed
from fuzztui.worker.programs.running import Place, Program, Served, Wishes, put_on_path, seeds_in

__builtins__ = PRIVATE_BUILTINS

INPUT_FILE: Final = "@@"
"""An argument that stands for the name of a file with the input, as AFL has it."""


def run(form: Form, place: Place, arguments: Sequence[str], finder: InstrumentingFinder, served: Served) -> None:
    """Run a program until it ends, and have served what it fuzzes. HarnessError if that cannot be."""
    runs = {Form.CPYTHON: _run_one, Form.AFL: _run_afl, Form.PYTHONFUZZ: _run_pythonfuzz}
    runs[form](place, arguments, finder, served)


def _bytes_target(function: Callable[[bytes], object]) -> LoadedTarget:
    return LoadedTarget(function, ("bytes",), [], (), None)


# A file that defines FuzzerRunOne -------------------------------------------------------------------------------------


def _run_one(place: Place, arguments: Sequence[str], finder: InstrumentingFinder, served: Served) -> None:
    program = Program(place, finder, served, "FuzzerRunOne")

    def define_and_enter() -> None:
        function = program.run_main("fuzzermod").get("FuzzerRunOne")
        if not callable(function):
            raise Uncallable(f"{place.file} defines no function FuzzerRunOne")
        target = _bytes_target(function)
        target.exits_fail = True
        program.enter(target)

    # Such files are called like the modules that they are for.
    put_on_path(place, first=False)
    program.execute(arguments, define_and_enter)


# A program that reads its standard input ------------------------------------------------------------------------------


class _Reached(BaseException):
    """The program has come to where it would read its first input."""


class _Left(BaseException):
    """The program wants to end at once, by `os._exit`: with AFL, that is the end of an input."""


class _Stdin:
    """A program for AFL: it is executed anew for each input, which it finds on its standard input, since only its own
    code knows where an input's work begins. Its modules stay loaded.
    """

    def __init__(self, program: Program, input_file: int | None) -> None:
        """`input_file`: descriptor of the file that it reads instead, if it does."""
        self._program = program
        self._input_file = input_file
        self._process = os.getpid()
        self._is_loading = True
        self.was_reached = False
        self._loops = 0

    def init(self, *_arguments: object, **_named: object) -> None:
        """`afl.init` and `afl.start`."""
        self.was_reached = True
        if self._is_loading:
            raise _Reached

    def loop(self, *_arguments: object, **_named: object) -> bool:
        """`afl.loop`: one input."""
        self.init()
        self._loops += 1
        return self._loops == 1

    def load(self) -> None:
        """Have the program do all that comes before its first input."""
        sys.stdin = _reading(b"")
        with suppress(_Reached):
            self._program.run_main()
        self._is_loading = False

    def run(self, data: bytes) -> None:
        """Execute the program with an input."""
        self._loops = 0
        self._process = os.getpid()  # which a copy has another of
        sys.stdin = _reading(data)
        if self._input_file is not None:
            os.ftruncate(self._input_file, 0)
            os.pwrite(self._input_file, data, 0)
        try:
            self._program.run_main()
        except (SystemExit, _Left):
            return

    def have_exits_return(self) -> None:
        """From now on `os._exit` ends an input; in a child it ends the child."""
        end = posix._exit

        def _exit(status: int) -> NoReturn:
            if os.getpid() == self._process:
                raise _Left
            end(status)

        posix._exit = os._exit = _exit
        # The target's module of that name may be another one.
        if "os" in sys.modules:
            sys.modules["os"]._exit = _exit  # type: ignore[attr-defined]


def _reading(data: bytes) -> io.TextIOWrapper:
    usual = sys.__stdin__
    errors = "strict" if usual is None else usual.errors
    return io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", errors=errors or "strict")


def _run_afl(place: Place, arguments: Sequence[str], finder: InstrumentingFinder, served: Served) -> None:
    program = Program(place, finder, served, "afl.init or afl.loop")
    input_file = os.memfd_create("input") if INPUT_FILE in arguments else None
    stdin = _Stdin(program, input_file)
    module = ModuleType("afl", "What programs for python-afl call, as fuzztui does it.")
    for name, value in {"init": stdin.init, "start": stdin.init, "loop": stdin.loop, "AflError": RuntimeError}.items():
        setattr(module, name, value)
    sys.modules["afl"] = module

    def load_and_enter() -> None:
        stdin.load()
        if not stdin.was_reached:
            return
        stdin.have_exits_return()
        program.enter(_bytes_target(stdin.run))

    _prepare(place)
    named = f"/proc/self/fd/{input_file}"
    program.execute([named if each == INPUT_FILE else each for each in arguments], load_and_enter)


# A function that @PythonFuzz decorates --------------------------------------------------------------------------------


def _run_pythonfuzz(place: Place, arguments: Sequence[str], finder: InstrumentingFinder, served: Served) -> None:
    program = Program(place, finder, served, "the function under @PythonFuzz")

    class PythonFuzz:
        """Decorates the function that takes inputs; to call what comes of that is to fuzz."""

        def __init__(self, func: Callable[[bytearray], object] | None = None, **options: Any) -> None:
            self._function = func
            self._options = options

        def __call__(self, *given: Any, **_named: Any) -> Any:
            function = self._function
            if function is None:  # `@PythonFuzz(dirs=...)`
                self._function = given[0]
            else:
                seeds = seeds_in(self._options.get("dirs") or (), place.directory)
                program.enter(_bytes_target(lambda data: function(bytearray(data))), Wishes(seeds=seeds))
            return self

    package, main = ModuleType("pythonfuzz"), ModuleType("pythonfuzz.main")
    for module in (package, main):
        module.PythonFuzz = PythonFuzz  # type: ignore[attr-defined]
        sys.modules[module.__name__] = module
    package.main = main  # type: ignore[attr-defined]
    package.__path__ = []
    _prepare(place)
    program.execute(arguments)


def _prepare(place: Place) -> None:
    forget_shadowed([place.root, *place.path, place.directory])
    put_on_path(place)
