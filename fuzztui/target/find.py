"""Find the one target that a person means, and lead to it where what was typed stands for none.

Nothing is imported: everything is told by files, folders and syntax trees.
"""

import difflib
import glob
import os
import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from fuzztui.protocol.files import read_regular
from fuzztui.target.discover import LARGEST_SOURCE, Discovery, TargetInfo, discover, parsed, python_files, syntax_words
from fuzztui.target.errors import TargetNotFound
from fuzztui.target.kinds import SUPPORTED
from fuzztui.target.lookalikes import Likeness, Lookalike, lookalikes

MOST_LED: Final = 10
"""Suggestions that people read."""

MOST_FILES: Final = 5_000
"""Python files that are looked through for one of a name: enough for a project, not for a disk."""

_DEFINITION: Final = "def fuzz_it(data: bytes) -> None:"

_AFTER_FILE: Final = re.compile(r"\.py(?=[^\w.]|$)")
_MODULE: Final = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*)(?::+([\w.]+))?")


def find(spec: str, cwd: Path) -> TargetInfo:
    """The one target that `path/to/file.py::name`, or `path/to/file.py` alone, stands for.

    The path is relative to `cwd`. TargetNotFound, with what there is instead, if it stands for none or for several.
    """
    try:
        return _find(spec, cwd)
    except OSError as error:  # of a folder that nobody may look into, mostly
        raise TargetNotFound(f"{spec} cannot be looked at: {error.strerror}") from None


def _find(spec: str, cwd: Path) -> TargetInfo:
    path_text, separator, name = split(spec, cwd)
    path = Path(os.path.normpath(cwd / path_text))  # lexical: a symlinked harness keeps its own testdata
    if not path.is_file():
        raise not_found(spec, cwd)
    if path.suffix != ".py":
        where = "put the target into a file whose name ends in .py"
        what = "a notebook" if path.suffix == ".ipynb" else "not a Python file"
        raise TargetNotFound(f"{path_text} is {what}: {where}")
    return _in_file(spec, path_text, path, name, bool(separator))


def split(spec: str, cwd: Path) -> tuple[str, str, str]:
    """What is typed as the file, `::`, and as the name of the target in it, which may have a class's before its own.

    The latter two are empty where only a file is named. A file's name may have colons.
    """
    ends = [match.start() for match in re.finditer("::", spec)]
    for end in [len(spec), *reversed(ends)]:
        if (cwd / spec[:end]).is_file():
            return spec[:end], spec[end : end + 2], spec[end + 2 :]
    return spec.rpartition("::") if ends else (spec, "", "")


def namesakes(target: TargetInfo, look: Callable[[Path], Discovery] = discover) -> tuple[str, ...]:
    """Names of the other files in a target's folder that have a target of the same name. `look` finds the targets of a
    file.
    """
    files = sorted(file for file in target.file.parent.glob("*.py") if file.name != target.file.name)
    return tuple(file.name for file in files if target.name in [each.name for each in look(file).targets])


def _in_file(spec: str, shown: str, path: Path, name: str, is_named: bool) -> TargetInfo:
    found = discover(path)
    chosen = [target for target in found.targets if not is_named or (name and name in (target.name, target.alias))]
    if len(chosen) == 1:
        return chosen[0]
    names = [target.name for target in found.targets]
    if is_named and (instead := _of_property_tests(shown, name, found)) is not None:
        raise instead
    if is_named and name and (alike := _alike(path, name)):
        raise _led_from(alike, shown, path, names)
    for problem in found.problems:
        if problem.name in ("", name) or not found.targets:
            raise TargetNotFound(f"{shown}{f':{problem.line}' if problem.line else ''}: {problem.message}")
    if not names:
        raise _without_target(shown, path)
    if is_named and not name:
        raise _led(f"{spec} ends where the target's name belongs", "want", shown, names)
    if not name:
        raise _led(f"{shown} has {len(names)} targets", "choose one", shown, names)
    if name.isdecimal() and (above := [target for target in found.targets if target.line <= int(name)]):
        raise _led(f"{shown} has no target {name}, which is a line", "did you mean", shown, [above[-1].name])
    if close := nearest(name, names):
        raise _led(f"{shown} has no target {name}", "did you mean", shown, [close])
    raise _led(f"{shown} has no target {name}", "it has", shown, names)


