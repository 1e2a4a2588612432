"""`python -m benchmarks.projects [--seconds N] [--tests N] FOLDER...`

Takes the property tests of projects as they come: which of them load, and which part of the project's package they
cover when they are fuzzed and when Hypothesis alone generates examples, in the same CPU time.

FOLDER is a source distribution that has been unpacked; the interpreter has what its tests need. What is fuzzed is
counted afterwards, by executing its corpus and its crashers as Hypothesis' examples are: so both are measured by the
same probes, and what fails counts for both. The CPU time is that after the test has been loaded, of the coordinator and
of what looks into crashers, too.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from fuzztui.target.discover import discover

GRACE: Final = 600.0
"""Seconds that loading may take on a busy machine, at most."""

PATIENCE: Final = 30.0
"""Seconds of a busy machine for a CPU second."""

NO_PACKAGES: Final = frozenset(
    {"tests", "test", "testing", "docs", "doc", "bench", "benchmarks", "examples", "scripts"}
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One test."""

    project: str
    test: str
    error: str = ""
    """Why it does not load."""
    fuzzed: int | None = None
    """Probes of the package that fuzzing has covered; None where that was not measured."""
    generated: int | None = None
    """Those that Hypothesis has covered."""
    probes: int = 0
    executions: tuple[int, int] = (0, 0)
    """Fuzzed, and by Hypothesis."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project in its folder."""

    root: Path

    @property
    def path(self) -> Path:
        """Where its packages are imported from."""
        source = self.root / "src"
        return source if source.is_dir() else self.root

    @property
    def packages(self) -> list[str]:
        """Their names."""
        folders = [each.parent.name for each in self.path.glob("*/__init__.py")]
        return [name for name in folders if name not in NO_PACKAGES]

    def tests(self) -> Iterator[tuple[Path, str]]:
        """File and name of each property test."""
        for file in sorted(self.root.rglob("*.py")):
            for found in discover(file).targets:
                if found.form.is_property:
                    yield file, found.name


def child(project: Project, file: Path, test: str, seconds: float, corpus: Path | None = None) -> dict[str, Any]:
    """What `benchmarks.children.property_coverage` says."""
    words = [file, test, project.path, ",".join(project.packages), seconds, 1, *([corpus] if corpus else [])]
    command = [sys.executable, "-m", "benchmarks.children.property_coverage", *map(str, words)]
    return last_line(ran(project, command, PATIENCE * seconds + GRACE))


def fuzz(project: Project, file: Path, test: str, seconds: float) -> tuple[int, dict[str, Any]]:
    """Fuzz for so many CPU seconds; the executions, and what `child` says of the corpus."""
    with tempfile.TemporaryDirectory(prefix="fuzztui-benchmark-") as cache:
        words = [sys.executable, "-m", "benchmarks.children.property_search", file, test, cache, 1, seconds]
        told = last_line(ran(project, list(map(str, words)), PATIENCE * seconds + GRACE))
        return int(told.get("executions", 0)), child(project, file, test, 0, Path(cache))


def ran(project: Project, command: list[str], within: float) -> str:
    """What a process in the project's folder prints; nothing if it takes too long."""
    paths = os.pathsep.join([str(project.path), str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": paths.rstrip(os.pathsep), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=project.root, env=environment, capture_output=True, text=True, timeout=within, check=False
        )
    except subprocess.TimeoutExpired:
        return json.dumps({"error": f"it took longer than {within:g} s"})
    return done.stdout if done.stdout.strip() else json.dumps({"error": done.stderr[-300:]})


def last_line(output: str) -> dict[str, Any]:
    """The JSON object that ends an output."""
    try:
        found = json.loads(output.strip().splitlines()[-1])
    except (ValueError, IndexError):
        return {"error": output[-300:]}
    return found if isinstance(found, dict) else {"error": output[-300:]}


def measure(project: Project, file: Path, test: str, seconds: float) -> Measured:
    """Whether a test loads, and what it covers in so many CPU seconds; none to find out nothing but the first."""
    name = f"{file.relative_to(project.root)}::{test}"
    generated = child(project, file, test, seconds)
    if "error" in generated or not seconds:
        return Measured(project.root.name, name, generated.get("error", ""), probes=generated.get("probes", 0))
    executions, fuzzed = fuzz(project, file, test, seconds)
    both = executions, int(generated.get("executions", 0))
    return Measured(project.root.name, name, "", fuzzed.get("covered"), generated["covered"], generated["probes"], both)


def main() -> None:
    """Measure what the command line names, and print each test as JSON, then the sums."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.projects")
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--seconds", type=float, default=60.0, help="CPU seconds of each; 0 to load only")
    parser.add_argument("--tests", type=int, default=1_000_000, help="of each project at most")
    chosen = parser.parse_args()
    found: list[Measured] = []
    for root in chosen.folders:
        project = Project(root.resolve())
        tests = list(project.tests())
        step = max(1, len(tests) // chosen.tests)
        for file, test in tests[::step][: chosen.tests]:
            found.append(measure(project, file, test, chosen.seconds))
            print(json.dumps(asdict(found[-1])), flush=True)
    loaded = [each for each in found if not each.error]
    print(f"{len(loaded)} of {len(found)} tests load")
    both = [each for each in loaded if each.fuzzed is not None and each.generated is not None]
    if both:
        more = sum((each.fuzzed or 0) > (each.generated or 0) for each in both)
        same = sum(each.fuzzed == each.generated for each in both)
        print(f"of {len(both)} measured, fuzzing covers more in {more}, as much in {same}, less in the others")


if __name__ == "__main__":
    main()
