"""`fuzztui minimize`."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from fuzztui.commands.arguments import (
    AddressSpaceOption,
    AllParametersOption,
    ByName,
    CacheOption,
    JsonOption,
    MemoryOption,
    PythonOption,
    RaisesOption,
    StartupOption,
    TargetArgument,
    TimeoutOption,
    WorkersOption,
    limits_of,
    parsed,
    usage,
)
from fuzztui.commands.inputs import failing_input, input_path, run_job, seed_index
from fuzztui.commands.targets import find_target, options_of
from fuzztui.engine.keep.corpus import LONGEST
from fuzztui.engine.keep.storage import read_file
from fuzztui.engine.request.task import MinimizeInput
from fuzztui.engine.show.events import InputMinimized, Told
from fuzztui.engine.show.exit_status import USAGE
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.text import NOTHING, Visible, os_error
from fuzztui.plain.lines import crasher_lines, minimized_lines
from fuzztui.plain.output import encoding_of
from fuzztui.words.units import parse_limit


def minimize(
    context: typer.Context,
    target: TargetArgument,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A stored input that fails, or the first digits of its name, or a seed of the target's: 'seed 2'.",
        ),
    ],
    minimize_time: Annotated[
        str, typer.Option("-t", "--minimize-time", metavar="LIMIT", help="When to stop: 30s, 10m, or 10000x.")
    ] = "60s",
    workers: WorkersOption = 1,
    timeout: TimeoutOption = "10s",
    startup_timeout: StartupOption = "60s",
    memory_limit: MemoryOption = "2G",
    address_space: AddressSpaceOption = "none",
    as_json: JsonOption = False,
    all_parameters: AllParametersOption = False,
    raises: RaisesOption = None,
    python: PythonOption = None,
    cache_dir: CacheOption = None,
) -> None:
    """Look for the smallest and plainest input that fails in the same way, and store it beside the target."""
    options = options_of(
        find_target(target, "minimize", by_name=ByName(all_parameters, raises, python)),
        python,
        cache_dir,
        workers=workers,
        limit=parsed(parse_limit, minimize_time, "--minimize-time"),
        **limits_of(context, timeout, startup_timeout, memory_limit, address_space),
    )
    if not file.exists() and seed_index(str(file)) is not None:
        seed = failing_input(str(file), replace(options, workers=1), "minimize")
        name, data = str(seed.name), seed.data
    else:
        name = str(path := input_path(file, options))
        try:
            data = read_file(path, LONGEST)
        except OSError as error:
            usage(os_error(error))
    options = replace(options, task=MinimizeInput(name, data))
    found: list[InputMinimized] = []

    def note(event: Told) -> Visible:
        found.extend([event] if isinstance(event, InputMinimized) else [])
        return NOTHING

    encoding = encoding_of(sys.stdout)
    outcome = run_job(options, as_json, note, crasher_lines(encoding), minimized_lines(encoding))
    if outcome.reason is StopReason.BAD_CORPUS:
        raise typer.Exit(USAGE)
    passes = any(event.minimized.failure is None for event in found) and outcome.reason is StopReason.DONE
    raise typer.Exit(USAGE if passes and not outcome.exit_code else outcome.exit_code)
