"""`fuzztui test`."""

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

import typer

from fuzztui.commands.arguments import (
    AddressSpaceOption,
    AllParametersOption,
    ByName,
    CacheOption,
    JsonOption,
    MemoryOption,
    PythonOption,
    RaisesOption,
    StartupOption,
    TimeoutOption,
    limits_of,
    usage,
)
from fuzztui.commands.inputs import run_job
from fuzztui.commands.targets import all_discovered, interpreter_of, options_of, print_problems, print_unread, shown_id
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.request.task import RegressionTest
from fuzztui.engine.show.events import InputRan, Told
from fuzztui.engine.show.exit_status import FAILED, FAILING, USAGE
from fuzztui.engine.show.outcome import Outcome, StopReason
from fuzztui.engine.show.results import InputResult, InputVerdict
from fuzztui.engine.show.text import Visible, joined, label, say, visible
from fuzztui.plain.lines import Formatter, input_lines
from fuzztui.plain.output import is_lost, put
from fuzztui.target.discover import Discovery, TargetInfo
from fuzztui.words.sentences import plural


def run_tests(
    context: typer.Context,
    targets: Annotated[
        list[str] | None, typer.Argument(metavar="[TARGET]...", help="Targets, or files or folders with several.")
    ] = None,
    timeout: TimeoutOption = "10s",
    startup_timeout: StartupOption = "60s",
    memory_limit: MemoryOption = "2G",
    address_space: AddressSpaceOption = "none",
    as_json: JsonOption = False,
    all_parameters: AllParametersOption = False,
    raises: RaisesOption = None,
    python: PythonOption = None,
    cache_dir: CacheOption = None,
) -> None:
    """Run seeds and stored crashers as regression tests: nothing is fuzzed."""
    limits = limits_of(context, timeout, startup_timeout, memory_limit, address_space)
    interpreter = interpreter_of(python) or None
    found = all_discovered(targets or ["."], "test", ByName(all_parameters, raises, python))
    print_problems(found.problems)
    print_unread(found)
    if not found.targets:
        usage(say("no fuzz targets in {}", joined(", ", map(visible, targets or ["."]))))

    def options_of_one(info: TargetInfo) -> RunOptions:
        return options_of(info, interpreter, cache_dir, workers=1, task=RegressionTest(), **limits)

    raise typer.Exit(run_regressions(found, options_of_one, as_json).status)


@dataclass
class Tested:
    """What has come of the regression tests of some targets."""

    mistakes: int
    """Functions that look like targets and are none."""
    verdicts: Counter[InputVerdict] = field(default_factory=Counter)
    not_run: int = 0
    """Targets of which nothing could be run."""
    not_ended: int = 0
    """Targets of which not everything could be run."""
    interrupted: int | None = None
    """The exit status of the one at which somebody has ended it all; None if nobody has."""

    @property
    def status(self) -> int:
        """The exit status. What has been found stays found, whatever ends the tests."""
        if self.has_failed:
            return FAILING
        if self.interrupted is not None:
            return self.interrupted
        return FAILED if self.not_run + self.not_ended else USAGE if self.mistakes else 0

    @property
    def has_failed(self) -> bool:
        """Whether an input has."""
        return any(verdict.is_failure for verdict in self.verdicts)


def run_regressions(
    found: Discovery,
    options: Callable[[TargetInfo], RunOptions],
    as_json: bool,
    note: Callable[[TargetInfo, InputResult], None] | None = None,
) -> Tested:
    """Run the seeds and stored inputs of each target, and print what comes of each; `note` is told of each, too."""
    tested = Tested(len(found.problems))

    def status(outcome: Outcome) -> int:
        return FAILING if tested.has_failed else outcome.exit_code

    for info in found.targets:
        if not as_json:
            put(sys.stdout, say("== {}", shown_id(info)))
        if is_lost(sys.stdout):
            break  # nobody is left to test for
        before = tested.verdicts.total()
        outcome = run_job(options(info), as_json, _counting(tested, info, note), status=status)
        if outcome.reason is StopReason.UNCALLABLE:
            tested.mistakes += 1
        elif outcome.reason.is_failure:
            tested.not_run += tested.verdicts.total() == before
            tested.not_ended += tested.verdicts.total() > before
        elif outcome.reason not in (StopReason.DONE, StopReason.SKIPPED):  # somebody has interrupted it
            tested.interrupted = outcome.exit_code
            return tested
        elif tested.verdicts.total() == before and not as_json:
            put(sys.stdout, label("    no stored inputs and no seeds"))
    if not as_json:
        put(sys.stdout, _tally(tested))
    return tested


def _counting(tested: Tested, info: TargetInfo, note: Callable[[TargetInfo, InputResult], None] | None) -> Formatter:
    """Lines for each input that also counts what became of it."""

    def count(event: Told) -> Visible:
        if isinstance(event, InputRan):
            tested.verdicts[event.result.verdict] += 1
            if note is not None:
                note(info, event.result)
        return input_lines(event)

    return count


def _tally(tested: Tested) -> Visible:
    """The last line of a test: `12 passed, 1 failed`."""
    verdicts = tested.verdicts
    parts = [say("{} passed", verdicts[InputVerdict.PASS]), say("{} failed", verdicts[InputVerdict.FAIL])]
    if verdicts[InputVerdict.MALFORMED]:
        parts.append(say("{} malformed", verdicts[InputVerdict.MALFORMED]))
    if verdicts[InputVerdict.SKIP]:
        parts.append(say("{} skipped", verdicts[InputVerdict.SKIP]))
    if verdicts[InputVerdict.IGNORED]:
        parts.append(say("{} ignored", verdicts[InputVerdict.IGNORED]))
    if tested.not_run:
        parts.append(say("{} could not be run", plural(tested.not_run, "target")))
    if tested.not_ended:
        parts.append(say("{} could not be run to the end", plural(tested.not_ended, "target")))
    if tested.mistakes:
        parts.append(say("{} in target files", plural(tested.mistakes, "problem")))
    return joined(", ", parts)
