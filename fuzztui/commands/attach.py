"""`fuzztui attach`."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from fuzztui.commands.arguments import absolute, usage
from fuzztui.engine.show.text import NOTHING, Visible, clock, command, label, path_word, say
from fuzztui.plain.output import put
from fuzztui.sessions import running
from fuzztui.sessions.attached import AttachedSession, UnattachableError
from fuzztui.sessions.running import Running, UnusableFolderError
from fuzztui.sessions.several import AttachedCampaign
from fuzztui.terminal.showing import why_no_dashboard
from fuzztui.usage import suggested
from fuzztui.words.sentences import plural

LIST_PATIENCE = 2.0
"""Seconds that a list waits for each run."""


def attach(
    run: Annotated[str, typer.Argument(metavar="[TARGET|ID]", help="Which run, where there are several.")] = "",
    as_list: Annotated[bool, typer.Option("--list", help="Show the runs that go on, and end.")] = False,
) -> None:
    """Show a run in the dashboard that goes on without a terminal (`run --detach`)."""
    try:
        alive, gone = running.known()
    except UnusableFolderError as error:
        usage(error.sentence)
    for each in gone:
        put(
            sys.stderr,
            say("fuzztui: the coordinator of {} ({}) is gone; its socket is removed, its lines are in {}",
                each.target, each.id, each.log),
        )  # fmt: skip
    if as_list and run:
        usage(suggested(label("--list shows every run"), "did you mean", [command("fuzztui", "attach", run)]))
    if as_list:
        for each in alive:
            put(sys.stdout, _row(each))
        if not alive:
            put(sys.stderr, label("fuzztui: no run goes on without a terminal"))
        raise typer.Exit(0)
    chosen = _chosen(alive, run)
    if why_not := why_no_dashboard(os.environ, sys.stdin, sys.stdout, sys.stderr):
        usage(say("the dashboard is all that this command has: {}; the run's lines are in {}", why_not, chosen.log))
    try:
        path = running.folder() / chosen.socket
        session = AttachedCampaign(chosen) if chosen.others else AttachedSession(path)
    except UnattachableError as error:
        usage(error.sentence)
    from fuzztui.sessions.attach_app import run_attached

    raise typer.Exit(run_attached(session, chosen))


def _chosen(alive: Sequence[Running], word: str) -> Running:
    """The run that is meant; a usage error where that is not one."""
    if not alive:
        usage(suggested(label("no run goes on without a terminal"), "this starts one", [_start(word)]))
    meant = meant_by(alive, word)
    if len(meant) != 1:
        rows = [_attach(each) for each in meant or alive]
        if not meant:
            sentence = say("no run of {} goes on without a terminal", word)
            usage(suggested(sentence, "but this does" if len(alive) == 1 else "but these do", rows))
        usage(suggested(say("{} go on without a terminal", plural(len(meant), "run")), "choose one", rows))
    return meant[0]


def meant_by(alive: Sequence[Running], word: str) -> list[Running]:
    """The runs that a word may mean: an id, a target or what begins or ends one; all of them where it is empty."""
    ways: tuple[Callable[[Running], bool], ...] = (
        lambda each: each.id == word,
        lambda each: _is_of(each, word),
        lambda each: word in (each.name, each.file.name, each.file.stem, f"{each.file.name}::{each.name}"),
        lambda each: each.id.startswith(word),
    )
    return next((found for is_meant in ways if (found := [each for each in alive if is_meant(each)])), [])


def _start(word: str) -> Visible:
    file, _, _ = word.partition("::")
    return command("fuzztui", "run", "--detach", path_word(word) if file.endswith(".py") else "TARGET")


def _attach(one: Running) -> Visible:
    return say("{}  ({}, since {})", command("fuzztui", "attach", one.id), one.target, one.started)


def _is_of(one: Running, word: str) -> bool:
    """Whether a run is of a target as it is typed: `path/to/file.py`, with or without `::name`, or any function's."""
    if word == one.name and ":" in word:
        return True
    file, separator, name = word.partition("::")
    if not separator and ".py:" in word:
        file, _, name = word.partition(":")
    path = Path(os.path.normpath(absolute(Path(file))))
    return any(path == of and name in ("", target) for of, target in one.targets)


def _row(one: Running) -> Visible:
    """`4711  fuzz_it.py::fuzz_it  fuzzing  00:12:04  3,100,000 execs  2 crashers`."""
    try:
        session = AttachedSession(running.folder() / one.socket, LIST_PATIENCE)
    except UnattachableError as error:
        return say("{}  {}  {}", one.id, one.target, error.sentence)
    session.detach()
    shown = session.snapshot()
    state = label("paused" if shown.is_paused else shown.phase.value)
    crashers = sum(row.crashers for row in shown.targets) or len(shown.crashers)
    found = say("  {}", plural(crashers, "crasher")) if crashers else NOTHING
    return say(
        "{}  {}  {}  {}  {}{}", one.id, one.target, state, clock(shown.elapsed), plural(shown.executions, "exec"), found
    )
