"""`python -m benchmarks.harnesses [--cpu SECONDS] [--seeds N] FILE...`: programs for Atheris, with it and with fuzztui.

Each is run from nothing by both, with as many CPU seconds, its start included; Atheris, which ends at the first crash,
is started again with what is left. The corpora that they leave are then run once more in a fresh process under
coverage.py, and what counts is branches of the packages that the program imports. That needs these packages, Atheris
and coverage.py (the extra `bench`).
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Final

from benchmarks import peer
from benchmarks.child import MeasurementError, run
from benchmarks.search import LIBFUZZER_FAILURE
from benchmarks.table import table
from fuzztui.target.discover import discover
from fuzztui.target.imports import packages_of
from fuzztui.worker.programs.fuzzers import STAND_INS

WITHIN: Final = 600.0
"""Seconds for the replay of one corpus."""

PATIENCE: Final = 60.0
"""Seconds for each CPU second of a run: the machine may do much besides."""

LARGEST: Final = 1 << 20
"""Bytes of a file beside a program that comes along: what it imports, or reads."""

LEAST: Final = 0.2
"""CPU seconds with which Atheris is started once more."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Branches covered by both, with one random seed."""

    fuzztui: int
    atheris: int
    branches: int
    """That there are."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a line for each program; 1 if none could be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.harnesses", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--cpu", type=float, default=10.0, help="CPU seconds of each run")
    parser.add_argument("--seeds", type=int, default=2, help="random seeds")
    asked = parser.parse_args(arguments)
    if peer.version() is None:
        parser.error("Atheris is not installed: pip install -e .[bench]")
    rows: list[tuple[str, list[Pair]]] = []
    for file in asked.files:
        pairs = []
        try:
            for seed in range(1, asked.seeds + 1):
                pairs.append(one(file, seed, asked.cpu))
                found = pairs[-1]
                print(f"{file}, seed {seed}: {found.fuzztui}, Atheris {found.atheris}", file=sys.stderr, flush=True)
        except MeasurementError as error:
            print(f"{file}: {error}", file=sys.stderr)
        if pairs:
            rows.append((shown(file), pairs))
    print(report(rows, asked.cpu))
    return 0 if rows else 1


def shown(file: Path) -> str:
    """The program, with the folder that it lies in."""
    return f"{file.absolute().parent.name}/{file.stem}"


def report(rows: Sequence[tuple[str, Sequence[Pair]]], cpu: float) -> str:
    """A table, and how many of the programs had more branches with fuzztui, as many, or fewer."""
    lines = []
    sums = {"more": 0, "equal": 0, "fewer": 0}
    for name, pairs in rows:
        ours, theirs = sum(pair.fuzztui for pair in pairs), sum(pair.atheris for pair in pairs)
        word = "more" if ours > theirs else "equal" if ours == theirs else "fewer"
        sums[word] += 1
        each = [" ".join(str(getattr(pair, side)) for pair in pairs) for side in ("fuzztui", "atheris")]
        lines.append((name, f"{pairs[0].branches:,}", *each, f"{ours / theirs:.2f}" if theirs else "-", word))
    title = f"Branches covered after {cpu:g} CPU seconds from nothing, start included; a figure for each random seed"
    header = ("program", "branches", "fuzztui", "Atheris", "fuzztui / Atheris", "")
    return "\n".join([table(title, header, lines), ", ".join(f"{word}: {number}" for word, number in sums.items())])


def one(file: Path, seed: int, cpu: float) -> Pair:
    """Both, with one random seed. MeasurementError if either cannot be run."""
    with tempfile.TemporaryDirectory(prefix="fuzztui-benchmark-") as name:
        folder = Path(name)
        copy = _copied(file, folder / "program")
        ours = _fuzztui(copy, folder, seed, cpu)
        theirs = _atheris(copy, folder, seed, cpu)
        packages = ",".join(_packages(copy))
        (covered, branches), (others, _) = (
            run("benchmarks.children.harness_replay", copy, folder, packages, each, within=WITHIN).result()
            for each in (ours, theirs)
        )
    if not branches:
        raise MeasurementError(f"coverage.py has seen no branch of {packages}")
    return Pair(covered, others, branches)


def _copied(file: Path, folder: Path) -> Path:
    """The program in a folder of its own, with what lies beside it: inputs are stored beside a program."""
    folder.mkdir()
    for each in file.absolute().parent.iterdir():
        if each.is_file() and each.stat().st_size <= LARGEST:
            shutil.copy(each, folder)
    return folder / file.name


def _packages(file: Path) -> list[str]:
    """What counts: packages that the program imports, with all that was installed together with them (`attrs` has its
    code in `attr`); those of the standard library if it imports no others.
    """
    found = packages_of(file.read_bytes()) - STAND_INS - {"__future__"}
    installed = packages_distributions()
    projects = {project for name in found for project in installed.get(name, ())}
    together = {name for name, owners in installed.items() if name.isidentifier() and not projects.isdisjoint(owners)}
    return sorted((found | together) - sys.stdlib_module_names) or sorted(found)


def _fuzztui(file: Path, folder: Path, seed: int, cpu: float) -> Path:
    cache = folder / "cache"
    run("benchmarks.children.harness_search", file, cache, seed, cpu, within=PATIENCE * cpu).result()
    (info,) = discover(file).targets
    found = [path for path in (cache / "corpus").rglob("*") if path.is_dir() and path.name == info.name]
    empty = folder / "nothing"
    empty.mkdir()
    return next(iter(found), empty)


def _atheris(file: Path, folder: Path, seed: int, cpu: float) -> Path:
    corpus = folder / "corpus"
    corpus.mkdir()
    left = cpu
    for start in range(100):
        if left < LEAST:
            break
        words = (f"-seed={seed + 1000 * start}", "-verbosity=0", f"-artifact_prefix={folder}/", corpus)
        finished = run(
            "benchmarks.children.harness_peer",
            *(left, file, *words),
            within=PATIENCE * cpu,
            statuses=(0, 1, LIBFUZZER_FAILURE, -signal.SIGPROF, -signal.SIGALRM, -signal.SIGABRT),
        )
        left -= max(finished.cpu, LEAST)
    return corpus


if __name__ == "__main__":
    os.chdir(Path(__file__).parents[1])
    sys.exit(main())
