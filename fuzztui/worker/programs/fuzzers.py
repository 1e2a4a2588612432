"""Which fuzzer a program is written for, and what runs it."""

import os
import sys
from ast import Attribute, Name, PyCF_ONLY_AST, walk
from collections.abc import Sequence
from typing import Final, assert_never

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.errors import Uncallable
from fuzztui.target.forms import Form
from fuzztui.target.imports import quietly
from fuzztui.worker.instrumentation.importer import InstrumentingFinder, Selection
from fuzztui.worker.programs.running import Place, Served

__builtins__ = PRIVATE_BUILTINS

STAND_INS: Final = frozenset({"atheris", "atheris_no_libfuzzer", "afl", "pythonfuzz", "pythonfuzz.main"})
"""Modules in whose place ours are."""

UNSAID: Final = STAND_INS | {"sys"}
"""Modules that programs import to have themselves fuzzed, each `sys` for its arguments: nobody wants them covered."""

HOSTS: Final = frozenset({"unittest", "asyncio", "anyio", "pygments", "py", "_pytest", "exceptiongroup", "execnet"})
"""Packages that run property tests, or print how that goes."""

NEEDED: Final = frozenset({"attr", "attrs"})
"""Packages that older versions of Hypothesis need: what is loaded for these alone runs the test, too."""

DECODER: Final = b"fuzz_one_input"
"""Of a property test, by which a program has Hypothesis draw from an input: how it draws is all that guides there where
what is tested is compiled."""

_ALL: Final = "instrument_all"


def run(form: Form, place: Place, arguments: Sequence[str], finder: InstrumentingFinder, served: Served) -> None:
    """Run a program until it ends, and have served what it fuzzes. HarnessError if that cannot be."""
    match form:
        case Form.ATHERIS:
            from fuzztui.worker.atheris.running import run as run_atheris

            run_atheris(place, arguments, finder, served)
        case Form.CPYTHON | Form.AFL | Form.PYTHONFUZZ:
            from fuzztui.worker.programs.stand_ins import run as run_with_stand_in

            run_with_stand_in(form, place, arguments, finder, served)
        case Form.HOSTED:
            host(place, finder, served)
        case Form.NAME | Form.DECORATOR | Form.SETUP | Form.PROPERTY | Form.NAMED:
            raise AssertionError(f"{form} is no program")
        case _:
            assert_never(form)


def host(place: Place, finder: InstrumentingFinder, served: Served) -> None:
    """Run a property test within pytest; see `run`."""
    require("hypothesis", place)
    require("pytest", place)
    from fuzztui.worker.hypothesis.hosting import run as run_hosted

    run_hosted(place.target, place, finder, served)


def require(package: str, place: Place) -> None:
    """HarnessError if the package, which a property test needs, is not installed."""
    if not any(os.path.exists(f"{folder}/{package}") for folder in sys.path):  # noqa: PTH110 - pathlib takes long to load
        install = "fuzztui[hypothesis]" if package == "hypothesis" else package
        raise Uncallable(
            f"{place.file}: {place.target} needs {package}, which is not installed for {sys.executable}: "
            f"type {sys.executable} -m pip install '{install}'"
        )


def adjusted(form: Form, wanted: Selection, source: bytes) -> Selection:
    """What is instrumented for a program of this form with this source: all that it imports, too, if it asks for that
    anywhere. When it does, most of it has been loaded.
    """
    if form is Form.HOSTED:
        return wanted._replace(aside=HOSTS | (NEEDED - wanted.packages))
    if DECODER in source:
        wanted = wanted._replace(decoding=frozenset({"hypothesis"}))
    if _ALL.encode() not in source:
        return wanted
    try:
        tree = quietly(compile, source, "<target>", "exec", PyCF_ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return wanted  # running it tells
    asks = any(
        (isinstance(node, Attribute) and node.attr == _ALL) or (isinstance(node, Name) and node.id == _ALL)
        for node in walk(tree)
    )
    return wanted._replace(everything=True) if asks else wanted
