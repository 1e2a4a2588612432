"""Runs programs that are written for Atheris."""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NoReturn

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.libfuzzer import COUNTERPARTS, WITHOUT_EFFECT, read_words
from fuzztui.target.load import LoadedTarget
from fuzztui.worker.atheris.module import NAMES, Setup, Surroundings, make
from fuzztui.worker.instrumentation.importer import InstrumentingFinder, forget_shadowed
from fuzztui.worker.programs.custom import CustomMutation
from fuzztui.worker.programs.running import Place, Program, Served, Wishes, put_on_path, seeds_in

__builtins__ = PRIVATE_BUILTINS

FUZZER: Final = "atheris.Fuzz"

_GIVEN: Final = "that the program itself gives to atheris.Setup"


def run(place: Place, arguments: Sequence[str], finder: InstrumentingFinder, served: Served) -> None:
    """Run a program until it ends, and have served what it gives to Atheris. HarnessError if that cannot be."""
    program = Program(place, finder, served, FUZZER)
    mutation = CustomMutation()

    def fuzz(setup: Setup) -> NoReturn:
        target = LoadedTarget(setup.callback, ("bytes",), [], (), None)
        target.exits_fail = True
        mutation.use(setup.mutator, setup.crossover)
        wishes = _wishes(setup, place, arguments)
        program.enter(target, wishes._replace(mutation=mutation))

    module = make(
        Surroundings(fuzz, lambda include, exclude: _instrumenting(finder, include, exclude), mutation.mutate)
    )
    for name in NAMES:
        sys.modules[name] = module
    forget_shadowed([place.root, *place.path, place.directory])
    put_on_path(place)
    program.execute(arguments)


def _instrumenting(finder: InstrumentingFinder, include: Iterable[str], exclude: Iterable[str]) -> Callable[[], None]:
    before = finder.wanted
    finder.wanted = before._replace(everything=True, only=frozenset(include), but=frozenset(exclude))

    def end() -> None:
        finder.wanted = before

    return end


def _wishes(setup: Setup, place: Place, arguments: Sequence[str]) -> Wishes:
    """What the program asks for of its own: what stands on the command line, the coordinator has heeded."""
    own = list(setup.words)
    for each in arguments:
        if each in own:
            own.remove(each)
    flags, paths = read_words(own)
    max_len = 0
    remarks = []
    for name, value in flags:
        if name == "max_len" and value.isdecimal():
            max_len = int(value)
        elif name in COUNTERPARTS:
            remarks.append(f"-{name}={value} {_GIVEN} is not heeded: give {COUNTERPARTS[name]} on the command line")
        elif name not in WITHOUT_EFFECT:
            remarks.append(f"-{name} {_GIVEN} means nothing here")
    return Wishes(max_len, seeds_in(paths, place.directory), tuple(remarks))
