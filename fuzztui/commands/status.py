"""`fuzztui status`."""

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
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import joined, json_line, label, os_error, say
from fuzztui.engine.triage.triage import Change, Triage, UndecidableError
from fuzztui.plain.output import put
from fuzztui.reports import crashes


def set_status(
    target: TargetArgument,
    bucket: Annotated[str, typer.Argument(metavar="BUCKET", help="A bucket, or the first characters of its name.")],
    status: Annotated[
        str | None, typer.Argument(metavar="[STATUS]", help="new, triaged, ignored or fixed; none: nothing is decided.")
    ] = None,
    note: Annotated[str | None, typer.Option("--note", help="Why; empty: no note.")] = None,
    link: Annotated[str | None, typer.Option("--link", help="To an issue, say; empty: no link.")] = None,
    alias: Annotated[
        str | None,
        typer.Option("--alias", metavar="BUCKET", help="Merge it into this one; empty: into none."),
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take back all that was decided, merging included.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="What is decided then, as a JSON object on stdout.")] = False,
    all_parameters: AllParametersOption = False,
    raises: RaisesOption = None,
    python: PythonOption = None,
    cache_dir: CacheOption = None,
) -> None:
    """Decide about a crasher, in a small file that is made to be committed; without a status, show what is decided."""
    statuses = {each.value: each for each in Status}
    undo = undo or status == "none"
    if status is not None and status not in (*statuses, "none"):
        usage(say("'{}' is no status, want one of {} or none", status, ", ".join(statuses)))
    if undo and (status not in (None, "none") or any(each is not None for each in (note, link, alias))):
        usage(label("what is taken back has no status, note, link or alias"))
    found = target_of(find_target(target, "status", by_name=ByName(all_parameters, raises, python)), python)
    triage = Triage.load(found, cache_of(found, cache_dir))
    try:
        whole = triage.find(bucket)
        into = triage.find(alias) if alias else alias
        change = Change(statuses.get(status or ""), note, link, into)
        is_asked = not undo and change == Change()
        decided = triage.decided(whole) if is_asked else triage.decide(whole, None if undo else change)
    except UndecidableError as error:
        usage(error.sentence)
    except OSError as error:
        put(sys.stderr, say("fuzztui: {}", os_error(error)))
        raise typer.Exit(FAILED) from None
    if as_json:
        put(sys.stdout, json_line(crashes.decision_fields(whole, decided)))
    else:
        put(sys.stdout, joined("\n", crashes.decision_lines(whole, decided)))
