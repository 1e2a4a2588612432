"""Finds the processes of a test by their working directory, whatever else they have changed."""

from pathlib import Path


def left_in(folder: Path) -> dict[int, str]:
    """Living processes whose working directory is the folder or lies in it, with that."""
    found = {}
    for process in Path("/proc").iterdir():
        for task in _list(process / "task") if process.name.isdecimal() else []:
            place = _place(task)  # of processes whose first thread has ended only the others have one
            if place is not None and place.is_relative_to(folder):
                found[int(process.name)] = str(place.relative_to(folder))
    return found


def _list(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, ProcessLookupError):  # the process has ended since
        return []


def _place(task: Path) -> Path | None:
    try:
        return (task / "cwd").readlink()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
