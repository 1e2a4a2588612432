"""`fuzztui crashes`."""

import sys
from typing import Annotated

import typer

from fuzztui.commands.arguments import (
    AllParametersOption,
    ByName,
    CacheOption,
    PythonOption,
    RaisesOption,
    TargetArgument,
    usage,
)
from fuzztui.commands.targets import cache_of, find_target, target_of
from fuzztui.engine.show.exit_status import FAILED
from fuzztui.engine.show.text import command as text_command
from fuzztui.engine.show.text import joined, json_line, label, say
from fuzztui.engine.triage.triage import Triage
from fuzztui.plain.output import put
from fuzztui.reports import crashes
from fuzztui.words.sentences import plural


def show_crashes(
    target: TargetArgument,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON array, one object for each bucket.")] = False,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="A log in SARIF 2.1.0.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="A page, as for an issue.")] = False,
    all_parameters: AllParametersOption = False,
    raises: RaisesOption = None,
    python: PythonOption = None,
    cache_dir: CacheOption = None,
) -> None:
    """Show what is known of a target's crashers; nothing is run."""
    if as_json + as_sarif + as_markdown > 1:
        usage(label("--json, --sarif and --markdown are three forms: choose one"))
    found = target_of(find_target(target, "crashes", by_name=ByName(all_parameters, raises, python)), python)
    triage = Triage.load(found, cache_of(found, cache_dir))
    if as_json:
        put(sys.stdout, json_line([crashes.json_fields(known) for known in triage.buckets]))
    elif as_sarif:
        put(sys.stdout, json_line(crashes.sarif(triage.buckets, found.project, found.file)))
    elif as_markdown:
        put(sys.stdout, joined("\n", crashes.markdown(found.id, found.command_words, triage.buckets)))
    else:
        put(sys.stdout, joined("\n", crashes.table(found.id, triage.buckets)))
        if triage.unknown_inputs:
            stored = plural(len(triage.unknown_inputs), "stored input")
            run_them = text_command("fuzztui", "test", *found.command_words)
            put(sys.stderr, say("fuzztui: of {} no failure is known: {} runs them", stored, run_them))
    for problem in triage.problems:
        put(sys.stderr, say("fuzztui: {}", problem))
    raise typer.Exit(FAILED if triage.is_incomplete else 0)
