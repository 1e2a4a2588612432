"""`fuzztui list`."""

import sys
from typing import Annotated, Final

import typer

from fuzztui.commands.targets import discovered, print_problems, print_unread, shown_id
from fuzztui.engine.show.exit_status import USAGE
from fuzztui.engine.show.text import Visible, joined, label, say
from fuzztui.plain.output import put
from fuzztui.target.discover import TargetInfo


def list_targets(
    path: Annotated[str, typer.Argument(metavar="[PATH]", help="A file, or a folder to search.")] = ".",
) -> None:
    """Show the targets in a file or folder, without importing anything."""
    found = discovered(path, "list")
    rows = [(shown_id(info), say("line {}", info.line), _signature(info)) for info in found.targets]
    widths = [max(len(row[column]) for row in rows) for column in range(2)] if rows else [0, 0]
    for row in rows:
        put(sys.stdout, say("{:<{}}  {:<{}}  {}", row[0], widths[0], row[1], widths[1], row[2]))
    print_problems(found.problems)
    print_unread(found)
    if not rows:
        put(sys.stderr, say("fuzztui: no fuzz targets in {}: {}", path, _HOW))
    if not rows or found.problems:
        raise typer.Exit(USAGE)


_HOW: Final = label("write a function named fuzz_*, or have `fuzztui init package.module:function` write one")


def _signature(info: TargetInfo) -> Visible:
    if info.form.is_property:
        return label("property test")
    return say("({})", joined(", ", (say("{}: {}", name, kind) for name, kind in info.parameters)))
