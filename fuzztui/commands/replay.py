"""`fuzztui replay`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

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
    limits_of,
    usage,
)
from fuzztui.commands.inputs import given_inputs, run_job, seed_index
from fuzztui.commands.targets import find_target, options_of
from fuzztui.engine.request.task import Replay
from fuzztui.engine.show.events import InputRan, Told
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.text import NOTHING, Visible, joined, os_error, say
from fuzztui.plain.lines import input_lines

MOST_TIMES: Final = 100_000


def replay(
    context: typer.Context,
    target: TargetArgument,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="Inputs, folders of them, first digits of names of stored ones, or seeds of the target's: 'seed 2'.",
        ),
    ],
    timeout: TimeoutOption = "10s",
    startup_timeout: StartupOption = "60s",
    memory_limit: MemoryOption = "2G",
    address_space: AddressSpaceOption = "none",
    times: Annotated[
        int,
        typer.Option("--times", metavar="N", min=1, max=MOST_TIMES, help="Runs of each, to see how steadily it fails."),
    ] = 1,
    as_json: JsonOption = False,
    all_parameters: AllParametersOption = False,
    raises: RaisesOption = None,
    python: PythonOption = None,
    cache_dir: CacheOption = None,
) -> None:
    """Run stored inputs, once each, in a worker: PASS, FAIL with the traceback, or MALFORMED if it is no input."""
    info = find_target(target, "replay", by_name=ByName(all_parameters, raises, python))
    options = options_of(
        info,
        python,
        cache_dir,
        workers=1,
        **limits_of(context, timeout, startup_timeout, memory_limit, address_space),
    )
    indices = {each: seed_index(str(each)) for each in files if not each.exists()}
    seeds = tuple(dict.fromkeys(index for index in indices.values() if index is not None))
    paths = [each for each in files if indices.get(each) is None]
    try:
        inputs = tuple(each for path in paths for each in given_inputs(path, options))
    except OSError as error:
        usage(os_error(error))
    ran = set[str]()

    def note(event: Told) -> Visible:
        if isinstance(event, InputRan):
            ran.add(event.result.name)
        return NOTHING

    outcome = run_job(replace(options, task=Replay(inputs, times, seeds)), as_json, note, input_lines)
    missing = [name for index in seeds if (name := say("seed {}", index + 1)) not in ran]
    if missing and outcome.reason is StopReason.DONE:
        usage(say("{} declares no {}", options.target.id, joined(", ", missing)))
    raise typer.Exit(outcome.exit_code)
