"""Runs the breaks; exit status 1 if more than one in ten survived or one did not apply, 2 for a usage error."""

import importlib
import os
import pkgutil
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path
from typing import Final

import tests.mutants
from tests.mutants.breaks import Break

ROOT: Final = Path(__file__).parents[2]

LEFT_OUT: Final = shutil.ignore_patterns(".*", "__pycache__", "htmlcov", "dist", "testdata")
"""Not copied: caches and environments, which are large or tell of the unbroken code."""

LONGEST: Final = 120.0
"""Seconds after which tests that a break keeps from ending count as having noticed it."""

MOST_SURVIVORS: Final = 0.1
"""Share of the breaks."""


class Fate(Enum):
    """What became of a break. Values are the words shown."""

    KILLED = "killed"
    SURVIVED = "SURVIVED"
    DOES_NOT_APPLY = "does not apply"
    """Its text is not in the file, or with it nothing can be imported: there is nothing that tests could notice."""


def listed() -> dict[str, list[Break]]:
    """The breaks of each module of this package that has any."""
    modules = [info.name for info in pkgutil.iter_modules(tests.mutants.__path__) if info.name != "__main__"]
    found = {name: getattr(importlib.import_module(f"tests.mutants.{name}"), "BREAKS", []) for name in modules}
    return {name: list(breaks) for name, breaks in found.items() if breaks}


def chosen(names: Sequence[str], by_module: dict[str, list[Break]]) -> list[Break]:
    """The breaks of these names, or of modules of these names; all without a name. KeyError for one that is neither."""
    by_name: dict[str, list[Break]] = {}
    for each in (each for breaks in by_module.values() for each in breaks):
        by_name.setdefault(each.name, []).append(each)
    return list(dict.fromkeys(each for name in names or by_module for each in {**by_name, **by_module}[name]))


def run_tests(tree: Path, files: Iterable[str], longest: float = LONGEST) -> tuple[int, str]:
    """Exit status of pytest on these files of a tree, and what it printed; status 1 where it does not end."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *sorted(set(files))]
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ended = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=longest)
    except subprocess.TimeoutExpired:
        return 1, "the tests did not end"
    return ended.returncode, ended.stdout + ended.stderr


def try_break(tree: Path, each: Break) -> Fate:
    """Run the break's tests in the tree with the fault in it; the tree is whole again afterwards."""
    file = tree / each.file
    source = file.read_text()
    broken = each.applied(source)
    if broken is None:
        return Fate.DOES_NOT_APPLY
    file.write_text(broken)
    try:
        status, _ = run_tests(tree, each.tests)
    finally:
        file.write_text(source)
    return {0: Fate.SURVIVED, 1: Fate.KILLED}.get(status, Fate.DOES_NOT_APPLY)


def main(names: Sequence[str]) -> int:
    """Try the breaks and say what became of each."""
    by_module = listed()
    try:
        breaks = chosen(names, by_module)
    except KeyError as error:
        print(f"there is no break and no list of breaks called {error}; lists: {', '.join(by_module)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder, "tree")
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        files = {file for each in breaks for file in each.tests}
        status, printed = run_tests(tree, files, LONGEST * len(files))
        if status:
            print(f"{printed}\nthe tests fail on unbroken code", file=sys.stderr)
            return 2
        fates: Counter[Fate] = Counter()
        for each in breaks:
            fate = try_break(tree, each)
            fates[fate] += 1
            print(f"{fate.value:15}{each.name:60}{each.file}", flush=True)
    applied = fates[Fate.KILLED] + fates[Fate.SURVIVED]
    print(f"{fates[Fate.SURVIVED]} of {applied} survived, {fates[Fate.DOES_NOT_APPLY]} did not apply")
    return int(fates[Fate.SURVIVED] > MOST_SURVIVORS * applied or fates[Fate.DOES_NOT_APPLY] > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
