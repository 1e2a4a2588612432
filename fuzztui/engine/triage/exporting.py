"""Writes the test of a crasher into a file of the project, and never over what somebody has edited."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Final

from fuzztui.engine.keep.before import read_before
from fuzztui.engine.keep.storage import read_file, replace, write_once
from fuzztui.engine.request.target import NamedTarget, PythonTarget
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.triage.export import (
    DIGITS,
    INPUTS,
    Call,
    Exportable,
    ExportedTest,
    exported,
    holds,
    is_unedited,
    new_file,
    with_test,
)
from fuzztui.target.discover import TargetInfo
from fuzztui.target.errors import TargetNotFound
from fuzztui.target.find import find
from fuzztui.target.load import importable
from fuzztui.target.named.source import contract_of, find_named, shape_of
from fuzztui.target.values import decode, form_of, is_choices

LARGEST: Final = 1 << 24
"""Bytes of a file beyond which it is none of ours."""

ALL_DIGITS: Final = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """By which the crasher fails, if it does by one."""

    timeout: float
    """Seconds."""
    memory: int | None
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Written:
    """A test that lies in the project now."""

    path: Path
    test: str
    """The name of its function."""
    edited: tuple[Path, ...]
    """Files in whose place it would have been, which somebody has edited or written: they are as they were."""
    is_new: bool
    """Whether anything was written: the same test may have been there."""
    needs_fuzztui: bool
    """Whether the target's set-up takes an `F`, or the target is a program for another fuzzer."""

    @property
    def id(self) -> str:
        """As pytest names it, from the current folder where it lies inside."""
        here = Path.cwd()
        path = self.path.relative_to(here) if self.path.is_relative_to(here) else self.path
        return f"{path}::{self.test}"


def export_test(
    target: PythonTarget,
    failure: Failure,
    data: bytes,
    limits: Limits,
    cache_dir: Path,
    output: Path | None = None,
    arguments: tuple[str, ...] = (),
) -> Written:
    """Write the test of an input that fails so, into `output` or where the project has such tests.

    `arguments`: what a program for another fuzzer finds behind its name. Inputs that have to run before it are looked
    for beside it. TargetNotFound, MalformedInput or OSError if that cannot be.
    """
    before = read_before((*target.stored_dirs, target.records_dir(cache_dir)), sha256(data).hexdigest()) or ()
    place = output if output is not None else default_place(target)
    call, name = None, target.name
    if isinstance(target, NamedTarget):
        function, folders_of_it = target.function, target.path
        info = find_named(function, folders_of_it)
        call = Call(
            function.spec,
            function.all_parameters,
            shape_of(function, folders_of_it),
            contract_of(function, folders_of_it),
        )
        name = function.name.partition(".")[0]
    else:
        info = find(f"{target.file}::{target.name}", target.file.parent)
    if info.form.is_property:
        raise TargetNotFound(
            f"{target.name} is a test already: pytest runs what has failed it from its database of examples, "
            "and the line @example(...) that stands below the traceback keeps an input for good"
        )
    if is_choices(form_of(data) or ()):
        raise TargetNotFound(
            f"what {target.name} takes is drawn by Hypothesis, so no source can spell it: commit the input in "
            f"{target.crashers_dir.path.name}, which `fuzztui test` runs, as pytest does with targets in files"
        )
    is_program = info.form.is_program
    folders, module = ((), "") if is_program else _importing(target, place.parent)
    parameters = _parameters(info, data)
    crasher = Exportable(
        failure=failure,
        arguments=decode(data, parameters),
        name=name,
        module=module,
        folders=folders,
        form=info.form,
        has_contract=info.has_contract,
        before=tuple(decode(each, parameters) for each in before),
        timeout=limits.timeout,
        memory_limit=limits.memory,
        named=call,
        program=os.path.relpath(target.file, place.parent) if is_program else "",
        program_arguments=arguments,
    )
    edited: list[Path] = []
    for path in _places(place):
        written = _into(path, target.id, crasher)
        if written is not None:
            test, is_new = written
            blocks = "".join(exported(crasher).blocks)
            needs_fuzztui = is_program or "fuzztui.F()" in blocks or "named.arguments(" in blocks
            return Written(path, test, tuple(edited), is_new, needs_fuzztui)
        edited.append(path)
    raise AssertionError("names never come to an end")


def _call(target: NamedTarget) -> Call:
    one, path = target.function, target.path
    return Call(one.spec, one.all_parameters, shape_of(one, path), contract_of(one, path))


def default_place(target: PythonTarget) -> Path:
    """Where the tests of a target's crashers lie: in the project's folder `tests`, or beside a target that is in there
    itself, or in a project without one.
    """
    own = target.name if not target.namesakes else f"{target.file.stem}_{target.name}"
    if isinstance(target, NamedTarget):
        own = re.sub(r"\W", "_", target.function.folder)
    name = f"test_{own if own.startswith('fuzz_') else f'fuzz_{own}'}.py"
    tests = target.project / "tests"
    if isinstance(target, NamedTarget):
        return (tests if tests.is_dir() else target.project) / name
    is_beside = not tests.is_dir() or target.file.is_relative_to(tests)
    return (target.file.parent if is_beside else tests) / name


def _places(first: Path) -> Iterator[Path]:
    yield first
    yield from (first.with_name(f"{first.stem}_{number}{first.suffix}") for number in count(2))


def _importing(target: PythonTarget, folder: Path) -> tuple[tuple[str, ...], str]:
    """What a test in this folder imports the target from, and as which module."""
    path = [str(each) for each in target.path]
    if isinstance(target, NamedTarget):
        return tuple(os.path.relpath(each, folder) for each in path), target.function.module
    first, module = importable(str(target.file), [*path, str(target.project)])
    folders = dict.fromkeys([*first, *path, str(target.project)])
    return tuple(os.path.relpath(each, folder) for each in folders), module


def _parameters(info: TargetInfo, data: bytes) -> tuple[str, ...]:
    """Names of the kinds of a target's parameters; by its input, where its source does not tell."""
    return tuple(kind for _, kind in info.parameters) or form_of(data) or ("bytes",)


def _into(path: Path, target_id: str, crasher: Exportable) -> tuple[str, bool] | None:
    """Put the test into a file; its name, and whether anything was written. None where the file is somebody's."""
    try:
        source = read_file(path, LARGEST).decode("utf-8", "replace")
    except FileNotFoundError:
        test = exported(crasher)
        _keep_inputs(path.parent, test)
        if write_once(path.parent, path.name, new_file(target_id, test).encode()):
            return test.name, True
        return None  # somebody has just made it
    if not is_unedited(source):
        return None
    digits = next(each for each in range(DIGITS, ALL_DIGITS + 1) if not holds(source, exported(crasher, each)))
    test = exported(crasher, digits)
    after = with_test(source, target_id, test)
    if after == source:
        return test.name, False
    _keep_inputs(path.parent, test)
    replace(path.parent, path.name, after.encode())
    return test.name, True


def _keep_inputs(folder: Path, test: ExportedTest) -> None:
    for name, content in test.files.items():
        write_once(folder / INPUTS, name, content)
