"""`fuzztui doctor`."""

import sys
from typing import Annotated

import typer

from fuzztui.commands.arguments import (
    AllParametersOption,
    ByName,
    CacheOption,
    ExcludeOption,
    IncludeOption,
    MemoryOption,
    PythonOption,
    RaisesOption,
    StartupOption,
    absolute,
    chosen_options,
    parsed,
    patterns,
    words_for_program,
)
from fuzztui.commands.targets import FOLDER_GONE, interpreter_of, is_in_nothing, leading, locate, target_of
from fuzztui.engine.request.options import MOST_WORKERS, usable_cores
from fuzztui.engine.show.text import NOTHING
from fuzztui.plain.output import put
from fuzztui.target.errors import TargetNotFound
from fuzztui.words.units import parse_memory, parse_seconds


def doctor(
    context: typer.Context,
    target: Annotated[str | None, typer.Argument(metavar="[TARGET]", help="A target to load and look at, too.")] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "-j", "--workers", min=1, max=MOST_WORKERS, help="Of the run that is meant.  [default: one a core]"
        ),
    ] = None,
    startup_timeout: StartupOption = "60s",
    memory_limit: MemoryOption = "2G",
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
    all_parameters: AllParametersOption = False,
    raises: RaisesOption = None,
    python: PythonOption = None,
    cache_dir: CacheOption = None,
) -> None:
    """Tell what would go wrong in a run, before it does: interpreter, terminal, limits, folders, target."""
    from fuzztui.doctor.page import Page, Wanted, diagnose, json_page  # what looks at everything loads much

    fuzzed, not_found = None, NOTHING
    by_name = ByName(all_parameters, raises, python)
    if target is not None and is_in_nothing(target):
        not_found = FOLDER_GONE
    elif target is not None:
        try:
            info = locate(target, by_name)
            fuzzed = target_of(info, python)
        except TargetNotFound as error:
            not_found = leading(error, target, ("doctor",))
    page = Page(None if as_json else sys.stdout)
    diagnosis = diagnose(
        Wanted(
            target=fuzzed,
            not_found=not_found,
            cache_dir=absolute(cache_dir) if cache_dir is not None else None,
            workers=workers or usable_cores(),
            startup_timeout=parsed(parse_seconds, startup_timeout, "--startup-timeout"),
            memory_limit=parsed(parse_memory, memory_limit, "--memory-limit"),
            include=patterns(include, "--include"),
            exclude=patterns(exclude, "--exclude"),
            python=interpreter_of(python),
            chosen=chosen_options(context),
            arguments=words_for_program(context).words,
        ),
        page.add,
    )
    if as_json:
        put(sys.stdout, json_page(diagnosis))
    else:
        page.end(diagnosis)
    raise typer.Exit(diagnosis.exit_code)
