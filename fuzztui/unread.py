"""Finds stored inputs that no target reads any more: their target or its file has another name now, or is gone."""

import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fuzztui.engine.keep.places import crashers_dir, folder_name, shown_path
from fuzztui.engine.show.text import Visible, joined, say
from fuzztui.target.discover import discover
from fuzztui.target.named.spec import named_by_folder
from fuzztui.words.sentences import plural

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")

_MOST_LED: Final = 3
"""Places or folders that sentences name."""


@dataclass(frozen=True, slots=True)
class _Folder:
    """What the Python files of a folder hold, and what lies beside them."""

    targets: tuple[tuple[Path, str], ...]
    """File and name of each."""
    broken: frozenset[str]
    """Files of which nobody can say what they hold, without `.py`."""
    unfit: frozenset[str]
    """Names of functions that are to be targets and cannot be."""

    def reads(self, name: str) -> bool:
        """Whether a target reads the folder of stored inputs of this name, or may when its file is mended, or a
        function does by its name.
        """
        if named_by_folder(name) is not None:
            return True
        if any(name in (folder_name(target), f"{file.stem}.{folder_name(target)}") for file, target in self.targets):
            return True
        stem, dot, last = name.rpartition(".")
        if dot:
            return (
                stem in self.broken
                or last in self.unfit
                or any((file.stem, target) == (stem, last) for file, target in self.targets)
            )
        return bool(self.broken) or name in self.unfit or any(target == name for _, target in self.targets)


def unread_inputs(files: Iterable[Path]) -> list[Visible]:
    """A sentence for each folder of stored inputs beside one of these files of targets that no target reads, or one for
    all where there are many.
    """
    return [sentence for folder in dict.fromkeys(file.parent for file in files) for sentence in _beside(folder)]


def _beside(folder: Path) -> list[Visible]:
    stored = crashers_dir(folder / "any.py", "any").path.parent
    found = {name: inputs for name in _names(stored) if (inputs := _inputs_of(stored / name))}
    if not found:
        return []
    here = _read(folder)
    names = {name for _, name in here.targets}
    unread = {
        name: len(inputs)
        for name, inputs in found.items()
        # Whoever keeps other files there has named neither the folder nor the files as we do.
        if not here.reads(name) and (name.rpartition(".")[2] in names or any(map(_DIGEST.fullmatch, inputs)))
    }
    if len(unread) > _MOST_LED:
        return [_summary(stored, unread)]
    return [_sentence(stored / name, inputs, here) for name, inputs in unread.items()]


def _summary(stored: Path, unread: dict[str, int]) -> Visible:
    return say(
        "{} holds {} that nothing reads, since no target here is called {} or one of {} others: "
        "move each folder to its target's name, or remove it",
        shown_path(stored),
        plural(sum(unread.values()), "input"),
        joined(", ", [say("{}", name) for name in list(unread)[:_MOST_LED]]),
        len(unread) - _MOST_LED,
    )


def _read(folder: Path) -> _Folder:
    targets: list[tuple[Path, str]] = []
    broken: set[str] = set()
    unfit: set[str] = set()
    for file in sorted(folder.glob("*.py")):
        discovery = discover(file)
        targets += [(file, target.name) for target in discovery.targets]
        broken.update(file.stem for problem in discovery.problems if not problem.name)
        unfit.update(problem.name for problem in discovery.problems if problem.name)
    return _Folder(tuple(targets), frozenset(broken), frozenset(unfit))


def _sentence(folder: Path, inputs: int, here: _Folder) -> Visible:
    stem, dot, name = folder.name.rpartition(".")
    whose = say("{}.py has no target {} (any more)", stem, name) if dot else say("no target here is called {}", name)
    alike = [(file, target) for file, target in here.targets if target == name] or list(here.targets)
    bearers = Counter(target for _, target in here.targets)
    places = [crashers_dir(file, target, is_name_shared=bearers[target] > 1).path for file, target in alike]
    # Whoever has no inputs yet has lost them.
    empty = [place for place in places if not _inputs_of(place)]
    right = [say("{}", shown_path(place)) for place in dict.fromkeys(empty or places)][:_MOST_LED]
    return say(
        "{} holds {} that nothing reads, since {}: move {} to {}, or remove the folder",
        shown_path(folder),
        plural(inputs, "input"),
        whose,
        "it" if inputs == 1 else "them",
        joined(" or ", right),
    )


def _names(folder: Path) -> list[str]:
    """What lies in a folder, without dot files; nothing where it cannot be looked at, which others tell of."""
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))  # noqa: PTH208 - names are wanted
    except OSError:
        return []


def _inputs_of(folder: Path) -> list[str]:
    return [name for name in _names(folder) if (folder / name).is_file()]
