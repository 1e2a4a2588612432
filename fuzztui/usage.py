"""What is said to somebody who typed something that the command line does not take: one sentence, and what to type.

The parser of arguments is a library's; what it raises is read here, and told in words of our own.
"""

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from typer.core import TyperGroup

from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.request.options import LARGEST_MAX_LEN, MOST_WORKERS
from fuzztui.engine.show.text import Visible, command, joined, label, path_word, say
from fuzztui.sessions.found import recordings_here
from fuzztui.sessions.replaying import SPEEDS
from fuzztui.target.discover import discover, python_files
from fuzztui.target.errors import TargetNotFound
from fuzztui.target.find import find
from fuzztui.words.units import parse_limit, parse_seconds, parse_size

PROGRAM: Final = "fuzztui"

_NUMBERS: Final = {
    "workers": f"a number of processes from 1 to {MOST_WORKERS}, such as -j 4",
    "max_len": f"a number of bytes from 1 to {LARGEST_MAX_LEN:,}, such as --max-len 4096",
    "seed": "a number from 0 on, such as --seed 1",
    "speed": f"a number from {SPEEDS[0]:g} to {SPEEDS[-1]:g}, such as --speed 4",
}
"""What options want that are numbers, by the names of their parameters."""

_ELSEWHERE: Final = {
    "fuzz": "run",
    "start": "run",
    "cmin": "corpus minimize",
    "tmin": "minimize",
    "merge": "corpus import",
    "check": "test",
    "repro": "replay",
    "ls": "list",
    "help": "-h",
    "version": "--version",
    "detach": "run --detach",
    "background": "run --detach",
    "ps": "attach --list",
    "sessions": "attach --list",
    "connect": "attach",
    "watch": "attach",
    "play": "replay-session",
    "session": "replay-session",
    "new": "init",
    "create": "init",
    "generate": "init",
    "harness": "init",
}
"""Commands that others call otherwise."""

_OPTIONS_ELSEWHERE: Final = {
    "runs": "-t {}x",
    "max-total-time": "-t {}s",
    "duration": "-t {}s",
    "time": "-t {}s",
    "jobs": "-j {}",
    "fork": "-j {}",
    "parallel": "-j {}",
    "rss-limit-mb": "--memory-limit {}M",
    "no-tui": "--headless",
    "verbose": "--headless",
}
"""Options of other fuzzers, and what does the same here; `{}` is the value."""

_FIRST: Final = 5
"""Targets that are listed as examples."""


def usage_sentence(error: Any, root: TyperGroup, words: Sequence[str], cwd: Path) -> Visible:
    """What was wrong with the command line and what to type instead.

    `error`: what the parser of arguments raised; `words`: what was typed behind the program's name.
    """
    inner, names = _command_of(root, words)
    kind, message = type(error).__name__, str(error.message)
    if isinstance(inner, TyperGroup):
        if kind == "NoSuchOption":
            return _misplaced_option(error.option_name, root, names, words)
        return _no_command(root, names, words, cwd)
    if kind == "NoSuchOption":
        return _no_option(error.option_name, inner, names, words)
    if kind == "MissingParameter":
        return _missing(error.param, names, words, cwd)
    if kind == "BadOptionUsage":
        return _bad_use(error.option_name, message, inner, names, words)
    if kind == "BadParameter" and error.param is not None and error.param.name in _NUMBERS:
        option = next((name for name in error.param.opts if _value_of(name, words) is not None), error.param.opts[-1])
        value = _value_of(option, words)
        joint = next((word for word in words if len(option) == 2 and word.startswith(f"{option}=")), "")
        if joint:
            right = typed(words, lambda word: word == joint, option, joint[3:])
            return suggested(say("{} takes its value without =", option), "did you mean", [right])
        return say("{}: '{}' is not possible, want {}", option, value, _NUMBERS[error.param.name])
    if (extra := re.fullmatch(r"Got unexpected extra arguments? ?\(?s?\)? ?\((.*)\)", message, re.DOTALL)) is not None:
        return _extra(extra[1], names, words, cwd)
    return say("{}; {} -h says what there is", error.format_message(), joined(" ", [label("fuzztui"), command(*names)]))


def suggested(sentence: Visible, lead: str, commands: Sequence[Visible]) -> Visible:
    """A sentence that ends in commands, each on a line of its own so that it can be copied."""
    return joined("\n", [say("{}, {}:", sentence, lead), *(say("    {}", each) for each in commands)])


def typed(words: Sequence[str], place: Callable[[str], bool], *replacements: str) -> Visible:
    """The command that was typed, with other words in the place of the first for which `place` is true."""
    at = next((number for number, word in enumerate(words) if place(word)), len(words))
    return command(PROGRAM, *words[:at], *replacements, *words[at + 1 :])


