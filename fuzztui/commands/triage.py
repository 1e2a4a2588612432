"""`fuzztui triage`."""

import os
import sys

import typer

from fuzztui.commands.arguments import (
    AddressSpaceOption,
    AllParametersOption,
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
from fuzztui.commands.targets import find_target, options_of
from fuzztui.engine.show.text import label, say, visible
from fuzztui.engine.triaging import TriageSession
from fuzztui.plain.output import put
from fuzztui.terminal.showing import why_no_dashboard


def triage(
    context: typer.Context,
    target: TargetArgument,
    timeout: TimeoutOption = "10s",
    startup_timeout: StartupOption = "60s",
    memory_limit: MemoryOption = "2G",
    address_space: AddressSpaceOption = "none",
    all_parameters: AllParametersOption = False,
    raises: RaisesOption = None,
    python: PythonOption = None,
    cache_dir: CacheOption = None,
) -> None:
    """Open the dashboard on the crashers that earlier sessions left; nothing is fuzzed."""
    info = find_target(target, "triage", by_name=ByName(all_parameters, raises, python))
    if why_not := why_no_dashboard(os.environ, sys.stdin, sys.stdout, sys.stderr):
        usage(say("the dashboard is all that this command has: {}", why_not))
    limits = limits_of(context, timeout, startup_timeout, memory_limit, address_space)
    options = options_of(info, python, cache_dir, workers=1, **limits)
    from fuzztui.dashboard import run_dashboard

    session = TriageSession(options, tuple(kind for _, kind in info.parameters))
    snapshot = session.snapshot()
    if not snapshot.crashers:
        told = snapshot.warnings or [label("no crasher is known: `fuzztui run` looks for some")]
        for sentence in told:
            put(sys.stdout, say("{}: {}", visible(options.target.id), sentence))
        raise typer.Exit(0)
    raise typer.Exit(run_dashboard(session, options))
