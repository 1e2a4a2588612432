"""Targets as a command line names them, and the options of their runs."""

import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from fuzztui.commands.arguments import NOT_SAID, ByName, absolute, check_cache_dir, usage
from fuzztui.engine.keep import places
from fuzztui.engine.request.companions import accompanied
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.target import PythonTarget, python_target
from fuzztui.engine.show.text import NOTHING, Visible, label, path_word, say, visible
from fuzztui.harness.writing import worth_it
from fuzztui.outside.interpreter import UnusableInterpreter, import_path, usable_interpreter
from fuzztui.plain.output import put
from fuzztui.target.discover import Discovery, Problem, TargetInfo, discover
from fuzztui.target.errors import TargetNotFound
from fuzztui.target.find import MOST_LED, find
from fuzztui.target.modules import NoHarnessError, source_of
from fuzztui.target.named.source import find_named
from fuzztui.target.named.spec import Named, named, roots
from fuzztui.target.pytest_settings import BadSettings
from fuzztui.unread import unread_inputs


def find_target(spec: str, *command_name: str, by_name: ByName = NOT_SAID) -> TargetInfo:
    """The target that was named, for a command; with what is wrong with other functions of that name."""
    _require_folder(spec)
    try:
        info = locate(spec, by_name)
    except TargetNotFound as error:
        usage(leading(error, spec, command_name))
    if info.named is not None:
        return info
    if by_name.all_parameters or by_name.raises:
        option = "--all-parameters" if by_name.all_parameters else "--raises"
        advice = "" if by_name.all_parameters else ": its own file says what it may raise, by @fuzztui.fuzz(raises=...)"
        usage(say("{} is for a function by its name, package.module:function, not for {}{}", option, spec, advice))
    print_problems(tuple(problem for problem in discover(info.file).problems if problem.name == info.name))
    return info


def locate(spec: str, by_name: ByName = NOT_SAID) -> TargetInfo:
    """The target that was named. TargetNotFound, with what may have been meant, if there is none."""
    here = Path(places.current_directory())
    one = named(spec)
    if one is not None and not os.path.lexists(here / spec):
        return _function(one, by_name, spec, here)
    try:
        return find(spec, here)
    except TargetNotFound as error:
        if (of_module := _of_module(spec, here)) is not None:
            raise of_module from None
        if not error.suggestions and (meant := _meant(spec, here)):
            raise TargetNotFound(error.message, (meant,), "or fuzz it as it is, by its name") from None
        raise


_OF_FILE: Final = re.compile(r"(.+\.py):+([\w.]+)(?:\(\))?")
_DOTTED: Final = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_DOUBLE: Final = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*)::([\w.]+)(?:\(.*\))?")


def _of_module(spec: str, here: Path) -> TargetNotFound | None:
    """What can be named of a module, if one is named alone whose file has no target; None if it is none."""
    spec = spec.rstrip(":")
    if not all(map(str.isidentifier, spec.split("."))):
        return None
    try:
        own = roots(here, places.project_root(here / "any.py"))
        source = source_of(spec, own)
        if discover(source.file).targets:
            return None
        names = [one.name for one in worth_it(source, own)]
    except (BadSettings, NoHarnessError):
        return None
    if not names:
        return TargetNotFound(f"{spec} is a module: name an annotated function of it, as {spec}:function")
    return TargetNotFound(f"{spec} is a module", tuple(f"{spec}:{name}" for name in names[:MOST_LED]), "choose one")


def _meant(spec: str, here: Path) -> str:
    """The function that can be fuzzed by its name where none is a target: `file.py::parse`, `package.module.parse`."""
    try:
        own = roots(here, places.project_root(here / "any.py"))
        match = _OF_FILE.fullmatch(spec)
        if match:
            file = Path(os.path.normpath(here / match[1])).with_suffix("")
            parts_of_it = [file.relative_to(root).parts for root in own if file.is_relative_to(root)]
            readings = [Named(".".join(parts), match[2]) for parts in parts_of_it if all(map(str.isidentifier, parts))]
        elif double := _DOUBLE.fullmatch(spec):
            readings = [Named(double[1], double[2])]
        else:
            parts = spec.split(".") if _DOTTED.fullmatch(spec) and not spec.endswith(".py") else []
            readings = [Named(".".join(parts[:-at]), ".".join(parts[-at:])) for at in (1, 2) if len(parts) > at]
    except BadSettings:
        return ""
    for one in readings:
        with suppress(TargetNotFound):
            info = find_named(one, own)
            # Of what is written as a target, and of methods, it is said how to make a target of them.
            if not match or (info.parameters and not one.name.startswith("fuzz_")):
                return info.name
    return ""


