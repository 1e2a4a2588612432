"""All checks, and how they are shown: a page for people, an object for programs."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from fuzztui import __version__
from fuzztui.doctor import files, interpreter, limits, machine, target, terminal, versions
from fuzztui.doctor.check import Check, Examination, Status, examined, tally
from fuzztui.engine.keep import places
from fuzztui.engine.keep.storage import Folder
from fuzztui.engine.request.companions import accompanied
from fuzztui.engine.request.options import DEFAULT_MAX_LEN, RunOptions
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.exit_status import FAILED
from fuzztui.engine.show.text import Visible, joined, json_line, label, lines_of, say, visible
from fuzztui.plain.output import put
from fuzztui.words.sentences import plural

WIDTH: Final = 80
_STATUS: Final = 8
_NAME: Final = 17


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the doctor was asked to look at, in the words of a run's options."""

    target: PythonTarget | None
    """None if none was named, or none was found."""
    not_found: Visible
    """Why none was found, and what to type instead; empty otherwise."""
    cache_dir: Path | None
    workers: int
    memory_limit: int | None
    python: str = ""
    """The interpreter of the workers; empty for our own."""
    max_len: int = DEFAULT_MAX_LEN
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    startup_timeout: float = 60.0
    """Seconds that loading the target may take."""
    chosen: frozenset[str] = frozenset()
    """Names of the options that were typed."""
    arguments: tuple[str, ...] = ()
    """What is said to a program for another fuzzer."""

    def options(self, fuzzed: PythonTarget) -> RunOptions:
        """Those of the run that this would be."""
        options = RunOptions(
            target=fuzzed,
            cache_dir=self.cache(fuzzed.project),
            workers=self.workers,
            memory_limit=self.memory_limit,
            max_len=self.max_len,
            include=self.include,
            exclude=self.exclude,
            startup_timeout=self.startup_timeout,
            chosen=self.chosen,
            arguments=self.arguments,
        )
        return accompanied(options)

    def cache(self, project: Path) -> Path:
        """The cache of the target's project."""
        return self.cache_dir.absolute() if self.cache_dir is not None else places.default_cache_dir(project)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All checks, and what a shell is told."""

    target_id: str | None
    checks: tuple[Check, ...]
    exit_code: int


def diagnose(wanted: Wanted, on_check: Callable[[Check], None]) -> Diagnosis:
    """Make every check, in the order in which they are shown; `on_check` is told of each as it is made."""
    loading = target.Loading(wanted.options(wanted.target)) if wanted.target is not None else None
    checks = []
    for check in examined(_examinations(wanted, loading)):
        checks.append(check)
        on_check(check)
    failed = FAILED if any(check.finding.status is Status.PROBLEM for check in checks) else 0
    return Diagnosis(
        wanted.target.id if wanted.target is not None else None,
        tuple(checks),
        target.interrupted(loading) or failed,
    )


def _examinations(wanted: Wanted, loading: target.Loading | None) -> list[Examination]:
    here = Path(places.current_directory())
    fuzzed = wanted.target or PythonTarget(
        here / "fuzz_it.py", "fuzz_it", places.project_root(here / "fuzz_it.py"), python=wanted.python
    )
    stored = fuzzed.crashers_dir if wanted.target is not None else Folder(here)
    if wanted.target is not None and loading is not None:
        of_target = target.examinations(loading, wanted.target)
    elif wanted.not_found:
        of_target = [target.not_found(wanted.not_found), *target.of_no_target(wanted.options, wanted.python)]
    else:
        of_target = target.of_no_target(wanted.options, wanted.python)
    return [
        *interpreter.examinations(fuzzed.command()),
        *versions.examinations([str(fuzzed.file.parent), str(here)]),
        *terminal.examinations(),
        *limits.examinations(wanted.workers, wanted.memory_limit),
        *machine.examinations(wanted.workers, wanted.memory_limit),
        *files.examinations(
            fuzzed.project,
            stored,
            fuzzed.cache_folder(wanted.cache(fuzzed.project)),
            places.code_cache_dir(),
            is_target_found=wanted.target is not None,
        ),
        *of_target,
    ]


# For people -----------------------------------------------------------------------------------------------------------


class Page:
    """Prints a line for each check, below the name of its area, and what to do below those that need it."""

    def __init__(self, out: TextIO | None) -> None:
        self._out = out
        self._area = ""

    def add(self, check: Check) -> None:
        """Print a check at once: the next one may take a minute."""
        heading = [say("{}", check.area)] if check.area != self._area else []
        self._area = check.area
        put(self._out, joined("\n", [*heading, *check_lines(check)]))

    def end(self, diagnosis: Diagnosis) -> None:
        """Print the last line: how many of each, and what that means."""
        put(self._out, say("\n{}", sum_up(diagnosis)))


def check_lines(check: Check) -> list[Visible]:
    """One check: status, name, what is so; then what to do."""
    finding = check.finding
    head = say("  {:<{}}{:<{}}", finding.status.value, _STATUS, check.name, _NAME)
    margin = " " * len(head)
    lines = [part for line in lines_of(finding.value) for part in _wrapped(line, margin)]
    first = say("{}{}", head, visible(lines[0][len(margin) :])) if lines else head
    advice = [part for line in lines_of(finding.advice) for part in _wrapped(line, f"{margin}  ")]
    return [first, *lines[1:], *advice]


def _wrapped(line: Visible, margin: str) -> list[Visible]:
    """The line in lines that fit, all of them with this margin; what has no blank is not cut."""
    wrapped = textwrap.wrap(
        line, WIDTH, initial_indent=margin, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False
    )
    return [visible(part, len(part)) for part in wrapped] or [visible(margin)]


def sum_up(diagnosis: Diagnosis) -> Visible:
    """How many of each, and what that means."""
    counts = tally(diagnosis.checks)
    words = {Status.PROBLEM: "problem", Status.NOTE: "note"}
    parts = [plural(counts[status], noun) for status, noun in words.items()]
    parts.append(say("{} unknown", counts[Status.UNKNOWN]))
    parts.append(say("{} ok", counts[Status.OK]))
    verdict = label("A run would fail, or lose something." if counts[Status.PROBLEM] else "A run can begin.")
    return say("{}. {}", joined(", ", parts), verdict)


# For programs ---------------------------------------------------------------------------------------------------------


def json_page(diagnosis: Diagnosis) -> Visible:
    """One object; `docs/reference.md` documents the fields."""
    return json_line(
        {
            "version": __version__,
            "target": diagnosis.target_id,
            "checks": [
                {
                    "name": check.name,
                    "area": check.area,
                    "status": check.finding.status.value,
                    "value": check.finding.value,
                    "advice": check.finding.advice,
                }
                for check in diagnosis.checks
            ],
            "summary": {status.value: count for status, count in tally(diagnosis.checks).items()},
            "exit_code": diagnosis.exit_code,
        }
    )
