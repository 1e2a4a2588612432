"""Several targets in one run, as the commands `run` and `test` take them."""

import os
import re
import resource
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from fuzztui.commands.arguments import (
    NOT_SAID,
    ByName,
    usage,
)
from fuzztui.commands.targets import discovered, find_target, print_problems, shown_id
from fuzztui.engine.campaign.campaign import Campaign, CampaignOptions, Watcher, shared_limits
from fuzztui.engine.keep import places
from fuzztui.engine.request.options import Limit, RunOptions
from fuzztui.engine.show.exit_status import USAGE
from fuzztui.engine.show.text import Visible, say
from fuzztui.plain.console import run_headless
from fuzztui.plain.json_lines import json_lines
from fuzztui.plain.output import encoding_of
from fuzztui.plain.target_lines import TargetLines
from fuzztui.sessions.recorder import Recorder
from fuzztui.target.discover import Discovery, TargetInfo, discover
from fuzztui.target.find import split
from fuzztui.unread import unread_inputs
from fuzztui.words.sentences import plural

TargetsArgument = Annotated[
    str, typer.Argument(metavar="TARGET", help="`path/to/file.py::name`, or a file or folder: of all targets there.")
]


FILES: Final = 100
"""Files that a run has open whatever its targets: streams, the terminal, what libraries open."""

FILES_OF_TARGET: Final = 16
"""Those of a target that has been begun, ten as a rule: its loop, recording, guard, what watches its folders."""

FILES_OF_WORKER: Final = 16

_LIKE_A_PATH: Final = re.compile(r"[/.:]")

_UsageError: Any = typer.BadParameter.__base__
"""What the parser of arguments raises for a word too many."""


def named_targets(first: str, words: Sequence[str], by_name: ByName = NOT_SAID) -> tuple[Discovery, Sequence[str]]:
    """All targets that `run` is for, each once; and the words that are for one target, a program for another
    fuzzer: inputs to start from and flags.

    Each word names one target, or those of a file, or of the files in a folder.
    """
    found = _named(first, by_name)
    is_program = len(found.targets) == 1 and found.targets[0].form.is_program
    if is_program and not any(map(_names_targets, words)):
        return found, words
    for word in words:
        if not _LIKE_A_PATH.search(word) and not os.path.lexists(_path(word)):
            raise _UsageError(f"Got unexpected extra argument ({word})")
    each = [found, *(_named(word, by_name) for word in words)]
    targets = {(info.file, info.name): info for one in each for info in one.targets}
    problems = dict.fromkeys(problem for one in each for problem in one.problems)
    return Discovery(tuple(targets.values()), tuple(problems)), ()


def _named(spec: str, by_name: ByName) -> Discovery:
    path = _path(spec)
    if spec and os.path.isdir(path):  # noqa: PTH112 - which takes what it may not look at for absent: `find` tells why
        found = discovered(spec, "run")
        if not found.targets:
            print_problems(found.problems)
            usage(say("no fuzz targets in {}", spec))
        return found
    if os.path.isfile(path) and len((found := discover(path)).targets) > 1:  # noqa: PTH113
        return found
    return _of_class(spec) or Discovery((find_target(spec, "run", by_name=by_name),), ())


def _of_class(spec: str) -> Discovery | None:
    """All property tests of a class; None where no class that has some is named."""
    try:
        text, _, name = split(spec, Path(places.current_directory()))
    except OSError:  # which is told when the target is looked for
        return None
    if not name or not os.path.isfile(_path(text)):  # noqa: PTH113
        return None
    tests = [info for info in discover(_path(text)).targets if info.name.startswith(f"{name}::")]
    return Discovery(tuple(tests), ()) if tests else None


def _names_targets(word: str) -> bool:
    """Whether a word is no inputs and no flag: a target is named, or a file or folder that holds some."""
    if "::" in word:
        return True
    path = _path(word)
    is_there = os.path.isdir(path) or (word.endswith(".py") and os.path.isfile(path))  # noqa: PTH112, PTH113
    return is_there and not word.startswith("-") and bool(discover(path).targets)


def _path(spec: str) -> Path:
    return Path(os.path.normpath(Path(places.current_directory()) / spec))


def limit_of_one(limit: Limit, each: Limit | None) -> Limit:
    """Of a run that turns out to have one target only: whatever comes first."""
    if each is None:
        return limit
    seconds = [one for one in (limit.seconds, each.seconds) if one is not None]
    executions = [one for one in (limit.executions, each.executions) if one is not None]
    return Limit(min(seconds, default=None), min(executions, default=None))


def campaign_of(
    found: Discovery,
    options: Callable[[TargetInfo, Limit, Callable[[Path], Discovery]], RunOptions],
    *,
    workers: int,
    limit: Limit,
    each: Limit | None,
    stop_on_crash: bool,
) -> "Beginning":
    """Makes a run of these targets, each time that it is called.

    `options` makes those of one target, with its own limit and with what finds the targets of a file; `limit` is that
    of all together, `each` that of each if they take turns.
    """
    if limit.executions is not None and each is not None:
        usage(say("--fuzz-time: with --each a time is wanted that ends the whole run, as 10m"))
    if limit.executions is not None and limit.executions < len(found.targets):
        usage(
            say(
                "--fuzz-time: {:,} executions are fewer than one for each of {}",
                limit.executions,
                plural(len(found.targets), "target"),
            )
        )
    _make_room(1 if each is not None else len(found.targets), workers)
    limits = [each] * len(found.targets) if each is not None else shared_limits(limit, len(found.targets))
    look = cache(discover)
    targets = tuple(options(info, own, look) for info, own in zip(found.targets, limits, strict=True))
    given = CampaignOptions(
        targets,
        workers,
        limit.seconds,
        in_turn=each is not None,
        stop_on_crash=stop_on_crash,
        names=tuple(shown_id(info) for info in found.targets),
    )
    return Beginning(given, tuple(unread_inputs(sorted({info.file for info in found.targets}))))


@dataclass(frozen=True)
class Beginning:
    """Makes runs of several targets, one each time that it is called."""

    options: CampaignOptions
    unread: tuple[Visible, ...]
    """What people are to be told of inputs that no target reads."""

    def __call__(self, *watchers: Watcher) -> Campaign:
        campaign = Campaign(self.options, lambda own: [Recorder(own)], watchers)
        for sentence in self.unread:
            campaign.warn(f"unread {sentence}", sentence)
        return campaign


def _make_room(targets: int, workers: int) -> None:
    """Let this process have as many open files as so many targets take at a time, if the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES + FILES_OF_TARGET * targets + FILES_OF_WORKER * workers
    if soft == resource.RLIM_INFINITY or wanted <= soft:
        return
    if hard != resource.RLIM_INFINITY and wanted > hard:
        most = max(1, (hard - FILES - FILES_OF_WORKER * workers) // FILES_OF_TARGET)
        usage(
            say(
                "{:,} targets at a time take up to {:,} open files, and this process may have {:,}: name {:,} at most, "
                "or let them take turns with --each",
                targets,
                wanted,
                hard,
                most,
            )
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def run_plainly(campaign: Campaign, found: Discovery, *, as_json: bool, ends_unread: bool = True) -> int:
    """Run without a dashboard; the exit status. A function that looks like a target and is none is a mistake that
    counts where nothing worse has happened, as in a test.
    """
    printers = [(sys.stdout, json_lines)] if as_json else [(sys.stderr, TargetLines(encoding_of(sys.stderr)))]
    code = run_headless(campaign, printers, ends_unread=ends_unread).exit_code
    return code or (USAGE if found.problems else 0)
