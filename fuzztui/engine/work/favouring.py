"""Has inputs that reach a line come far more often than others, and follows that line through a reload."""

from pathlib import Path
from typing import TYPE_CHECKING

from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.show.events import Steered
from fuzztui.engine.show.text import one_line, say
from fuzztui.engine.work.moved import line_now, source_lines

if TYPE_CHECKING:
    from fuzztui.engine.work.search import Search


def favour(search: "Search", spot: tuple[str, int] | None) -> int:
    """Have inputs that reach a line (file and line) come far more often than others, or favour none; returns how many
    entries do. What is found later is measured for that.
    """
    lines = search.lines
    lines.wishes += (spot is not None) - (lines.favoured is not None)
    lines.favoured = spot
    known = lines.files.get(spot[0]) if spot is not None else None
    source = source_lines(spot[0], known.layout.digest if known else None) if spot is not None else ()
    lines.favoured_source = source
    return favour_what_reaches(search)


def favour_what_reaches(search: "Search") -> int:
    """Favour the entries that are known by now to reach the line which is favoured."""
    spot = search.lines.favoured
    reaching = search.lines.reaching(*spot) if spot is not None else []
    entries = [entry for each in reaching if (entry := search.corpus.get(each.sha256)) is not None]
    search.schedule.favour(entries)
    return len(entries)


def follow(search: "Search", spot: tuple[str, int], before: tuple[str, ...]) -> None:
    """Go on favouring a line where it is in code that was loaded anew, or tell that it is not there any more. `before`:
    the file, as it was.
    """
    file, line = spot
    source = source_lines(file)
    now = line_now(before, line, source)
    place = say("{}:{}", one_line(shown_path(Path(file)), 300), line)
    if now is None:
        told = say("{} is favoured no more: that line is not found in the new code", place)
    else:
        search.lines.wishes += 1
        search.lines.favoured, search.lines.favoured_source = (file, now), source
        told = say("{} is favoured as before, it is line {} now", place, now)
    if now != line:
        search.listener.on_event(Steered(search.clock.elapsed(), told, is_refused=now is None))