# Commands ---------------------------------------------------------------------------------------------------------


def _command_of(root: TyperGroup, words: Sequence[str]) -> tuple[Any, list[str]]:
    """The command that the words begin with, as far as there is one, and its name."""
    here: Any = root
    names: list[str] = []
    for word in words:
        if not isinstance(here, TyperGroup) or word not in here.commands:
            break
        here = here.commands[word]
        names.append(word)
    return here, names


def _all_commands(group: TyperGroup, *names: str) -> Iterator[tuple[str, Any]]:
    for name, inner in group.commands.items():
        if isinstance(inner, TyperGroup):
            yield from _all_commands(inner, *names, name)
        else:
            yield " ".join((*names, name)), inner


def _by_last(root: TyperGroup, names: list[str]) -> dict[str, str]:
    """The names of all commands by their last words; of two with one, that which begins with these names."""
    begun = f"{' '.join(names)} "
    known = sorted((each for each, _ in _all_commands(root)), key=lambda each: not each.startswith(begun))
    return {each.rpartition(" ")[2]: each for each in reversed(known)}


def _no_command(root: TyperGroup, names: list[str], words: Sequence[str], cwd: Path) -> Visible:
    known = dict(_all_commands(root))
    rest = words[len(names) :]
    below = [each for each in known if each.startswith(f"{' '.join(names)} ")] or list(known)
    wanted = joined(", ", [command(PROGRAM, *each.split()) for each in below])
    if not rest:
        return say("{} wants a command behind it: one of {}", command(PROGRAM, *names), wanted)
    name = rest[0]
    if "::" in name or ".py" in name or (cwd / name).exists():
        fitting = "list" if (cwd / name).is_dir() else "run"
        word = command(PROGRAM, fitting, *(path_word(each) if each == name else each for each in rest))
        return suggested(say("the command is missing before {}", name), "did you mean", [word])
    by_last = _by_last(root, names)
    close = _ELSEWHERE.get(name) or next(iter(difflib.get_close_matches(name.lower(), by_last, n=1, cutoff=0.65)), "")
    if close:
        right = command(PROGRAM, *by_last.get(close, close).split(), *rest[1:])
        return suggested(say("there is no command {}", name), "did you mean", [right])
    return say("there is no command {}, want one of {}", name, wanted)


# Options ----------------------------------------------------------------------------------------------------------


def _misplaced_option(option: str, root: TyperGroup, names: list[str], words: Sequence[str]) -> Visible:
    by_last = _by_last(root, names)
    if (meant := by_last.get(option.lstrip("-"))) is not None and option in words:
        right = typed(words, lambda word: word == option, *meant[len(" ".join(names)) :].split())
        return suggested(say("{} is a command, not an option", option.lstrip("-")), "did you mean", [right])
    takers = [name for name, inner in _all_commands(root) if option in _options(inner)]
    if takers:
        example = command(PROGRAM, *takers[0].split(), "TARGET", option)
        return say("{} is an option of a command, and stands behind it: {}", option, example)
    return say("there is no option {}; {} -h says what there is", option, command(PROGRAM, *names))


def _options(inner: Any) -> list[str]:
    listed = [option for each in inner.params for option in (*each.opts, *each.secondary_opts)]
    return [option for option in listed if option.startswith("-")]


def _no_option(option: str, inner: Any, names: list[str], words: Sequence[str]) -> Visible:
    # `-runs=100` is a number of short options to the parser, of which it names the first.
    word = next((each for each in words if each.startswith(option)), option)
    name, equals, value = word.partition("=")
    sentence = say("there is no option {}", name)
    bare = name.lstrip("-").replace("_", "-").lower()
    if _OPTIONS_ELSEWHERE.get(bare, "").partition(" ")[0] in _options(inner):
        at = words.index(word) if word in words else len(words)
        replaced = _OPTIONS_ELSEWHERE[bare]
        takes_next = "{}" in replaced and not equals and at + 1 < len(words)
        value = value or (words[at + 1] if takes_next else "30")
        rest = words[at + 1 + takes_next :]
        right = command(PROGRAM, *words[:at], *replaced.format(re.sub(r"\D", "", value) or "30").split(), *rest)
        return suggested(sentence, "did you mean", [right])
    by_bare = {each.lstrip("-"): each for each in _options(inner)}
    close = difflib.get_close_matches(bare, [each for each in by_bare if len(each) > 1], n=1)
    if not close:
        return say("{}; {} -h says which there are", sentence, command(PROGRAM, *names))
    right = typed(words, lambda each: each == word, f"{by_bare[close[0]]}{equals}{value}")
    return suggested(sentence, "did you mean", [right])


