"""What is known of a project's targets without importing or running anything: their files, and what runs have left."""

import contextlib
import dataclasses
import shlex
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import Final

from fuzztui.engine.keep import places
from fuzztui.engine.keep.storage import is_held, names, read_in
from fuzztui.engine.request.target import PythonTarget, named_target
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import NOTHING, Visible, os_error, say
from fuzztui.engine.triage.triage import Triage
from fuzztui.sessions.afl import STATS
from fuzztui.sessions.recording import SUFFIX
from fuzztui.target.discover import Discovery, TargetInfo, discover, python_files
from fuzztui.target.errors import TargetNotFound
from fuzztui.target.named.source import find_named
from fuzztui.target.named.spec import named_by_folder, roots
from fuzztui.target.pytest_settings import BadSettings, python_path

LARGEST: Final = 1 << 16
"""Bytes of a file with a run's figures."""


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run of a target that has left its figures."""

    ended: float
    """When they were written last, in seconds since 1970."""
    seconds: int
    executions: int
    edges: int
    edges_total: int
    is_going_on: bool
    """Whether it still runs, in another terminal."""
    target_words: tuple[str, ...] = ()
    """The target as it was typed, with the options that belong to it."""

    @property
    def coverage(self) -> float:
        """From 0 to 1."""
        return self.edges / self.edges_total if self.edges_total else 0.0


@dataclass(frozen=True)
class Entry:
    """One target."""

    info: TargetInfo
    target: PythonTarget | None
    """None where its project's settings cannot be read."""
    last: LastRun | None
    """None before the first run."""
    corpus: int
    """Generated inputs."""
    crashers: Mapping[Status, int]
    regressed: int
    """Crashers that have failed since they were marked fixed."""
    titles: tuple[Visible, ...]
    """What the crashers are that somebody should look at: new ones, and those that have regressed."""
    problem: Visible
    """Why it cannot be run, or what of it cannot be read; empty if all is well."""

    @cached_property
    def id(self) -> str:
        """Tells it from all others of the project."""
        if self.target is not None:
            return self.target.id
        return f"{self.info.file.relative_to(places.project_root(self.info.file))}::{self.info.name}"

    @property
    def open_crashers(self) -> int:
        """Crashers that somebody should look at."""
        return self.crashers.get(Status.NEW, 0) + self.regressed

    @property
    def all_crashers(self) -> int:
        """Crashers of every status."""
        return sum(self.crashers.values())


@dataclass(frozen=True, slots=True)
class Glance:
    """What was found in one file."""

    entries: tuple[Entry, ...] = ()
    problems: tuple[Visible, ...] = ()
    """What looks like a target and is none, and files that cannot be read."""


def project_here() -> Path:
    """The root of the project that the current folder belongs to, or the folder itself."""
    return places.project_root(Path(places.current_directory()) / "any.py")


def overview(root: Path, stopped: threading.Event | None = None) -> Iterator[Glance]:
    """What each Python file below a folder holds, in their order; those without targets are left out.

    `stopped` ends the search early.
    """
    look = cache(discover)
    settings = cache(_settings)

    @cache
    def bearers(folder: Path) -> dict[str, list[str]]:
        """The files of a folder by the names of their targets, as `fuzztui.target.find.namesakes` tells them."""
        found: dict[str, list[str]] = {}
        for each in sorted(folder.glob("*.py")):
            for target in look(each).targets:
                found.setdefault(target.name, []).append(each.name)
        return found

    refused: list[Visible] = []
    for file in python_files(root, lambda error: refused.append(os_error(error))):
        if stopped is not None and stopped.is_set():
            return
        found: Discovery = look(file)
        if not found.targets and not found.problems:
            continue
        entries = []
        for info in found.targets:
            path, problem = settings(file.parent)
            target = None
            if not problem:
                others = tuple(name for name in bearers(file.parent).get(info.name, ()) if name != file.name)
                target = PythonTarget(
                    file, info.name, _root(file.parent), path, others, "", info.form, info.is_exclusive
                )
            entries.append(_entry(info, target, problem))
        problems = tuple(
            say("{}{}: {}", places.shown_path(each.file), f":{each.line}" if each.line else "", each.message)
            for each in found.problems
        )
        yield Glance(tuple(entries), problems)
    yield from _by_name(root)
    if refused:
        yield Glance(problems=tuple(refused))


