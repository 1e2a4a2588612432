"""Where an input lies that was stored, and what came of storing it."""

from dataclasses import dataclass
from pathlib import Path

from fuzztui.engine.keep.altered import keep_bytes
from fuzztui.engine.keep.storage import Folder, write_once
from fuzztui.engine.show import text


@dataclass(frozen=True, slots=True)
class Stored:
    """What came of storing an input."""

    path: Path | None
    """Where it lies; None if no folder took it."""
    is_new: bool = True
    """Whether it was not there before."""
    problem: text.Visible = text.NOTHING
    """Why it does not lie in its place; empty if it does."""
    record_problem: text.Visible = text.NOTHING
    """Why what is known of its crasher could not be written; empty if it was."""
    attributes_problem: text.Visible = text.NOTHING
    """Why Git could not be told to leave stored inputs as they are; empty if it was."""


def store_input(home: Folder, refuge: Folder, name: str, data: bytes) -> Stored:
    """Write a failing input beside its target, `home`, or else into the cache, `refuge`."""
    problem = text.NOTHING
    for folder in (home, refuge):
        try:
            is_new = write_once(folder, name, data)
        except OSError as error:
            problem = problem or text.os_error(error, folder)
            continue
        attributes_problem = keep_bytes(folder) if is_new and folder == home else text.NOTHING
        return Stored(folder / name, is_new, problem, attributes_problem=attributes_problem)
    return Stored(None, problem=problem)
