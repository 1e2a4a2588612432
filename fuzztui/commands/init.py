"""`fuzztui init`."""

import os
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Final

import typer

from fuzztui.commands.arguments import absolute, usage
from fuzztui.engine.keep import places
from fuzztui.engine.keep.storage import write_once
from fuzztui.engine.show.text import command, os_error, path_word, say
from fuzztui.harness.targets import add_target
from fuzztui.harness.writing import Harness, Subject, subject, subject_of_pair, worth_it
from fuzztui.plain.output import put
from fuzztui.target.discover import discover
from fuzztui.target.modules import NoHarnessError, Source, source_in, source_of
from fuzztui.target.pytest_settings import BadSettings, python_path
from fuzztui.usage import suggested

_USUAL: Final = ("fuzz", "tests/fuzz", "test/fuzz", "tests", "test")
"""Folders for harnesses where a project has none yet, the likeliest first."""


def init(
    function: Annotated[
        str,
        typer.Argument(
            metavar="FUNCTION", help="`package.module:function`, `path/to/file.py::function`, or all of a module."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Where it goes.  [default: fuzz_NAME.py among the others]"),
    ] = None,
) -> None:
    """Write a harness for a function, from its annotations and docstring; nothing is imported, nothing overwritten."""
    if places.is_folder_gone():
        usage(say("the current folder has been removed: go to another one"))
    here = Path(places.current_directory())
    project = places.project_root(here / "any.py")
    try:
        roots = [here, project, project / "src", *python_path(here / "any.py")]
        roots = list(dict.fromkeys(roots)) + [Path(each) for each in sys.path if each]
        source, name = _named(function, here, roots)
        subjects = [_subject(source, name, roots)] if name else worth_it(source, roots)
    except (NoHarnessError, BadSettings) as error:
        usage(say("{}", error))
    if not subjects:
        usage(say("{} has no function that a harness can be written for: want annotated parameters", source.name))
    stem = re.sub(r"\W", "_", name or source.name.rpartition(".")[2]).strip("_")
    file = absolute(output) if output is not None else _folder(project) / f"fuzz_{stem}.py"
    if file.suffix != ".py":
        usage(say("--output: {} does not end in .py, and would hold no targets", file))
    _write(file, source, subjects, roots)


def _named(spec: str, here: Path, roots: list[Path]) -> tuple[Source, str]:
    """The module that was named, and the function; empty for all of it."""
    place, separator, name = spec.rpartition("::")
    if not separator and not spec.endswith(".py"):
        module, _, name = spec.partition(":")
        if (meant := _other_spelling(module, name, here)) is not None:
            usage(suggested(say("{} is no module's name", module), "did you mean", [command("fuzztui", "init", meant)]))
        if "/" in module or module.endswith(".py"):
            raise NoHarnessError(f"there is no file {module}")
        return source_of(_own_name(module), roots), name.removesuffix("()")
    if not separator:
        place, name = spec, ""
    file = Path(os.path.normpath(here / place))
    if not file.is_file():
        if file.with_name(f"{file.name}.py").is_file():
            meant = command("fuzztui", "init", path_word(f"{place}.py::{name}"))
            usage(suggested(say("there is no file {}", place), "did you mean", [meant]))
        raise NoHarnessError(f"there is no file {place}")
    if file.suffix != ".py":
        raise NoHarnessError(f"{place} is not a Python file")
    return source_in(file), name.removesuffix("()")


def _own_name(module: str) -> str:
    """The name under which a module of the standard library lies on the disk: `posixpath` for `os.path`."""
    known = sys.modules.get(module) if module.partition(".")[0] in sys.stdlib_module_names else None
    return getattr(known, "__name__", module)


def _other_spelling(module: str, name: str, here: Path) -> str | None:
    """What was likely meant where a module's name is none: a file with a single colon, or the function alone."""
    if module.endswith(".py") or "/" in module:
        path = next((each for each in (module, f"{module}.py") if (here / each).is_file()), None)
        return path_word(f"{path}::{name}" if name else path) if path is not None else None
    if not module and name:
        return f"package.module:{name}"
    return None


def _subject(source: Source, name: str, roots: list[Path]) -> Subject:
    try:
        return subject(source, name, roots)
    except NoHarnessError:
        if (one := subject_of_pair(source, name, roots)) is None:
            raise
        return one


def _folder(project: Path) -> Path:
    """Where most of the project's targets are, or where they usually would be."""
    folders = Counter(target.file.parent for target in discover(project).targets)
    if folders:
        most = max(folders.values())
        return min((each for each in folders if folders[each] == most), key=lambda each: (len(each.parts), each))
    return next((project / each for each in _USUAL if (project / each).is_dir()), project)


def _write(file: Path, source: Source, subjects: list[Subject], roots: list[Path]) -> None:
    harness = Harness()
    for one in subjects:
        add_target(harness, one, roots)
    what = subjects[0].name if len(subjects) == 1 else "functions"
    shown = places.shown_path(file)
    about = f"Fuzzes {what} of {source.name}: fuzztui run {file.name}"
    text = harness.text(about, _relative(source.root, file) if _is_out_of_reach(source.root, file) else "")
    try:
        is_new = write_once(file.parent, file.name, text.encode())
    except OSError as error:
        usage(os_error(error, file))
    if not is_new:
        usage(say("{} is there already, and stays as it is: -o FILE writes another one", shown))
    put(sys.stdout, say("{}: {}", shown, ", ".join(harness.targets)))
    for exception in dict.fromkeys(harness.left_out):
        put(sys.stderr, say("fuzztui: {} is left out of raises=: nobody knows where it comes from", exception))
    for target in harness.targets:
        spec = shown if len(harness.targets) == 1 else f"{shown}::{target}"
        put(sys.stdout, say("    $ {}", command("fuzztui", "run", path_word(spec))))


def _is_out_of_reach(root: Path, file: Path) -> bool:
    """Whether a harness there would not find what is imported from `root`: it looks where it lies itself, where the
    project's settings say, in the current folder, and where everything is installed.
    """
    own = file.parent
    while (own / "__init__.py").is_file():
        own = own.parent
    known = [own, Path(places.current_directory()), *(Path(each) for each in sys.path if each)]
    try:
        known += python_path(file)
    except BadSettings:
        return True
    return root not in [Path(os.path.normpath(each)) for each in known]


def _relative(folder: Path, file: Path) -> str:
    """A folder as an expression in a file's source: it holds where the project is moved as a whole."""
    words = ", ".join(f'"{part}"' for part in Path(os.path.relpath(folder, file.parent)).parts)
    return f"os.path.join(os.path.dirname(__file__), {words})"