def _by_name(root: Path) -> Iterator[Glance]:
    """The functions by their names of which runs have left something in the project."""
    folders: set[str] = set()
    for place in (
        places.named_crashers_dir(root),
        places.named_cache(places.default_cache_dir(root), root, "sessions"),
    ):
        with contextlib.suppress(OSError):
            folders.update(each.name for each in place.path.iterdir())
    entries: list[Entry] = []
    problems: list[Visible] = []
    for folder in sorted(folders):
        one = named_by_folder(folder)
        if one is None:
            continue
        try:
            info = find_named(one, roots(root, root))
            target = named_target(info, one, root)
            last = last_run(target, places.default_cache_dir(target.project))
            if last is not None and (raises := _raises_in(last.target_words)):
                target = named_target(info, dataclasses.replace(one, raises=raises), root)
            entries.append(_entry(info, target, NOTHING))
        except (TargetNotFound, BadSettings) as error:
            problems.append(say("{}: {}", one.spec, error))
    if entries or problems:
        yield Glance(tuple(entries), tuple(problems))


def _raises_in(words: Sequence[str]) -> tuple[str, ...]:
    """What the function may raise, as the last run of it was told."""
    return tuple([word for before, word in pairwise(words) if before == "--raises"])


@cache
def _root(folder: Path) -> Path:
    return places.project_root(folder / "any.py")


def _settings(folder: Path) -> tuple[tuple[Path, ...], Visible]:
    """Folders to import from, and why they are not known; a target's folder decides."""
    try:
        return python_path(folder / "any.py"), NOTHING
    except BadSettings as error:
        return (), say("{}", error)


def _entry(info: TargetInfo, target: PythonTarget | None, problem: Visible) -> Entry:
    if target is None:
        return Entry(info, None, None, 0, {}, 0, (), problem)
    cache_dir = places.default_cache_dir(target.project)
    triage = Triage.load(target, cache_dir)
    crashers = Counter(Status.NEW if known.is_regressed else known.status for known in triage.buckets)
    regressed = sum(known.is_regressed for known in triage.buckets)
    crashers[Status.NEW] -= regressed
    corpus = 0
    with contextlib.suppress(OSError):  # a run tells of it
        corpus = len(names(target.generated_dir(cache_dir)))
    titles = tuple(known.title for known in triage.buckets if known.is_regressed or known.status is Status.NEW)
    problem = triage.problems[0] if triage.problems else NOTHING
    return Entry(info, target, last_run(target, cache_dir), corpus, +crashers, regressed, titles, problem)


def last_run(target: PythonTarget, cache_dir: Path) -> LastRun | None:
    """The figures of a target's newest run; None if there are none that can be read."""
    folder = target.sessions_dir(cache_dir)
    try:
        recordings = sorted((name for name in names(folder) if name.endswith(SUFFIX)), reverse=True)
    except OSError:
        return None
    for name in recordings:
        own = type(folder)(folder.root, (*folder.parts, name.removesuffix(SUFFIX)))
        with contextlib.suppress(OSError, ValueError, KeyError):  # a run that ended at once has left none
            values = _values(read_in(own, STATS, LARGEST).decode())
            return LastRun(
                ended=float(values["last_update"]),
                seconds=int(values["run_time"]),
                executions=int(values["execs_done"]),
                edges=int(values["edges_found"]),
                edges_total=int(values["total_edges"]),
                is_going_on=is_held(folder, name),
                target_words=tuple(shlex.split(values.get("target_command", ""))),
            )
    return None


def _values(text: str) -> dict[str, str]:
    """`name : value` in lines."""
    return {name.strip(): value.strip() for name, colon, value in (line.partition(":") for line in text.splitlines())}
