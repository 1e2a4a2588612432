"""`fuzztui corpus`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from fuzztui.commands.arguments import (
    AddressSpaceOption,
    AllParametersOption,
    ByName,
    CacheOption,
    ExcludeOption,
    IncludeOption,
    JsonOption,
    MemoryOption,
    PythonOption,
    RaisesOption,
    StartupOption,
    TargetArgument,
    TimeoutOption,
    WorkersOption,
    absolute,
    limits_of,
    patterns,
    usage,
)
from fuzztui.commands.inputs import run_job
from fuzztui.commands.targets import find_target, options_of
from fuzztui.engine.keep.seeds import is_archive
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.request.task import ExportCorpus, ImportCorpus, MinimizeCorpus
from fuzztui.engine.show.events import CorpusChanged, CorpusExported, Told
from fuzztui.engine.show.text import NOTHING, Visible, say
from fuzztui.plain.lines import change_lines, crasher_lines, export_lines
from fuzztui.plain.output import encoding_of


def minimize_corpus(
    context: typer.Context,
    target: TargetArgument,
    workers: WorkersOption = 1,
    timeout: TimeoutOption = "10s",
    startup_timeout: StartupOption = "60s",
    memory_limit: MemoryOption = "2G",
    address_space: AddressSpaceOption = "none",
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    as_json: JsonOption = False,
    all_parameters: AllParametersOption = False,
    raises: RaisesOption = None,
    python: PythonOption = None,
    cache_dir: CacheOption = None,
) -> None:
    """Remove generated inputs whose coverage seeds, stored inputs and smaller ones have too."""
    options = options_of(
        find_target(target, "corpus", "minimize", by_name=ByName(all_parameters, raises, python)),
        python,
        cache_dir,
        workers=workers,
        task=MinimizeCorpus(),
        **limits_of(context, timeout, startup_timeout, memory_limit, address_space),
        include=patterns(include, "--include"),
        exclude=patterns(exclude, "--exclude"),
    )
    raise typer.Exit(
        run_job(options, as_json, crasher_lines(encoding_of(sys.stdout)), change_lines("kept", "removed")).exit_code
    )


def import_corpus(
    context: typer.Context,
    target: TargetArgument,
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="Inputs of any fuzzer, a file each, no subfolders; or a .zip of them."),
    ],
    workers: WorkersOption = 1,
    timeout: TimeoutOption = "10s",
    startup_timeout: StartupOption = "60s",
    memory_limit: MemoryOption = "2G",
    address_space: AddressSpaceOption = "none",
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    as_json: JsonOption = False,
    all_parameters: AllParametersOption = False,
    raises: RaisesOption = None,
    python: PythonOption = None,
    cache_dir: CacheOption = None,
) -> None:
    """Add those inputs of a folder, or of a zip archive, to the generated corpus that cover something new."""
    if not (os.path.isdir(folder) or is_archive(folder)):  # noqa: PTH112 - also for what may not be looked at
        usage(say("{} is no folder and no zip archive", folder))
    options = options_of(
        find_target(target, "corpus", "import", by_name=ByName(all_parameters, raises, python)),
        python,
        cache_dir,
        workers=workers,
        task=ImportCorpus(absolute(folder)),
        **limits_of(context, timeout, startup_timeout, memory_limit, address_space),
        include=patterns(include, "--include"),
        exclude=patterns(exclude, "--exclude"),
    )
    change_of = change_lines("taken in", "cover nothing new")
    without_inputs: list[CorpusChanged] = []

    def taken_in(event: Told) -> Visible:
        if isinstance(event, CorpusChanged):
            change = event.change
            if not change.kept and not change.dropped:
                without_inputs.append(event)
                return NOTHING  # of a folder that was named by mistake there is nothing to count
        return change_of(event)

    outcome = run_job(options, as_json, crasher_lines(encoding_of(sys.stdout)), taken_in)
    if outcome.exit_code == 0 and without_inputs:
        usage(say("{} holds no input of this target", folder))
    raise typer.Exit(outcome.exit_code)


def export_corpus(
    context: typer.Context,
    target: TargetArgument,
    examples: Annotated[
        bool, typer.Option("--examples", help="Print them as @example(...) lines, to be pasted; nothing is written.")
    ] = False,
    most: Annotated[int, typer.Option("--most", min=1, max=100_000, metavar="N", help="Inputs at most.")] = 100,
    workers: WorkersOption = 1,
    timeout: TimeoutOption = "10s",
    startup_timeout: StartupOption = "60s",
    memory_limit: MemoryOption = "2G",
    address_space: AddressSpaceOption = "none",
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    as_json: JsonOption = False,
    python: PythonOption = None,
    cache_dir: CacheOption = None,
) -> None:
    """Have pytest begin with few inputs of a property test that cover what all do."""
    options = options_of(
        find_target(target, "corpus", "export"),
        python,
        cache_dir,
        workers=workers,
        task=ExportCorpus(most, examples),
        **limits_of(context, timeout, startup_timeout, memory_limit, address_space),
        include=patterns(include, "--include"),
        exclude=patterns(exclude, "--exclude"),
    )
    if not (isinstance(options.target, PythonTarget) and options.target.form.is_property):
        usage(say("{} is no property test, and only these have a framework that runs inputs", options.target.id))
    without_database: list[CorpusExported] = []

    def exported(event: Told) -> Visible:
        if isinstance(event, CorpusExported) and not event.export.has_database:
            without_database.append(event)
            return NOTHING
        return export_lines(event)

    outcome = run_job(options, as_json, exported)
    if outcome.exit_code == 0 and without_database:
        usage(
            say(
                "{} has no database of examples: --examples prints lines to paste",
                options.target.id,
            )
        )
    raise typer.Exit(outcome.exit_code)


corpus = typer.Typer(
    help="Keep the generated corpus small; take in what other fuzzers have found; give pytest some.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
corpus.command(name="minimize")(minimize_corpus)
corpus.command(name="import")(import_corpus)
corpus.command(name="export")(export_corpus)