def _of_property_tests(shown: str, name: str, found: Discovery) -> TargetNotFound | None:
    """What is said of a name that property tests are known by elsewhere: with parameters, or of a method or a class."""
    tests = [target.name for target in found.targets if target.form.is_property]
    bare, bracket, _ = name.partition("[")
    if bracket and bare in tests:
        return _led(f"{shown}: {bare} is one target, with all its parameters", "did you mean", shown, [bare])
    dotted = name.replace("::", ".")
    meant = [each for each in tests if dotted and dotted in (each.replace("::", "."), each.rpartition("::")[2])]
    if meant:
        return _led(f"{shown} has no target {name}", "did you mean", shown, meant)
    of_class = [each for each in tests if each.startswith(f"{name}::")]
    if of_class:
        if len(of_class) == 1:
            return _led(f"{shown}::{name} is a class", "did you mean", shown, of_class)
        return _led(f"{shown}::{name} has {len(of_class)} targets", "choose one", shown, of_class)
    return None


def _led(message: str, lead: str, shown: str, names: list[str]) -> TargetNotFound:
    if len(names) > MOST_LED:
        message, names = f"{message} ({MOST_LED} of them below, fuzztui list shows all)", names[:MOST_LED]
    return TargetNotFound(message, tuple(f"{shown}::{name}" for name in names), lead)


def nearest(name: str, names: list[str]) -> str:
    """The name that was likely meant; empty if none is near. Upper and lower case make no difference."""
    lowered = {each.lower(): each for each in reversed(names)}
    close = difflib.get_close_matches(name.lower(), lowered, n=1)
    return lowered[close[0]] if close else ""


# What else is in a file -------------------------------------------------------------------------------------------


def _alike(path: Path, name: str) -> Lookalike | None:
    """What the name stands for in the file; of a method or an inner function its own name is enough."""
    dotted = name.replace("::", ".").strip(".").removesuffix("()")
    found = [each for each in _lookalikes(path) if dotted in (each.name, each.name.rpartition(".")[2])]
    return min(found, key=lambda each: each.name != dotted) if found else None


def _lookalikes(path: Path) -> list[Lookalike]:
    try:
        return lookalikes(parsed(read_regular(os.fspath(path), LARGEST_SOURCE)))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return []  # `discover` tells of it


def _led_from(alike: Lookalike, shown: str, path: Path, names: list[str]) -> TargetNotFound:
    last = alike.name.rpartition(".")[2]
    message = f"{shown}:{alike.line}: {alike.sentence}"
    if last in names:  # `target()`, or a method of the same name as a target
        return _led(f"{shown} has a target of that name", "did you mean", shown, [last])
    if alike.setup in names:
        return _led(f"{shown}:{alike.line}: {last} is the target of a set-up", "did you mean", shown, [alike.setup])
    if alike.module:
        folder = Path(shown).parent
        for file in _module_files(alike.module, path.parent):
            if last in [target.name for target in discover(file).targets]:
                there = os.path.relpath(file, path.parent)
                return _led(message, "did you mean", os.path.normpath(folder / there), [last])
        return TargetNotFound(f"{message}: write def fuzz_{last.removeprefix('fuzz_')}(data: bytes) -> None here")
    problem = next((each for each in discover(path).problems if each.name == alike.name), None)
    return TargetNotFound(f"{shown}:{problem.line}: {problem.message}" if problem is not None else message)


def _without_target(shown: str, path: Path) -> TargetNotFound:
    try:
        source = read_regular(os.fspath(path), LARGEST_SOURCE)
        if not source.strip():
            return TargetNotFound(f"{shown} is empty: write {_DEFINITION} and what is to be fuzzed")
        found = lookalikes(parsed(source))
    except SyntaxError as error:
        return TargetNotFound(f"{shown}{f':{error.lineno}' if error.lineno else ''}: {syntax_words(error)}")
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        return TargetNotFound(f"{shown}: cannot be read: {error}")
    likely = min(found, key=lambda each: each.likeness, default=None)
    if likely is not None and likely.likeness is not Likeness.NONE:
        return _led_from(likely, shown, path, [])
    return TargetNotFound(
        f"{shown} has no target: want a function named fuzz_*, its parameters annotated {SUPPORTED}, "
        f"or one decorated with @fuzztui.fuzz, such as {_DEFINITION}"
    )