def _bad_use(option: str, message: str, inner: Any, names: list[str], words: Sequence[str]) -> Visible:
    if "does not take a value" in message:
        word = next((each for each in words if each.startswith(f"{option}=")), option)
        right = typed(words, lambda each: each == word, option)
        return suggested(say("{} takes no value", option), "did you mean", [right])
    parameter = next((each for each in inner.params if option in each.opts), None)
    if parameter is not None and parameter.name in _NUMBERS:
        return say("{} lacks its value, want {}", option, _NUMBERS[parameter.name])
    meaning = getattr(parameter, "help", None) or message
    return say("{} lacks its value: {}; {} -h says more", option, meaning.rstrip("."), command(PROGRAM, *names))


def _value_of(option: str, words: Sequence[str]) -> str | None:
    for number, word in enumerate(words):
        if word == option:
            return words[number + 1] if number + 1 < len(words) else None
        if word.startswith(f"{option}=") or (len(option) == 2 and word.startswith(option) and word != option):
            return word[len(option) :].removeprefix("=")
    return None


# Arguments --------------------------------------------------------------------------------------------------------


def _missing(parameter: Any, names: list[str], words: Sequence[str], cwd: Path) -> Visible:
    if parameter is not None and parameter.name in ("target", "targets"):
        found = (target for file in islice(python_files(cwd), 1_000) for target in discover(file).targets)
        specs = [f"{target.file.relative_to(cwd)}::{target.name}" for target in islice(found, _FIRST)]
        sentence = say("{} wants a target", command(PROGRAM, *names))
        if not specs:
            return say("{}: path/to/file.py::name, and there is none in this folder", sentence)
        return suggested(sentence, "such as", [command(PROGRAM, *words, path_word(spec)) for spec in specs])
    name = str(getattr(parameter, "metavar", None) or "an argument")
    meaning = (getattr(parameter, "help", None) or "").rstrip(".")
    if (examples := _EXAMPLES.get(" ".join(names))) is None:
        return say("{} wants {} behind the target: {}", command(PROGRAM, *names), name, meaning)
    sentence = say("{} wants {}: {}", command(PROGRAM, *names), name, meaning[:1].lower() + meaning[1:])
    shown = examples(cwd)
    return suggested(sentence, "such as", [command(PROGRAM, *words, each) for each in shown]) if shown else sentence


def _recordings(cwd: Path) -> list[str]:
    return [path_word(shown_path(path)) for path in recordings_here(cwd)]


_EXAMPLES: Final[dict[str, Callable[[Path], list[str]]]] = {
    "replay-session": _recordings,
    "init": lambda _: ["package.module:function"],
}
"""Commands whose argument is no target, with what it may be."""


def _extra(listed: str, names: list[str], words: Sequence[str], cwd: Path) -> Visible:
    extras = _last_words(listed, words)
    first = extras[0] if extras else listed
    at = max((number for number, word in enumerate(words) if word == first), default=len(words))
    before = words[at - 1] if 0 < at < len(words) else ""
    sentence = say("'{}' is a word too many for {}", first, command(PROGRAM, *names))
    if before and _is_value(before + first):
        right = command(PROGRAM, *words[: at - 1], before + first, *words[at + 1 :])
        return suggested(sentence, "did you mean", [right])
    if before and (spec := f"{before}::{first}") and _is_target(spec, cwd):
        right = command(PROGRAM, *words[: at - 1], path_word(spec), *words[at + 1 :])
        return suggested(sentence, "did you mean", [right])
    files = [word for word in words if word.endswith(".py") or _is_target(word, cwd)]
    if len(files) > 1:
        others = [word for word in words if word not in files]
        each = [command(PROGRAM, *others[: len(names)], path_word(file), *others[len(names) :]) for file in files]
        head = say("{} takes one target, not {}", command(PROGRAM, *names), len(files))
        return suggested(head, "choose one", each[: 2 * _FIRST])
    return say("{}; {} -h says what there is", sentence, command(PROGRAM, *names))


def _last_words(listed: str, words: Sequence[str]) -> list[str]:
    """The words that the parser has listed, with blanks between them."""
    found: list[str] = []
    for word in words:
        rest = listed[len(" ".join(found)) :].lstrip(" ")
        if rest and (rest == word or rest.startswith(f"{word} ")):
            found.append(word)
    return found if " ".join(found) == listed else []


def _is_value(text: str) -> bool:
    for parse in (parse_limit, parse_seconds, parse_size):
        try:
            parse(text)
        except ValueError:
            continue
        return not text.isdecimal()
    return False


def _is_target(spec: str, cwd: Path) -> bool:
    try:
        find(spec, cwd)
    except TargetNotFound:
        return False
    return True
