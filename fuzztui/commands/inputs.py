"""Stored inputs as a command line names them, and runs of them."""

import os
import re
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from operator import attrgetter
from pathlib import Path
from typing import Final

import typer

from fuzztui.commands.arguments import usage
from fuzztui.engine.keep import places
from fuzztui.engine.keep.corpus import LONGEST, named_by_prefix
from fuzztui.engine.keep.seeds import SeedFiles
from fuzztui.engine.keep.storage import read_file
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.task import Chosen, RegressionTest
from fuzztui.engine.session import Session
from fuzztui.engine.show.events import InputRan, Told
from fuzztui.engine.show.exit_status import FAILED
from fuzztui.engine.show.failure import Failure
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.results import InputResult, InputVerdict
from fuzztui.engine.show.text import NOTHING, Visible, joined, os_error, say, visible
from fuzztui.engine.triage.triage import Known, Triage, UndecidableError
from fuzztui.plain.console import Printer, run_headless
from fuzztui.plain.json_lines import json_lines
from fuzztui.plain.lines import Formatter, problem_lines


def input_path(given: Path, options: RunOptions) -> Path:
    """A file as it was given, or the stored input whose name begins so, where no file is called that."""
    if os.path.exists(given) or len(given.parts) != 1:  # noqa: PTH110
        return given
    target = options.target
    folders = (*target.stored_dirs, target.records_dir(options.cache_dir), target.generated_dir(options.cache_dir))
    found = named_by_prefix(folders, given.name)
    if len(found) > 1:
        shown = [say("{}", places.shown_path(path)) for path in found[:_PREFIXED]]
        more = say(" and {:,} more", len(found) - _PREFIXED) if len(found) > _PREFIXED else NOTHING
        usage(say("{} is the beginning of {}{}: type more of one", given, joined(", ", shown), more))
    if not found:
        usage(say("{}: there is no such file, and no stored input of {} begins so", given, target.id))
    here = Path.cwd()
    return found[0].relative_to(here) if found[0].is_relative_to(here) else found[0]


def given_inputs(given: Path, options: RunOptions) -> Iterator[tuple[str, bytes]]:
    """Name and content of an input that is named, or of each file below a folder; OSError if one cannot be read."""
    if not os.path.isdir(given):  # noqa: PTH112 - also for what may not be looked at
        path = input_path(given, options)
        yield str(path), read_file(path, LONGEST)
        return
    files = SeedFiles([given], LONGEST)
    found = [seed for seed in files if not seed.name.startswith(".")]  # such as what git is told of the folder
    if files.problem:
        usage(files.problem)
    if not found:
        usage(say("{} holds no input", given))
    yield from ((str(seed.path), seed.data) for seed in found)


_PREFIXED: Final = 3
"""Inputs of one beginning that are named."""


_SEED: Final = re.compile(r"seed[ :#-]?([1-9][0-9]{0,5})")

_MOST_SEEDS: Final = 1_000_000
"""Seeds of a target that are looked through."""


def seed_index(word: str) -> int | None:
    """Which seed of the target's a word names, counted from 0, in the form in which people are shown it: `seed 2`."""
    seed = _SEED.fullmatch(word)
    return int(seed[1]) - 1 if seed is not None else None


@dataclass(frozen=True, slots=True)
class Failing:
    """An input that was run just now, and how it fails."""

    name: Visible
    data: bytes
    failure: Failure


def failing_input(word: str, options: RunOptions, command_name: str) -> Failing:
    """The smallest input that is known to show a bucket, or the one that is named: a stored one by the first digits of
    its name, a file by its path, a seed as `seed 2`. It is run; where it does not fail, there is nothing to do for the
    command.
    """
    if (index := seed_index(word)) is not None:
        return _failing(options, Chosen(range(index, index + 1)), say("seed {}", index + 1), command_name)
    known = _known(word, options)
    if isinstance(known, Path):
        shown = visible(places.shown_path(known), _NAME_CHARACTERS)
        try:
            data = read_file(known, LONGEST)
        except OSError as error:
            usage(os_error(error))
        return _failing(options, Chosen(inputs=((shown, data),)), shown, command_name)
    # What shows it lies in no file: it is a seed of the target's code.
    digests = set(known.record.inputs) if known.record is not None else set()
    which = say("the seed that shows {}", known.bucket)
    return _failing(options, Chosen(range(_MOST_SEEDS)), which, command_name, digests)


_NAME_CHARACTERS: Final = 4_096


def _known(word: str, options: RunOptions) -> Path | Known:
    """The file of an input, or the bucket that lies in none."""
    triage = Triage.load(options.target, options.cache_dir)
    try:
        bucket = triage.find(word)
    except UndecidableError as error:
        folders = (*options.target.stored_dirs, options.target.records_dir(options.cache_dir))
        try:
            named = [path for path in named_by_prefix(folders, word) if path.is_file()] if word else []
        except OSError as second:
            usage(os_error(second))
        if not named and word and Path(word).is_file():
            return Path(word)
        if len(named) != 1:
            usage(error.sentence)
        return named[0]
    canonical = triage.canonical(bucket)
    known = next((each for each in triage.buckets if canonical in (each.bucket, *each.merged)), None)
    if known is None or not (known.minimized or known.inputs or (known.record is not None and known.record.seed)):
        usage(say("no input that shows {} is stored any more", bucket))
    if known.minimized or known.inputs:
        return known.minimized or min(known.inputs, key=lambda path: path.stat().st_size)
    return known


def _failing(
    options: RunOptions, chosen: Chosen, shown: Visible, command_name: str, digests: Collection[str] = ()
) -> Failing:
    """The input that was chosen, or of these the one with such a digest, as it fails now."""
    results: list[InputResult] = []

    def note(event: Told) -> Visible:
        if isinstance(event, InputRan) and (not digests or sha256(event.result.data).hexdigest() in digests):
            results.append(event.result)
        return NOTHING

    outcome = run_job(replace(options, task=RegressionTest(chosen)), False, note)
    result = next((each for each in results if each.failure is not None), next(iter(results), None))
    if result is None:
        if outcome.reason is StopReason.DONE:
            usage(say("{} is not there any more: the target declares no such seed", shown))
        raise typer.Exit(outcome.exit_code or FAILED)
    if result.failure is None:
        passes = say("{} does not fail now, so there is nothing to {}", shown, command_name)
        usage(passes if result.verdict is InputVerdict.PASS else say("{}: {}", shown, result.problem))
    return Failing(result.name, result.data, result.failure)


def run_job(
    options: RunOptions,
    as_json: bool,
    *formatters: Formatter,
    status: Callable[[Outcome], int] = attrgetter("exit_code"),
) -> Outcome:
    """Run inputs that exist already, as JSON Lines or as lines on stdout, with what is wrong on stderr.

    `status` is that of the process, where the run's is not the only one.
    """
    lines: list[Printer] = [(None if as_json else sys.stdout, formatter) for formatter in formatters]
    others: list[Printer] = [(sys.stdout, json_lines)] if as_json else [(sys.stderr, problem_lines)]
    return run_headless(Session(options), [*lines, *others], status)
