"""`fuzztui watch`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from fuzztui.commands.arguments import JsonOption, parsed, usage
from fuzztui.commands.sharing import place_of
from fuzztui.engine.share.campaigns import Found, campaigns_at
from fuzztui.engine.share.place import FolderPlace, Place, ServerPlace
from fuzztui.engine.share.store import StoreError
from fuzztui.engine.show.exit_status import FAILED
from fuzztui.engine.show.text import Visible, command, label, say
from fuzztui.engine.watching import WatchSession
from fuzztui.plain.console import run_headless
from fuzztui.plain.json_lines import json_lines
from fuzztui.plain.output import encoding_of, put
from fuzztui.plain.watch_lines import WatchLines
from fuzztui.terminal.showing import why_no_dashboard
from fuzztui.usage import suggested
from fuzztui.words.sentences import plural
from fuzztui.words.units import parse_seconds


def watch(
    place: Annotated[
        str, typer.Argument(metavar="DIR|URL", help="Where nodes share what they find, as `run --share` has it.")
    ],
    target: Annotated[
        str, typer.Argument(metavar="[TARGET]", help="Which of several targets that nodes fuzz there.")
    ] = "",
    seconds: Annotated[str | None, typer.Option("--for", metavar="TIME", help="When to end: 10s, 1h30m.")] = None,
    headless: Annotated[bool, typer.Option("--headless", help="No dashboard: plain lines on stderr.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the nodes of a shared campaign and what they find; nothing is run here."""
    limit = parsed(parse_seconds, seconds, "--for") if seconds is not None else None
    at = place_of(place, "DIR|URL")
    chosen = _chosen(at, place, target)
    session = WatchSession(at, chosen, limit, lambda found: next(iter(meant_by(found, target)), None))
    why_not = (
        label("--headless") if headless or as_json else why_no_dashboard(os.environ, sys.stdin, sys.stdout, sys.stderr)
    )
    if not why_not:
        from fuzztui.sessions.watch_app import run_watch

        raise typer.Exit(run_watch(session))
    if not (headless or as_json):
        put(sys.stderr, say("fuzz: {}, so plain lines instead of the dashboard", why_not))
    printers = [(sys.stdout, json_lines)] if as_json else [(sys.stderr, WatchLines(encoding_of(sys.stderr)))]
    raise typer.Exit(run_headless(session, printers).exit_code)


def _chosen(at: Place, typed: str, target: str) -> Found | None:
    """The campaign that is meant; None where no node has come yet, a usage error where several may be meant."""
    try:
        found = campaigns_at(at)
    except StoreError as error:
        if isinstance(at, FolderPlace):
            usage(error.sentence)
        put(sys.stderr, say("fuzztui: {}: {}", at.shown, error.sentence))
        raise typer.Exit(FAILED) from None
    meant = meant_by(found, target)
    if found and len(meant) != 1:
        usage(_choose(at, typed, target, found, meant))
    return meant[0] if meant else None


def _choose(at: Place, typed: str, target: str, found: list[Found], meant: list[Found]) -> Visible:
    """What there is to choose from."""
    shown = str(at.shown) if isinstance(at, ServerPlace) and at.password else typed
    rows = [
        say("{}  ({})", command("fuzztui", "watch", shown, _word(each, found)), plural(each.nodes, "node"))
        for each in meant or found
    ]
    if meant:
        return suggested(say("nodes fuzz {} there", plural(len(meant), "target")), "choose one", rows)
    return suggested(say("no node there fuzzes {}", target), "but this is" if len(rows) == 1 else "but these are", rows)


def _word(one: Found, found: list[Found]) -> str:
    """What names a campaign and no other: its target, or its topic."""
    return one.target if one.target and sum(each.target == one.target for each in found) == 1 else one.topic[:12]


def meant_by(found: list[Found], word: str) -> list[Found]:
    """Those that a word may mean: a target's id, its file or its name, or the beginning of a topic; all of them where
    it is empty.
    """
    typed = word.removeprefix("./")
    if ".py:" in typed and "::" not in typed:
        typed = typed.replace(".py:", ".py::")
    ways = (
        lambda each: each.target == typed,
        lambda each: each.target.partition("::")[0] == typed,
        lambda each: typed in (each.target.rpartition("::")[2], Path(each.target.partition("::")[0]).name),
        lambda each: Path(each.target.partition("::")[0]).stem == typed,
        lambda each: each.topic.startswith(typed),
    )
    return next((those for is_meant in ways if (those := [each for each in found if is_meant(each)])), [])
