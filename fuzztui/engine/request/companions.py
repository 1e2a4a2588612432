"""What lies beside a program for another fuzzer and belongs to it, by the names that OSS-Fuzz has for such files.

`harness.dict` is its dictionary, `harness_seed_corpus`, a folder or a zip archive, its seeds, `harness.options` its
settings for libFuzzer. Beside a file with `FuzzerRunOne`, `corp-harness` holds seeds. What a person has chosen takes
the place of each.
"""

import configparser
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from fuzztui.engine.request.dictionary import BadDictionary, read_dictionary
from fuzztui.engine.request.options import LARGEST_MAX_LEN, RunOptions
from fuzztui.engine.request.privacy import undisturbed
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.text import Visible, joined, os_error, say
from fuzztui.target.libfuzzer import COUNTERPARTS, WITHOUT_EFFECT

_SECTION: Final = "libfuzzer"

_MIB: Final = 1 << 20

_HEEDED: Final = frozenset({"dict", "max_len", "timeout", "rss_limit_mb"})
"""Flags in such a file that say how an input is run; how long a run takes and with how many workers is for people."""


def accompanied(options: RunOptions) -> RunOptions:
    """The options of a run with what lies beside its target, if that is a program. What was used is told in remarks."""
    target = options.target
    if not isinstance(target, PythonTarget) or not target.form.is_program:
        return options
    file = target.file
    said: list[Visible] = []
    used: list[Visible] = []
    passed_by: list[Visible] = []
    settings = _settings(file.with_suffix(".options"), said)
    changes = _limits(settings, options.chosen, used, passed_by)
    named = settings.get("dict", "").strip("\"' ")
    dictionary = file.with_name(named) if named else file.with_suffix(".dict")
    if named or dictionary.is_file():
        if "dictionary" in options.chosen:
            passed_by.append(say("dictionary {}", dictionary.name))
        else:
            changes["dictionary"] = _tokens(dictionary, used, said)
    seeds = tuple(
        file.with_name(name)
        for name in (f"{file.stem}_seed_corpus", f"{file.stem}_seed_corpus.zip", f"corp-{file.stem}")
        if file.with_name(name).exists()
    )
    if seeds:
        what = say("seeds {}", joined(", ", [say("{}", each.name) for each in seeds]))
        if "seeds" in options.chosen:
            passed_by.append(what)
        else:
            changes["seeds"] = seeds
            used.append(what)
    if used:
        said.append(say("used from beside the target: {}", joined("; ", used)))
    if passed_by:
        said.append(say("not used from beside the target, since it was said otherwise: {}", joined("; ", passed_by)))
    return undisturbed(replace(options, **changes, remarks=(*options.remarks, *said)))


def _tokens(path: Path, used: list[Visible], said: list[Visible]) -> tuple[bytes, ...]:
    try:
        tokens = read_dictionary(path)
    except BadDictionary as error:
        said.append(say("the dictionary beside the target is not used: {}", error))
    except OSError as error:
        said.append(say("the dictionary beside the target is not used: {}", os_error(error, path)))
    else:
        used.append(say("dictionary {}, {:,} {}", path.name, len(tokens), "token" if len(tokens) == 1 else "tokens"))
        return tokens
    return ()


def _settings(path: Path, said: list[Visible]) -> Mapping[str, str]:
    """Those for libFuzzer in a file of options; none if there is no such file."""
    if not path.is_file():
        return {}
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(path.read_text("utf-8", "replace"))
    except configparser.MissingSectionHeaderError as error:
        said.append(
            say("{} is not used: line {} stands in no section, want [libfuzzer] above", path.name, error.lineno)
        )
        return {}
    except (OSError, configparser.Error) as error:
        said.append(say("{} is not used: {}", path.name, str(error).replace("\n", " ")))
        return {}
    found = dict(parser[_SECTION]) if parser.has_section(_SECTION) else {}
    unknown = [name for name in found if name not in COUNTERPARTS and name not in WITHOUT_EFFECT]
    if unknown:
        said.append(say("{}: {} has no counterpart here", path.name, ", ".join(unknown)))
    for name in found:
        if name in COUNTERPARTS and name not in _HEEDED:
            said.append(say("{}: {} is not heeded: give {} on the command line", path.name, name, COUNTERPARTS[name]))
    for name in _HEEDED - {"dict"}:
        if name in found and not found[name].isdecimal():
            said.append(say("{}: {} = {} is not used: want a number", path.name, name, found[name]))
    return found


def _limits(
    settings: Mapping[str, str], chosen: Collection[str], used: list[Visible], passed_by: list[Visible]
) -> dict[str, Any]:
    """Fields of a run's options."""
    numbers = {name: int(value) for name, value in settings.items() if value.isdecimal()}
    found: dict[str, Any] = {}
    if numbers.get("max_len"):
        found["max_len"] = min(numbers["max_len"], LARGEST_MAX_LEN)
    if numbers.get("timeout"):
        found["timeout"] = float(numbers["timeout"])
    if "rss_limit_mb" in numbers:
        found["memory_limit"] = numbers["rss_limit_mb"] * _MIB or None
    shown = {"max_len": "max_len", "timeout": "timeout", "memory_limit": "rss_limit_mb"}
    for name in found:
        (passed_by if name in chosen else used).append(say("{} {}", shown[name], settings[shown[name]]))
    return {name: value for name, value in found.items() if name not in chosen}
