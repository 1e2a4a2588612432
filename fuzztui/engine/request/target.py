"""What is fuzzed: a value that knows its name, its folders, and how a worker for it is started and told what to load.

The engine knows a target by this alone. Another kind of target is another class with these members, and a program that
serves the calls of `fuzztui.protocol.messages` for it.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from fuzztui.engine.keep import places
from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.request.task import MeasureCoverage
from fuzztui.engine.show.text import path_word
from fuzztui.protocol.messages import Load
from fuzztui.target.discover import Discovery, TargetInfo, discover
from fuzztui.target.find import namesakes
from fuzztui.target.forms import Form
from fuzztui.target.imports import packages_of
from fuzztui.target.named.spec import Named, roots
from fuzztui.target.pytest_settings import python_path

_PROGRAM: Final = Path(__file__).parents[2] / "worker" / "__main__.py"
"""Run as a script, since `-m` would load a part of the standard library before the program begins."""

if TYPE_CHECKING:
    from fuzztui.engine.request.options import RunOptions


@dataclass(frozen=True, slots=True)
class LoadOrder:
    """What a run decides for each process anew, besides its options."""

    directory: str
    """The user's working directory, importable and the worker's own."""
    seed: int
    """Seed of the process's random choices."""
    max_len: int
    """Bytes of a generated input."""
    instrumented: bool
    """Whether coverage is wanted, which costs time."""


class Target(Protocol):
    """One target of any kind. Paths are absolute."""

    @property
    def name(self) -> str:
        """The target's own name, without its file."""

    @property
    def id(self) -> str:
        """Name that tells the target from all others of its project, as people write it."""

    @property
    def command_words(self) -> tuple[str, ...]:
        """The target as it is typed on a command line in the current folder, with the options that belong to it."""

    @property
    def crashers_dir(self) -> Folder:
        """Where failing inputs are put, to be committed."""

    @property
    def imported(self) -> frozenset[str]:
        """Top-level names of the modules that the target's file imports itself: these are fuzzed, wherever they lie."""

    @property
    def stored_dirs(self) -> tuple[Folder, ...]:
        """All places of failing inputs and the user's own: `crashers_dir` and where they lay before."""

    @property
    def sharing(self) -> str:
        """Which others have their stored inputs in the last of `stored_dirs` too, and what to do; empty if none do."""

    def cache_folder(self, cache_dir: Path) -> Folder:
        """The cache itself, with how far its path is trusted."""

    def generated_dir(self, cache_dir: Path) -> Folder:
        """Inputs that fuzzing found, within the cache."""

    def records_dir(self, cache_dir: Path) -> Folder:
        """What is known of each crasher, within the cache."""

    def sessions_dir(self, cache_dir: Path) -> Folder:
        """What its runs have told, within the cache."""

    def command(self) -> list[str]:
        """Program and first arguments of a worker; the descriptors follow as further arguments."""

    def load(self, options: "RunOptions", order: LoadOrder) -> Load:
        """The first call to a worker."""


@dataclass(frozen=True, slots=True)
class PythonTarget:
    """A function in a Python file, or a whole file that is a program for another fuzzer."""

    file: Path
    name: str
    project: Path
    """Root of the project that the file belongs to; reports show paths relative to it."""
    path: tuple[Path, ...] = ()
    """Further folders to import from, as the project's settings have them."""
    namesakes: tuple[str, ...] = ()
    """Names of other files in its folder that have a target of this name."""
    python: str = ""
    """The interpreter of the workers, as the user named it; empty for our own."""
    form: Form = Form.NAME
    """How it is written; of functions all forms are alike."""
    is_exclusive: bool = False
    """Whether two processes of it at once might disturb each other, which each having a world of its own prevents."""

    @property
    def id(self) -> str:
        """`path/to/file.py::name`, the path relative to the project where it lies inside."""
        file = self.file.relative_to(self.project) if self.file.is_relative_to(self.project) else self.file
        return f"{file}::{self.name}"

    @property
    def command_words(self) -> tuple[str, ...]:
        """`path/to/file.py::name`, the path relative to the current folder where it lies inside."""
        spec = path_word(f"{places.shown_path(self.file)}::{self.name}")
        return (spec, "--python", self.python) if self.python else (spec,)

    @property
    def crashers_dir(self) -> Folder:
        """Beside the target's file."""
        return places.crashers_dir(self.file, self.name, is_name_shared=bool(self.namesakes))

    @property
    def imported(self) -> frozenset[str]:
        """As the file's source has it at this moment; none where it cannot be read."""
        try:
            source = self.file.read_bytes()
        except OSError:
            return frozenset()
        return packages_of(source)

    @property
    def stored_dirs(self) -> tuple[Folder, ...]:
        """By the target's name alone, and by its file's too: its namesakes may have come later, or be gone again."""
        by_both, by_name = (places.crashers_dir(self.file, self.name, is_name_shared=is_it) for is_it in (True, False))
        return (by_both, by_name)

    @property
    def sharing(self) -> str:
        """Who has a target of this name, too, and the places that belong to one of them alone."""
        if not self.namesakes:
            return ""
        files = [self.file, *(self.file.with_name(name) for name in self.namesakes)]
        own = [str(places.crashers_dir(file, self.name, is_name_shared=True)) for file in files]
        shown = " or ".join(places.shown_path(Path(each)) for each in own)
        return f"{' and '.join(file.name for file in files)} each have a target {self.name}: move each input to {shown}"

    def cache_folder(self, cache_dir: Path) -> Folder:
        """The cache that the user named, or the one in the project."""
        return places.cache_folder(cache_dir, self.project)

    def generated_dir(self, cache_dir: Path) -> Folder:
        """Inputs that fuzzing found."""
        return places.generated_dir(cache_dir, self.project, self.file, self.name)

    def records_dir(self, cache_dir: Path) -> Folder:
        """What is known of each crasher."""
        return places.records_dir(cache_dir, self.project, self.file, self.name)

    def sessions_dir(self, cache_dir: Path) -> Folder:
        """What its runs have told."""
        return places.sessions_dir(cache_dir, self.project, self.file, self.name)

    def command(self) -> list[str]:
        """The worker program under the interpreter and this one's options, such as `-O`, `-W` and `-X`."""
        return [self.python or sys.executable, "-P", *_interpreter_options(), str(_PROGRAM)]

    def load(self, options: "RunOptions", order: LoadOrder) -> Load:
        """Import the file under the instrumenting hook; where no coverage is wanted, without instrumenting anything."""
        return Load(
            file=os.fsencode(self.file),
            target=self.name,
            directory=os.fsencode(order.directory),
            include=list(options.include) if order.instrumented else [],
            exclude=list(options.exclude) if order.instrumented else ["*"],
            dictionary=list(options.dictionary),
            expected=list(options.expected),
            code_cache=os.fsencode(places.code_cache_dir()),
            seed=order.seed,
            max_len=order.max_len,
            address_space=options.address_space,
            profile=options.profile,
            measure=isinstance(options.task, MeasureCoverage),
            path=[os.fsencode(each) for each in self.path],
            program=self.form.value if self.form.is_program or self.form is Form.HOSTED else "",
            arguments=[os.fsencode(each) for each in options.arguments],
            private=self.is_exclusive and options.workers > 1,
            keeps_max_len="max_len" in options.chosen,
            # What is to be repeatable must do the same with a profile as without.
            weigh_probes=options.profile and (options.seed is None or options.limit.executions is None),
        )