def _function(one: Named, by_name: ByName, spec: str, here: Path) -> TargetInfo:
    """Any function by its name."""
    for each in by_name.raises or ():
        if not all(part.isidentifier() for part in each.split(".")):
            usage(say("--raises: '{}' is no exception's name, want one like ValueError or package.module.Error", each))
    one = replace(one, all_parameters=by_name.all_parameters, raises=tuple(by_name.raises or ()))
    python = interpreter_of(by_name.python)
    project = places.project_root(here / "any.py")
    try:
        own = roots(here, project)
    except BadSettings as error:
        usage(say("{}", error))
    files = [
        file for file in (each.joinpath(*one.module.split(".")).with_suffix(".py") for each in own) if file.is_file()
    ]
    if files and any(target.name == one.name for target in discover(files[0]).targets):
        shown = f"{places.shown_path(files[0])}::{one.name}"
        raise TargetNotFound(f"{spec} is a target of its own file", (shown,))
    return find_named(one, [*own, *(import_path(python, one.module.partition(".")[0]) if python else ())])


def discovered(spec: str, command_name: str, by_name: ByName = NOT_SAID) -> Discovery:
    """All targets of a file or folder, or the one that is named."""
    _require_folder(spec)
    path = Path(os.path.normpath(Path(places.current_directory()) / spec))
    if os.path.isdir(path):  # noqa: PTH112 - which takes what it may not look at for absent: `find` tells why
        return discover(path)
    if os.path.isfile(path) and ((found := discover(path)).targets or found.problems):  # noqa: PTH113
        return found
    return Discovery((find_target(spec, command_name, by_name=by_name),), ())


def all_discovered(specs: Sequence[str], command_name: str, by_name: ByName = NOT_SAID) -> Discovery:
    """All targets of several files or folders, or that are named, each once."""
    found = [discovered(spec, command_name, by_name) for spec in specs]
    targets = {(info.file, info.name): info for each in found for info in each.targets}
    return Discovery(tuple(targets.values()), tuple(dict.fromkeys(one for each in found for one in each.problems)))


def _require_folder(path: str) -> None:
    """A path that is no absolute one means nothing where the current folder is gone."""
    if is_in_nothing(path):
        usage(FOLDER_GONE)


FOLDER_GONE: Final = label("the current folder has been removed: go to another one, or name a whole path")


def is_in_nothing(path: str) -> bool:
    return not Path(path).is_absolute() and places.is_folder_gone()


def leading(error: TargetNotFound, spec: str, command_name: tuple[str, ...]) -> Visible:
    """Why there is no such target, with the commands that may have been meant."""
    message = visible(error.message, multiline=True)
    if not error.suggestions:
        return message
    from fuzztui.usage import suggested, typed  # which knows all that could be meant

    words = sys.argv[1:] if spec in sys.argv[1:] else [*command_name, spec]
    right = [typed(words, lambda word: word == spec, path_word(each)) for each in error.suggestions]
    return suggested(message, error.lead, right)


def target_of(info: TargetInfo, python: str | None, look: Callable[[Path], Discovery] = discover) -> PythonTarget:
    """The target that was found, with its project's settings; `python`: the workers' interpreter, if one is named;
    `look` finds the targets of a file.
    """
    try:
        return python_target(info, interpreter_of(python), look)
    except BadSettings as error:
        usage(say("{}", error))


def interpreter_of(named: str | None) -> str:
    """The path of the workers' interpreter; empty for our own."""
    try:
        return usable_interpreter(named) if named is not None else ""
    except UnusableInterpreter as error:
        usage(say("--python: {}", error.sentence))


def options_of(
    info: TargetInfo,
    python: str | None,
    cache_dir: Path | None,
    look: Callable[[Path], Discovery] = discover,
    **given: Any,
) -> RunOptions:
    """The options of a run of this target, with what lies beside it; `look` finds the targets of a file, `given`:
    further fields of `RunOptions`.
    """
    target = target_of(info, python, look)
    if cache_dir is not None:
        check_cache_dir(cache_dir)
    options = RunOptions(
        target=target,
        cache_dir=absolute(cache_dir) if cache_dir is not None else places.default_cache_dir(target.project),
        **given,
    )
    return accompanied(options)


def cache_of(target: PythonTarget, cache_dir: Path | None) -> Path:
    """The cache that was named, or the project's; nothing is made."""
    return absolute(cache_dir) if cache_dir is not None else places.default_cache_dir(target.project)


def print_problems(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        line = say(":{}", problem.line) if problem.line else NOTHING
        put(sys.stderr, say("{}{}: {}", places.shown_path(problem.file), line, problem.message))


def print_unread(found: Discovery) -> None:
    for sentence in unread_inputs([*(info.file for info in found.targets), *(each.file for each in found.problems)]):
        put(sys.stderr, say("fuzztui: {}", sentence))


def shown_id(info: TargetInfo) -> Visible:
    if info.named is not None:
        return say("{}", info.name)
    return say("{}::{}", places.shown_path(info.file), info.name)
