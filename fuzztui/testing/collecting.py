"""Makes tests of the targets in a file: one for each seed that a target declares, one for each of its stored inputs.

Files are read, never imported. Only a target whose source does not tell how many seeds it declares is loaded now.
"""

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

import pytest

from fuzztui.engine.keep.corpus import LONGEST, is_input_name
from fuzztui.engine.keep.storage import Folder, names, read_in
from fuzztui.engine.keep.unfit import unfit
from fuzztui.engine.show.text import os_error, visible
from fuzztui.target.discover import Discovery, Problem, TargetInfo, discover
from fuzztui.target.errors import HarnessError
from fuzztui.target.forms import Form
from fuzztui.target.pytest_settings import BadSettings
from fuzztui.testing.items import Fault, Seed, Seeds, Stored, TargetTest, Trial
from fuzztui.testing.plugin import MARK, TARGETS
from fuzztui.testing.subject import Subject, Surroundings

ID_DIGITS: Final = 12
"""Digits of an input's name that stand for it in the id of its test, where they are enough to tell it from others."""


def collected(file: Path, parent: pytest.Collector, source: bytes) -> "TargetFile | None":
    """The tests of a file; None if it has none."""
    around = surroundings(parent.config)
    found = around.look(file)
    is_harness = b"fuzztui" in source and any(
        fnmatch(file.name, each) for each in parent.config.getini("fuzztui_files")
    )
    # Hypothesis has the crashers of its tests in its own database, from which pytest runs them.
    targets = [info for info in found.targets if not info.form.is_property]
    tests = [(info.name, trials, subject) for info in targets for subject, trials in [_trials(info, around)]]
    tests = [each for each in tests if each[1]]
    faults = [each for each in found.problems if is_harness or _is_meant(each)]
    tested = {name for name, _, _ in tests} | {each.name for each in faults}
    ours = frozenset(info.name for info in targets if info.form is not Form.NAME or info.name in tested)
    if ours:
        parent.config.stash.setdefault(TARGETS, {})[file] = ours
    if not tests and not faults:
        return None
    node: TargetFile = TargetFile.from_parent(parent, path=file)
    node.tests, node.faults, node.found = tests, faults, found
    return node


_SURROUNDINGS: Final = pytest.StashKey[Surroundings]()


def surroundings(config: pytest.Config) -> Surroundings:
    """What all targets of a session share."""
    if _SURROUNDINGS not in config.stash:
        around = config.stash[_SURROUNDINGS] = Surroundings.of(config, discover)
        config.add_cleanup(around.close)
    return config.stash[_SURROUNDINGS]


def _is_meant(problem: Problem) -> bool:
    """Whether what is wrong is wrong with a target, and not with a function that is merely called like one."""
    if problem.form in (Form.DECORATOR, Form.SETUP):
        return True
    folders = (problem.name, f"{problem.file.stem}.{problem.name}") if problem.name else ()
    return any(_has_files(Folder(problem.file.parent, ("testdata", "corpus", each))) for each in folders)


def _has_files(folder: Folder) -> bool:
    try:
        return bool(names(folder))
    except OSError:
        return True  # what is wrong with it is told when it is read


def _trials(info: TargetInfo, around: Surroundings) -> tuple[Subject | None, list[tuple[str, Trial]]]:
    """The inputs that a target is tried with, by the id that each has among them."""
    try:
        subject = around.subject(info)
    except BadSettings as error:
        return None, [("settings", Fault(str(error)))]
    return subject, [*_seeds(info, subject), *_stored(info, subject)]


def _seeds(info: TargetInfo, subject: Subject) -> Iterator[tuple[str, Trial]]:
    number = info.seeds
    if number is None and info.form is not Form.SETUP:
        try:
            number = len(subject.here.load().seeds)
        except HarnessError:
            number = None  # the test that needs the target tells why
    if number is None:
        yield "seeds", Seeds()
    for index in range(number or 0):
        yield f"seed {index + 1}", Seed(index, number or 0)


def _stored(info: TargetInfo, subject: Subject) -> Iterator[tuple[str, Trial]]:
    """What `fuzztui test` takes, in its order."""
    found: list[tuple[Folder, str]] = []
    folders, sharing = subject.target.stored_dirs, subject.target.sharing
    for folder in folders:
        try:
            listed = names(folder)
        except OSError as error:
            yield f"{folder.parts[-1]}", Fault(os_error(error))
            continue
        is_shared = bool(sharing) and folder is folders[-1]
        listed = [name for name in listed if not (folder / name).is_dir()]
        found += [(folder, name) for name in listed if not (is_shared and _is_anothers(folder, name, info))]
    stored = {name for _, name in found}
    try:
        displaced = names(subject.records)
    except OSError:
        displaced = []  # of a cache that cannot be used whoever writes to it tells
    found += [(subject.records, name) for name in displaced if is_input_name(name) and name not in stored]
    ids = [_short(name) for _, name in found]
    for (folder, name), short in zip(found, ids, strict=True):
        yield (short if ids.count(short) == 1 else visible(f"{folder.path.name}/{name}")), Stored(folder, name)


def _short(name: str) -> str:
    return name[:ID_DIGITS] if is_input_name(name) else visible(name)


def _is_anothers(folder: Folder, name: str, info: TargetInfo) -> bool:
    """Whether an input in a folder that several targets share is not of this target's parameters."""
    if not info.parameters:
        return False
    try:
        data = read_in(folder, name, LONGEST)
    except OSError:
        return False
    return unfit(Path(), data, [kind for _, kind in info.parameters]) is not None


class HarnessModule(pytest.Module):
    """A file of targets, of which pytest takes the other tests that it may hold."""

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """Nothing where it cannot be imported: each test of its targets fails of that, or is skipped, and tells why."""
        try:
            yield from list(super().collect())
        except Exception:
            return


class TargetFile(pytest.File):
    """A file with targets, beside the module that pytest may make of the same file."""

    tests: list[tuple[str, list[tuple[str, Trial]], Subject | None]]
    faults: list[Problem]
    found: Discovery

    def collect(self) -> Iterator[pytest.Item]:
        """The tests, target by target."""
        lines = {info.name: info.line for info in self.found.targets}
        for name, trials, subject in self.tests:
            for identifier, trial in trials:
                yield self._made(f"{name}[{identifier}]", name, lines[name], trial, subject)
        for fault in self.faults:
            name = fault.name or "targets"
            place = f"{self.path}:{fault.line}" if fault.line else str(self.path)
            yield self._made(name, name, fault.line, Fault(f"{place}: {fault.message}"), None)

    def _made(self, name: str, target: str, line: int, trial: Trial, subject: Subject | None) -> TargetTest:
        item: TargetTest = TargetTest.from_parent(self, name=name, nodeid=f"{self.nodeid}::{name}")
        item.trial, item.subject, item.line = trial, subject, line
        item.extra_keyword_matches.add(target)
        item.add_marker(MARK)
        return item