@dataclass(frozen=True, slots=True)
class NamedTarget(PythonTarget):
    """Any function of a module, by its name: it belongs to the project that somebody is in, wherever its module lies.

    `file` is the module's, `path` has all folders of the project to import from.
    """

    function: Named = field(kw_only=True)

    @property
    def id(self) -> str:
        """`package.module:function`."""
        return " ".join((self.function.spec, *_parameters_words(self.function)))

    @property
    def command_words(self) -> tuple[str, ...]:
        """`package.module:function` and its options."""
        raises = [word for each in self.function.raises for word in ("--raises", each)]
        python = ("--python", self.python) if self.python else ()
        return (self.function.spec, *_parameters_words(self.function), *raises, *python)

    @property
    def imported(self) -> frozenset[str]:
        """The package that has it."""
        return frozenset({self.function.module.partition(".")[0]})

    @property
    def crashers_dir(self) -> Folder:
        """In the project's folder."""
        return places.named_crashers_dir(self.project, self.function.folder)

    @property
    def stored_dirs(self) -> tuple[Folder, ...]:
        """They have always been there."""
        return (self.crashers_dir,)

    def generated_dir(self, cache_dir: Path) -> Folder:
        """Inputs that fuzzing found."""
        return places.named_cache(cache_dir, self.project, "corpus", self.function.folder)

    def records_dir(self, cache_dir: Path) -> Folder:
        """What is known of each crasher."""
        return places.named_cache(cache_dir, self.project, "crashes", self.function.folder)

    def sessions_dir(self, cache_dir: Path) -> Folder:
        """What its runs have told."""
        return places.named_cache(cache_dir, self.project, "sessions", self.function.folder)

    def load(self, options: "RunOptions", order: LoadOrder) -> Load:
        """Import the module under the instrumenting hook, and call its function."""
        one = self.function
        return msgspec.structs.replace(
            PythonTarget.load(self, options, order),
            target=one.name,
            module=one.module,
            all_parameters=one.all_parameters,
            raises=list(one.raises),
        )


def named_target(info: TargetInfo, one: Named, here: Path, python: str = "") -> NamedTarget:
    """A function that was found by its name, as a target of the project that a folder is in; BadSettings if the
    project's settings cannot be read.
    """
    project = places.project_root(here / "any.py")
    return NamedTarget(info.file, info.name, project, roots(here, project), (), python, info.form, function=one)


def _parameters_words(one: Named) -> tuple[str, ...]:
    return ("--all-parameters",) if one.all_parameters else ()


def python_target(info: TargetInfo, python: str = "", look: Callable[[Path], Discovery] = discover) -> PythonTarget:
    """A target that was found, with its project's settings; BadSettings if these cannot be read.

    `python`: the workers' interpreter, if one is named; `look` finds the targets of a file.
    """
    if info.named is not None:
        return named_target(info, info.named, Path(places.current_directory()), python)
    path = python_path(info.file)
    project = places.project_root(info.file)
    return PythonTarget(
        info.file, info.name, project, path, namesakes(info, look), python, info.form, info.is_exclusive
    )


def _interpreter_options() -> list[str]:
    """Those that this interpreter was started with. The library's own list of them lacks some of `-X`."""
    listed: list[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    options = [each for before, each in pairwise(["", *listed]) if "-X" not in (before, each)]
    for name, value in sys._xoptions.items():
        options += ["-X", name if value is True else f"{name}={value}"]
    return options