# What a path could have meant -------------------------------------------------------------------------------------


def not_found(spec: str, cwd: Path) -> TargetNotFound:
    """Why a path that is no file stands for no target, and what it could have meant."""
    path_text, separator, name = spec.rpartition("::")
    if not separator:
        path_text, name = spec, ""
    if not path_text:
        return _named(spec, cwd) or TargetNotFound(f"{spec!r} names no file, want path/to/file.py::name")
    path = Path(os.path.normpath(cwd / path_text))
    readings: tuple[Callable[[], TargetNotFound | None], ...] = (
        lambda: _irregular(path_text, path),
        lambda: _folder(path_text, path, cwd),
        lambda: _file_and_more(spec, cwd),
        lambda: _pattern(path_text, cwd),
        lambda: _other_spelling(path_text, name, cwd),
        lambda: _module(spec, cwd),
        lambda: _named(spec, cwd),
        lambda: _elsewhere(path_text, name, path, cwd),
        lambda: _neighbor(path_text, name, path, cwd),
    )
    for reading in readings:
        if (error := reading()) is not None:
            return error
    if path.suffix == ".py" or path.parent != cwd:
        return TargetNotFound(f"there is no file {path_text}")
    by_name = " or package.module:function" if ":" in path_text else ""
    return TargetNotFound(f"{path_text} is not a file, want path/to/file.py::name{by_name}")


def _irregular(text: str, path: Path) -> TargetNotFound | None:
    if path.exists() and not path.is_dir():
        return TargetNotFound(f"{text} is no regular file, want path/to/file.py::name")
    if path.is_symlink() and not path.exists():
        return TargetNotFound(f"{text} is a symbolic link to nothing, want path/to/file.py::name")
    return None


def _folder(text: str, path: Path, cwd: Path) -> TargetNotFound | None:
    if not path.is_dir():
        return None
    specs = [_spec(target, cwd) for target in discover(path).targets]
    if not specs:
        return TargetNotFound(f"{text} is a folder, not a target, want path/to/file.py::name")
    more = f" ({MOST_LED} of {len(specs)} below, fuzztui list shows all)" if len(specs) > MOST_LED else ""
    return TargetNotFound(f"{text} is a folder, not a target{more}", tuple(specs[:MOST_LED]))


def _file_and_more(spec: str, cwd: Path) -> TargetNotFound | None:
    """`file.py:name`, `file.py::Class::method`, `file.py/name`, `file.py:12`: a file's name and something behind it."""
    for end in _AFTER_FILE.finditer(spec):
        text, rest = spec[: end.end()], spec[end.end() :].strip(":/#@. ")
        path = Path(os.path.normpath(cwd / text))
        if not rest or not path.is_file():
            continue
        name = re.sub(r"[(\[].*", "", rest)
        try:
            target = _in_file(spec, text, path, name, is_named=True)
        except TargetNotFound as error:
            return error
        return _led(f"there is no file {spec}", "did you mean", text, [target.name])
    return None


def _pattern(text: str, cwd: Path) -> TargetNotFound | None:
    if not re.search(r"[*?\[]", text):
        return None
    # Not `Path.glob`, which takes no absolute pattern.
    files = [cwd / name for name in sorted(glob.glob(text, root_dir=cwd, recursive=True)) if name.endswith(".py")]  # noqa: PTH207
    specs = [_spec(target, cwd) for file in files[:MOST_FILES] if file.is_file() for target in discover(file).targets]
    if not specs:
        return TargetNotFound(f"{text} is a pattern that no file with a target matches, want path/to/file.py::name")
    more = f" ({MOST_LED} of {len(specs)} below)" if len(specs) > MOST_LED else ""
    return TargetNotFound(f"{text} is a pattern, not a target{more}", tuple(specs[:MOST_LED]), "choose one")


def _other_spelling(text: str, name: str, cwd: Path) -> TargetNotFound | None:
    """Without `.py`, with a `~` that no shell has seen, with blanks around."""
    for other in (f"{text}.py", f"{text}py", os.path.expanduser(text), text.strip()):  # noqa: PTH111 - of any text
        if other != text and (cwd / other).is_file() and other.endswith(".py"):
            return TargetNotFound(f"there is no file {text}", _works(other, cwd / other, name))
    return None


