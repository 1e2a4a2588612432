"""Which Python runs here and in the workers."""

import os
import platform
import shutil
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fuzztui.doctor.check import Examination, Finding, Status, note, ok, problem
from fuzztui.engine.show.text import joined, label, say, visible

AREA: Final = "interpreter"

OLDEST: Final = (3, 11)
NEWEST: Final = (3, 13)
"""The newest version that the tests run under: probes of others may not be known well enough to be left out again."""

SPOILING: Final = ("importtime", "tracemalloc", "showrefcount", "dev")
"""Values of `-X` that make every execution slower, or print."""

MEDDLING: Final = ("LD_PRELOAD", "PYTHONHOME", "PYTHONPROFILEIMPORTTIME", "PYTHONTRACEMALLOC", "PYTHONMALLOC")
"""Variables of the environment that change what a worker is; workers inherit them."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What is known of the Python that runs this."""

    implementation: str
    version: tuple[int, int, int]
    full_version: str
    executable: str
    is_debug: bool
    is_free_threaded: bool
    is_64_bit: bool


def read_interpreter() -> Interpreter:
    """The one that runs now."""
    return Interpreter(
        implementation=platform.python_implementation(),
        version=(sys.version_info.major, sys.version_info.minor, sys.version_info.micro),
        full_version=platform.python_version(),
        executable=sys.executable,
        is_debug=hasattr(sys, "gettotalrefcount"),
        is_free_threaded=bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        is_64_bit=sys.maxsize > 2**32,
    )


def python(one: Interpreter) -> Finding:
    """Whether workers can do their work under this Python, and well."""
    builds = [(one.is_debug, label("debug build")), (one.is_free_threaded, label("free-threaded build"))]
    words = [say("{} {}", one.implementation, one.full_version), *(each for is_one, each in builds if is_one)]
    value = joined(", ", words)
    tested = f"CPython {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}"
    if one.implementation != "CPython" or one.version[:2] < OLDEST:
        return problem(value, say("Run fuzztui with {}: its probes are made for that.", tested))
    if not one.is_64_bit:
        return problem(value, say("Run fuzztui with {} of 64 bits: its shared memory counts in such words.", tested))
    if one.is_free_threaded:
        return note(value, say("fuzztui is tested under {} with a GIL: take that if coverage looks wrong.", tested))
    if one.version[:2] > NEWEST:
        return note(
            value, say("fuzztui is tested under {}: probes may stay in the code here, which costs speed.", tested)
        )
    if one.is_debug:
        return note(value, label("Fuzz with a release build, unless you need this one: it is several times slower."))
    return Finding(Status.OK, value)


def workers(command: Sequence[str], found: str | None) -> Finding:
    """What workers are started as; `found`: the executable's real path, None if it cannot be run."""
    executable, *options = command[:-1]
    flags = [each for each in options if each != "-P"]
    value = joined(" ", [visible(executable) or label("(no executable)"), *map(visible, flags)])
    if found is None:
        return problem(
            value, label("Start fuzztui with an interpreter that is there and may be executed: workers are.")
        )
    optimized = [each for each in flags if each.startswith("-O")]
    if optimized:
        return note(
            value, label("With -O the target's assert statements do not run: leave that out to have them fail.")
        )
    slow = [each for each in flags if each.partition("=")[0] in SPOILING]
    if slow:
        return note(
            value, say("Workers run with -X {}, too: leave that out, it costs speed.", joined(", ", map(visible, slow)))
        )
    errors = [each for each in flags if each.startswith("-Werror")]
    if errors:
        return note(value, label("Warnings are errors in the workers, too: each that a target causes is a crasher."))
    return Finding(Status.OK, value)


def environment(variables: Mapping[str, str]) -> Finding:
    """Whether the environment changes what a worker is."""
    meddling = [name for name in MEDDLING if variables.get(name)]
    if not meddling:
        return ok("nothing that meddles with workers")
    named = joined(", ", (say("{}={}", name, variables[name]) for name in meddling))
    return note(
        named, label("Workers inherit this, and a run is then another than without it: unset what is not wanted.")
    )


def examinations(command: Sequence[str]) -> list[Examination]:
    """`command`: program and arguments of a worker."""
    return [
        Examination(AREA, "python", lambda: python(read_interpreter())),
        Examination(AREA, "workers", lambda: workers(command, shutil.which(command[0]) if command[0] else None)),
        Examination(AREA, "environment", lambda: environment(os.environ)),
    ]
