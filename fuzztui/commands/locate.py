"""`fuzztui locate`."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from fuzztui.commands.arguments import CacheOption
from fuzztui.commands.targets import cache_of, discovered, print_problems, shown_id, target_of
from fuzztui.engine.keep import places
from fuzztui.engine.keep.places import code_cache_dir, decisions_dir
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.exit_status import USAGE
from fuzztui.engine.show.text import NOTHING, Visible, joined, json_line, label, say, visible
from fuzztui.plain.output import put
from fuzztui.settings import settings_file


def locate(
    target: Annotated[
        str, typer.Argument(metavar="[TARGET]", help="A target, or a file or folder with several.")
    ] = ".",
    keys: Annotated[
        bool, typer.Option("--keys", help="Show instead the actions that a key can be chosen for, with their keys.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
    cache_dir: CacheOption = None,
) -> None:
    """Say where config, caches, corpora, stored inputs, triage files and logs are; nothing is made."""
    if keys:
        _print_keys(as_json)
        return
    found = discovered(target, "locate")
    targets = [(shown_id(info), target_of(info, None)) for info in found.targets]
    general = _general(targets[0][1] if targets else None, cache_dir)
    each = {name: _places_of(one, cache_of(one, cache_dir)) for name, one in targets}
    if as_json:
        fields: dict[str, Any] = {_word(name): _spelled(path) for name, path in general.items()}
        fields["targets"] = [
            {"target": name, **{_word(place): _spelled(path) for place, path in its.items()}}
            for name, its in each.items()
        ]
        put(sys.stdout, json_line(fields))
    else:
        _print_places(general)
        for name, its in each.items():
            put(sys.stdout, say("\n{}", name))
            _print_places(its)
    print_problems(found.problems)
    if found.problems:
        raise typer.Exit(USAGE)


def _general(target: PythonTarget | None, cache_dir: Path | None) -> dict[str, Path | None]:
    """Places that are no single target's."""
    project = target.project if target is not None else places.project_root(Path(places.current_directory()) / "any.py")
    cache = Path(places.current_directory()) / cache_dir if cache_dir is not None else places.default_cache_dir(project)
    code = code_cache_dir()
    return {
        "config": settings_file(),
        "project": project,
        "cache": cache,
        "instrumented code": Path(code) if code else None,
        "error log": cache / "internal-error.log",
        "dashboard's error log": cache / "dashboard-error.txt",
    }


def _places_of(target: PythonTarget, cache: Path) -> dict[str, Path | None]:
    return {
        "file": target.file,
        "stored inputs": target.crashers_dir.path,
        "triage files": decisions_dir(target.crashers_dir).path,
        "corpus": target.generated_dir(cache).path,
        "crash records": target.records_dir(cache).path,
    }


def _print_places(shown: dict[str, Path | None]) -> None:
    width = max(map(len, shown))
    for name, path in shown.items():
        absent = label("  (not there yet)") if path is not None and not os.path.lexists(path) else NOTHING
        place = say("{}", path) if path is not None else label("nowhere: the environment names no home")
        put(sys.stdout, say("{:<{}}  {}{}", name, width, place, absent))


def _word(name: str) -> str:
    return name.replace("'s", "").replace(" ", "_")


def _spelled(path: Path | None) -> str | None:
    """A path as JSON has it; bytes that are no text are lone surrogates, as in Python."""
    return None if path is None else str(path)


def _print_keys(as_json: bool) -> None:
    import fuzztui.app  # noqa: F401 - all parts of the screen, which takes 0.3 s
    from fuzztui.screens.keymap import actions

    listed = actions()
    if as_json:
        put(sys.stdout, json_line([{"action": one.name, "keys": one.keys, "does": one.does} for one in listed]))
        return
    width = max(len(one.name) for one in listed)
    for one in listed:
        chosen: Visible = joined(",", map(visible, one.keys))
        put(sys.stdout, say('{:<{}} = "{}"  # {}', one.name, width, chosen, one.does))
