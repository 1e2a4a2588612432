"""`fuzztui export`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from fuzztui.commands.arguments import (
    AddressSpaceOption,
    AllParametersOption,
    BucketArgument,
    ByName,
    CacheOption,
    MemoryOption,
    PythonOption,
    RaisesOption,
    StartupOption,
    TargetArgument,
    TimeoutOption,
    absolute,
    limits_of,
    usage,
)
from fuzztui.commands.inputs import failing_input
from fuzztui.commands.targets import find_target, options_of
from fuzztui.engine.keep import places
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.exit_status import FAILED
from fuzztui.engine.show.text import label, os_error, say
from fuzztui.engine.triage.exporting import Limits, export_test
from fuzztui.plain.output import put
from fuzztui.target.errors import TargetNotFound
from fuzztui.target.forms import Form


def export(
    context: typer.Context,
    target: TargetArgument,
    bucket: BucketArgument,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Where the test goes.  [default: tests/test_fuzz_NAME.py]"),
    ] = None,
    timeout: TimeoutOption = "10s",
    startup_timeout: StartupOption = "60s",
    memory_limit: MemoryOption = "2G",
    address_space: AddressSpaceOption = "none",
    all_parameters: AllParametersOption = False,
    raises: RaisesOption = None,
    python: PythonOption = None,
    cache_dir: CacheOption = None,
) -> None:
    """Write a test for pytest that fails as a crasher does, and passes once that is mended."""
    options = options_of(
        find_target(target, "export", by_name=ByName(all_parameters, raises, python)),
        python,
        cache_dir,
        workers=1,
        **limits_of(context, timeout, startup_timeout, memory_limit, address_space),
    )
    if output is not None and output.suffix != ".py":
        usage(say("--output: {} does not end in .py, and pytest would not run it", output))
    assert isinstance(options.target, PythonTarget)
    failing = failing_input(bucket, options, "export")
    limits = Limits(options.timeout, options.memory_limit)
    place = absolute(output) if output is not None else None
    try:
        written = export_test(
            options.target, failing.failure, failing.data, limits, options.cache_dir, place, options.program_words[1:]
        )
    except TargetNotFound as error:
        usage(say("{}", error))
    except OSError as error:
        put(sys.stderr, say("fuzztui: {}", os_error(error)))
        raise typer.Exit(FAILED) from None
    for each in written.edited:
        put(sys.stderr, say("fuzztui: {} has been edited, and stays as it is", places.shown_path(each)))
    put(sys.stdout, say("{}", written.id) if written.is_new else say("{} (as it was)", written.id))
    if written.needs_fuzztui:
        is_program = options.target.form.is_program
        why = label("it runs a program for another fuzzer") if is_program else label("the target's set-up takes an F")
        if options.target.form is Form.NAMED:
            why = label("it makes the values of the types that are put together")
        put(sys.stderr, say("fuzztui: the test needs fuzztui where it runs, since {}", why))
