"""The command line: reads what was asked, has the command do it, returns the exit status."""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command

from fuzztui import __version__
from fuzztui.commands.program_words import taken_off
from fuzztui.engine.keep import places
from fuzztui.engine.show.exit_status import USAGE
from fuzztui.engine.show.text import NOTHING, say, visible
from fuzztui.plain.output import loss, put

COMMANDS: Final = {
    "run": "run:run",
    "list": "listing:list_targets",
    "replay": "replay:replay",
    "test": "regression:run_tests",
    "ci": "ci:ci",
    "crashes": "crashes:show_crashes",
    "status": "status:set_status",
    "doctor": "doctor:doctor",
    "minimize": "minimize:minimize",
    "triage": "triage:triage",
    "export": "export:export",
    "bisect": "bisect:bisect",
    "coverage": "coverage:coverage",
    "attach": "attach:attach",
    "watch": "watch:watch",
    "replay-session": "replay_session:replay_session",
    "locate": "locate:locate",
    "init": "init:init",
    "corpus": "corpus:corpus",
}
"""Each with its module and what is in there: a function, or a `Typer` of several. A command loads no other one's."""


class _Commands(dict[str, Any]):
    """The commands by their names, each made when it is asked for."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(COMMANDS))

    def __getitem__(self, name: str) -> Any:
        known = super().__getitem__(name)
        if known is None:
            known = self[name] = _made(name)
        return known

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self else default  # noqa: SIM401 - which is what it does

    def items(self) -> Any:
        for name in self:
            _ = self[name]
        return super().items()

    def values(self) -> Any:
        return dict(self.items()).values()


def _made(name: str) -> Any:
    module, _, word = COMMANDS[name].partition(":")
    found = getattr(import_module(f"fuzztui.commands.{module}"), word)
    if isinstance(found, typer.Typer):
        group = get_command(found)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    alone.command(name=name)(found)
    return get_command(alone)


class _Group(TyperGroup):
    """The program, whose commands are loaded one by one."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = _Commands()


cli = typer.Typer(
    name="fuzztui",
    cls=_Group,
    help="Fuzz Python functions with several coverage-guided workers, and watch them find your bugs.",
    no_args_is_help=True,
    rich_markup_mode=None,  # it would read the brackets of a default as markup
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_UsageError: Any = typer.BadParameter.__base__
"""What the parser of arguments raises: the class of a library that typer brings along."""


def command_line() -> int:
    """Do what the arguments ask for; the exit status."""
    try:
        words, for_program = taken_off(sys.argv[1:])
        status = cli(words, prog_name=cli.info.name, standalone_mode=False, obj=for_program)
    except SystemExit as error:
        if not _is_asked_by_shell():
            raise
        # A library has answered, which ends the process by itself.
        status = error.code if isinstance(error.code, int) else 0
    except _UsageError as error:  # of the arguments as such, which are names of files, too
        from fuzztui.terminal.showing import NO_TERMINAL, why_no_dashboard

        status = USAGE
        is_help = type(error).__name__ == "NoArgsIsHelpError"
        why_not = NOTHING if sys.argv[1:] else why_no_dashboard(os.environ, sys.stdin, sys.stdout, sys.stderr)
        if is_help and not sys.argv[1:] and not why_not:
            from fuzztui.commands.home import open_home  # which loads the dashboard

            status = open_home()
        elif is_help:
            put(sys.stderr, visible(error.format_message(), multiline=True))
            if why_not and why_not != NO_TERMINAL:
                put(sys.stderr, say("fuzztui: {}, so the project is not shown", why_not))
        else:
            from fuzztui.usage import usage_sentence  # which knows all that could be meant

            root = get_command(cli)
            assert isinstance(root, TyperGroup)
            here = Path(places.current_directory())
            put(sys.stderr, say("fuzztui: {}", usage_sentence(error, root, sys.argv[1:], here)))
    return status or loss()


def _is_asked_by_shell() -> bool:
    """Whether completions are wanted, or what a shell needs for them."""
    return "_FUZZTUI_COMPLETE" in os.environ or not {"--install-completion", "--show-completion"}.isdisjoint(sys.argv)


def _version(wanted: bool) -> None:
    if wanted:
        put(sys.stdout, say("fuzztui {}", __version__))
        raise typer.Exit


@cli.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None: ...
