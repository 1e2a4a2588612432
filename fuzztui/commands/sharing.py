"""`--share` and `--node`, for the commands that fuzz."""

from pathlib import Path
from typing import Annotated

import typer

from fuzztui.commands.arguments import usage
from fuzztui.engine.keep.places import current_directory
from fuzztui.engine.share.place import BadPlaceError, FolderPlace, Place, check_name, parse_place
from fuzztui.engine.share.stores import lacks_client
from fuzztui.engine.show.text import os_error, say

ShareOption = Annotated[
    str | None,
    typer.Option(
        "--share",
        metavar="DIR|URL",
        help="Exchange what is found with other nodes: in a folder, or valkey://host[:port][/number].",
    ),
]
NodeOption = Annotated[
    str | None,
    typer.Option("--node", metavar="NAME", help="What this node is called.  [default: the machine's name]"),
]


def share_options(share: str | None, node: str | None) -> dict[str, Place | str]:
    """Fields of a run's options. A folder is made where the one above it is there."""
    if node is not None:
        try:
            check_name(node)
        except BadPlaceError as error:
            usage(say("--node: {}", error.sentence))
        if share is None:
            usage(say("--node {} names a node of nothing: give --share, too", node))
    if share is None:
        return {}
    place = place_of(share, "--share")
    if isinstance(place, FolderPlace):
        try:
            place.folder.mkdir(exist_ok=True)
        except OSError as error:
            usage(say("--share: {}", os_error(error, place.folder)))
    return {"share": place, "node": node or ""}


def place_of(typed: str, name: str) -> Place:
    """The place that an argument or option of this name has; a usage error where it is none that can be used."""
    try:
        place = parse_place(typed, Path(current_directory()))
    except BadPlaceError as error:
        usage(say("{}: {}", name, error.sentence))
    if lacks_client(place):
        usage(say("{} {}: the package valkey is missing: pip install 'fuzztui[share]'", name, place.shown))
    return place