def _module(spec: str, cwd: Path) -> TargetNotFound | None:
    """`package.module:function`, `package.module.function`, `package.module`."""
    match = _MODULE.fullmatch(spec)
    if match is None or spec.endswith(".py"):
        return None
    dotted, name = match[1], match[2] or ""
    readings = [(dotted, name)]
    if not name and "." in dotted:
        module, _, last = dotted.rpartition(".")
        readings.append((module, last))
    for module, function in readings:
        if not function and "." not in module:
            continue
        for file in _module_files(module, cwd):
            shown = os.path.relpath(file, cwd)
            if not function:
                return TargetNotFound(f"{spec} is a module, not a file", _works(shown, file, ""))
            try:
                target = _in_file(spec, shown, file, function, is_named=True)
            except TargetNotFound as error:
                return error
            return _led(f"{spec} is not a file", "did you mean", shown, [target.name])
    return None


def _module_files(module: str, folder: Path) -> Iterator[Path]:
    """Files that a module may be, from this folder or one above it, or from a `src` in one of these."""
    parts = module.split(".")
    for root in islice((folder, *folder.parents), 8):
        for base in (root, root / "src"):
            for file in (base.joinpath(*parts).with_suffix(".py"), base.joinpath(*parts, "__init__.py")):
                if file.is_file():
                    yield file


def _named(spec: str, cwd: Path) -> TargetNotFound | None:
    """A target's name alone."""
    name = spec.removeprefix("::")
    if not name.isidentifier():
        return None
    specs = [_spec(target, cwd) for target in _targets_below(cwd) if target.name == name]
    return TargetNotFound(f"{spec} is not a file", tuple(specs[:MOST_LED])) if specs else None


def _neighbor(text: str, name: str, path: Path, cwd: Path) -> TargetNotFound | None:
    """A path with a slip of the finger in one name or another."""
    reached = cwd if path.is_relative_to(cwd) else Path(path.anchor)
    parts = path.relative_to(reached).parts
    for number, part in enumerate(parts, 1):
        if (reached / part).exists():
            reached /= part
            continue
        is_last = number == len(parts)
        entries = _entries(reached, files=is_last)
        stem = part.removesuffix(".py") if is_last else part
        close = nearest(stem, entries)  # without the suffix, which makes all alike
        is_file = is_last and bool(close)
        close = close or (nearest(part, _entries(reached, files=False)) if is_last else "")
        if not close:
            return None
        reached /= f"{close}.py" if is_file else close
    shown = os.path.relpath(reached, cwd) if path.is_relative_to(cwd) or not text.startswith("/") else str(reached)
    return TargetNotFound(f"there is no file {text}", _works(shown, reached, name))


def _entries(folder: Path, *, files: bool) -> list[str]:
    """Names in a folder: of Python files, without the suffix, or of folders."""
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return []
    if files:
        return [each.stem for each in found if each.suffix == ".py" and each.is_file()]
    return [each.name for each in found if each.is_dir()]


def _elsewhere(text: str, name: str, path: Path, cwd: Path) -> TargetNotFound | None:
    """A file of that name in another folder."""
    if cwd.parent == cwd:
        return None  # the whole file system is nobody's project
    wanted = {path.name, f"{path.name}.py"}
    found = [file for file in islice(python_files(cwd), MOST_FILES) if file.name in wanted][:MOST_LED]
    specs = [spec for file in found for spec in _works(os.path.relpath(file, cwd), file, name)]
    return TargetNotFound(f"there is no file {text}", tuple(specs[:MOST_LED])) if specs else None


def _works(shown: str, path: Path, name: str) -> tuple[str, ...]:
    """What can be typed for a target of this file: the one of that name, or else those that there are."""
    if path.is_dir():
        return (shown,)
    try:
        target = _in_file(shown, shown, path, name, is_named=bool(name))
    except TargetNotFound as error:
        return error.suggestions or (shown,)
    return (f"{shown}::{target.name}" if name else shown,)


def _targets_below(cwd: Path) -> Iterator[TargetInfo]:
    for file in islice(python_files(cwd), MOST_FILES) if cwd.parent != cwd else ():
        yield from discover(file).targets


def _spec(target: TargetInfo, cwd: Path) -> str:
    return f"{os.path.relpath(target.file, cwd)}::{target.name}"
