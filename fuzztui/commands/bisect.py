"""`fuzztui bisect`."""

import sys
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
    limits_of,
    usage,
)
from fuzztui.commands.inputs import failing_input
from fuzztui.commands.targets import find_target, options_of
from fuzztui.engine.show.exit_status import FAILED
from fuzztui.engine.show.text import say
from fuzztui.plain.output import put
from fuzztui.signals import exit_status


def bisect(
    context: typer.Context,
    target: TargetArgument,
    bucket: BucketArgument,
    good: Annotated[
        str | None, typer.Option("--good", metavar="REV", help="A commit without the bug.  [default: looks for one]")
    ] = None,
    bad: Annotated[str, typer.Option("--bad", metavar="REV", help="A commit with it.")] = "HEAD",
    timeout: TimeoutOption = "10s",
    startup_timeout: StartupOption = "60s",
    memory_limit: MemoryOption = "2G",
    address_space: AddressSpaceOption = "none",
    all_parameters: AllParametersOption = False,
    raises: RaisesOption = None,
    python: PythonOption = None,
    cache_dir: CacheOption = None,
) -> None:
    """Find the commit since which a crasher's input fails so: git bisect, in a worktree of its own."""
    from fuzztui.outside.bisect import CannotBisectError, WrongRevisionError, bisect, question
    from fuzztui.outside.processes import StoppedError

    options = options_of(
        find_target(target, "bisect", by_name=ByName(all_parameters, raises, python)),
        python,
        cache_dir,
        workers=1,
        **limits_of(context, timeout, startup_timeout, memory_limit, address_space),
    )
    failing = failing_input(bucket, options, "bisect")
    asked = question(options, failing.data, failing.failure, good or "", bad)
    try:
        found = bisect(asked, lambda line: put(sys.stderr, say("fuzztui: {}", line)))
    except WrongRevisionError as error:
        usage(error.sentence)
    except CannotBisectError as error:
        put(sys.stderr, say("fuzztui: {}", error.sentence))
        raise typer.Exit(FAILED) from None
    except StoppedError as error:
        raise typer.Exit(exit_status(error.number)) from None
    put(sys.stdout, say("first bad commit: {}", found.commit))
    put(sys.stdout, say("    {} by {} on {}", found.subject, found.author, found.date))
