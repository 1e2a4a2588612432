"""Arguments and options that several commands take, and how their values are read."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple, NoReturn, TypeVar

import typer

from fuzztui.commands.program_words import NO_WORDS, ProgramWords
from fuzztui.engine.keep import places
from fuzztui.engine.request.options import MOST_WORKERS
from fuzztui.engine.show.exit_status import USAGE
from fuzztui.engine.show.text import Visible, label, os_error, say
from fuzztui.plain.output import put
from fuzztui.words.units import parse_memory, parse_seconds

T = TypeVar("T")


TargetArgument = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help="`path/to/file.py::name`, the file alone, or any function: `package.module:f`.",
    ),
]


BucketArgument = Annotated[
    str,
    typer.Argument(metavar="BUCKET", help="The first digits of a crasher's bucket, or of a stored input's name."),
]


TimeoutOption = Annotated[
    str, typer.Option("--timeout", metavar="TIME", help="The longest that one execution may take.")
]


MemoryOption = Annotated[
    str, typer.Option("--memory-limit", metavar="SIZE", help="Memory that one worker may have in use, or `none`.")
]


AddressSpaceOption = Annotated[
    str,
    typer.Option(
        "--address-space", metavar="SIZE", help="What one worker may map, used or not: beyond that is MemoryError."
    ),
]


StartupOption = Annotated[
    str,
    typer.Option("--startup-timeout", metavar="TIME", help="The longest that a worker may take to load the target."),
]


WorkersOption = Annotated[int, typer.Option("-j", "--workers", min=1, max=MOST_WORKERS, help="Worker processes.")]


IncludeOption = Annotated[
    list[str] | None, typer.Option("--include", metavar="MODULE", help="Instrument this module too; repeatable.")
]


ExcludeOption = Annotated[
    list[str] | None, typer.Option("--exclude", metavar="MODULE", help="Do not instrument it; repeatable.")
]


JsonOption = Annotated[bool, typer.Option("--json", help="JSON Lines on stdout.")]


CacheOption = Annotated[
    Path | None,
    typer.Option("--cache-dir", metavar="DIR", help="Generated corpus, crash records.  [default: PROJECT/.fuzztui]"),
]


PythonOption = Annotated[
    str | None,
    typer.Option("--python", metavar="PATH", help="The interpreter of the workers.  [default: the one that runs this]"),
]


def words_for_program(context: typer.Context) -> ProgramWords:
    """What stands behind `--`, if a program for another fuzzer is named."""
    found: ProgramWords = context.find_root().obj or NO_WORDS
    return found


def chosen_options(context: typer.Context) -> frozenset[str]:
    """Names of a command's parameters that were typed."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return frozenset(name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE")


AllParametersOption = Annotated[
    bool, typer.Option("--all-parameters", help="Of a function by its name: give it those with defaults, too.")
]


RaisesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--raises",
        metavar="EXCEPTION",
        help="Of a function by its name: it may raise this, or what its `docstring` says.",
    ),
]


class ByName(NamedTuple):
    """What is said of a function that is named as `package.module:function`."""

    all_parameters: bool = False
    raises: Sequence[str] | None = None
    python: str | None = None
    """The interpreter that imports it, if one is named."""


NOT_SAID: Final = ByName()


def parsed(parse: Callable[[str], T], value: str, option: str) -> T:
    try:
        return parse(value)
    except ValueError as error:
        usage(say("{}: {}", option, error))


def limits_of(
    context: typer.Context, timeout: str, startup_timeout: str, memory_limit: str, address_space: str
) -> dict[str, Any]:
    """The fields of `RunOptions` that bound what a worker may take, which every command with workers has; which of all
    options were typed; and what is said to a program for another fuzzer.
    """
    return {
        "arguments": words_for_program(context).words,
        "chosen": chosen_options(context),
        "timeout": parsed(parse_seconds, timeout, "--timeout"),
        "startup_timeout": parsed(parse_seconds, startup_timeout, "--startup-timeout"),
        "memory_limit": parsed(parse_memory, memory_limit, "--memory-limit"),
        "address_space": parsed(parse_memory, address_space, "--address-space"),
    }


def patterns(patterns: list[str] | None, option: str) -> tuple[str, ...]:
    """Patterns of modules' names; a name is text, so bytes that are none cannot be sent to a worker."""
    for pattern in patterns or ():
        if any("\ud800" <= character <= "\udfff" for character in pattern):
            usage(say("{}: '{}' is no module's name, want one like json or json.*", option, pattern))
    return tuple(patterns or ())


def check_cache_dir(folder: Path) -> None:
    """Make the folder that was asked for: what keeps it from being one is better said before the run than in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        # A file in its place or above it is the usual reason, and is said in one way.
        reason = label("is a file") if os.path.isfile(folder) else os_error(error, "")  # noqa: PTH113
        usage(say("--cache-dir: {} cannot be made a folder: {}", folder, reason))
    if not os.access(folder, os.W_OK | os.X_OK):
        usage(say("--cache-dir: {} cannot be written to", folder))


def absolute(path: Path) -> Path:
    return Path(places.current_directory()) / path


def usage(message: Visible) -> NoReturn:
    put(sys.stderr, say("fuzztui: {}", message))
    raise typer.Exit(USAGE)
