"""`fuzztui ci`: what continuous integration wants, regression tests and then some fuzzing, in one command."""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from fuzztui.commands.arguments import (
    AddressSpaceOption,
    CacheOption,
    ExcludeOption,
    IncludeOption,
    MemoryOption,
    PythonOption,
    StartupOption,
    TimeoutOption,
    absolute,
    limits_of,
    parsed,
    patterns,
    usage,
)
from fuzztui.commands.inputs import run_job
from fuzztui.commands.regression import run_regressions
from fuzztui.commands.several import campaign_of
from fuzztui.commands.sharing import NodeOption, ShareOption, share_options
from fuzztui.commands.targets import all_discovered, interpreter_of, options_of, print_problems, print_unread, shown_id
from fuzztui.engine.request.options import DEFAULT_MINIMIZE_TIME, MOST_WORKERS, Limit, RunOptions, usable_cores
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.request.task import MinimizeCorpus, RegressionTest
from fuzztui.engine.session import Session
from fuzztui.engine.show.crasher import Crasher
from fuzztui.engine.show.events import CrasherFound, Ended, OfTarget, Stats, Told
from fuzztui.engine.show.exit_status import FAILED, FAILING, SIGNALS, of_both
from fuzztui.engine.show.results import InputResult
from fuzztui.engine.show.text import NOTHING, Visible, joined, json_line, os_error, say, visible
from fuzztui.engine.triage.triage import Known, Triage
from fuzztui.plain.console import Printer, run_headless
from fuzztui.plain.lines import PlainLines, change_lines
from fuzztui.plain.output import encoding_of, put
from fuzztui.plain.target_lines import TargetLines
from fuzztui.reports import ci as ci_report
from fuzztui.reports.ci import TargetReport
from fuzztui.sessions.recorder import Recorder
from fuzztui.target.discover import Discovery, TargetInfo
from fuzztui.unread import unread_inputs
from fuzztui.words.units import parse_limit


class _Watched:
    """Targets with what is noted of them while they are tested and fuzzed."""

    def __init__(self, options: dict[tuple[Path, str], RunOptions], found: Discovery) -> None:
        self.options = options
        self.reports = {key: _report(options[key], info) for key, info in _keyed(found).items()}
        self._known: dict[tuple[Path, str], set[str]] = {
            key: {known.bucket for known in _triage(one).buckets} for key, one in options.items()
        }
        self._met: dict[tuple[Path, str], list[str]] = {key: [] for key in options}
        """Buckets that were met while fuzzing, and that nobody knew before."""
        self._failing: dict[tuple[Path, str], list[str]] = {key: [] for key in options}
        """Buckets of seeds and stored inputs."""

    def tested(self, info: TargetInfo, result: InputResult) -> None:
        """A seed or stored input was run."""
        key = (info.file, info.name)
        report = self.reports[key]
        report.inputs += 1
        if result.verdict.is_failure:
            report.failing.append(result)
        if result.failure is not None:
            self._known[key].add(result.failure.id)
            self._failing[key].append(result.failure.id)

    def told(self, event: Told) -> Visible:
        """A formatter that only listens."""
        (key,) = self.reports if len(self.reports) == 1 else (None,)
        if isinstance(event, OfTarget):
            key = next((one for one, report in self.reports.items() if report.name == event.target), None)
            event = event.event
        if key is not None:
            self._note(key, event)
        return NOTHING

    def _note(self, key: tuple[Path, str], event: Told) -> None:
        report = self.reports[key]
        match event:
            case CrasherFound(crasher=crasher):
                if self._is_new(key, crasher):
                    self._met[key].append(crasher.id)
            case Stats(snapshot=shown):
                report.executions, report.edges, report.corpus = shown.executions, shown.edges, shown.corpus
            case Ended():
                report.executions = event.executions

    def _is_new(self, key: tuple[Path, str], crasher: Crasher) -> bool:
        if crasher.is_ignored:
            return False
        return crasher.is_regressed or (crasher.seed_name is None and crasher.id not in self._known[key])

    def finish(self) -> None:
        """Look up what is known by now of what was met."""
        for key, report in self.reports.items():
            by_bucket: dict[str, Known] = {known.bucket: known for known in _triage(self.options[key]).buckets}
            new = dict.fromkeys(self._met[key])
            report.new = [by_bucket[bucket] for bucket in new if bucket in by_bucket]
            failing = dict.fromkeys(self._failing[key])
            report.known = [by_bucket[bucket] for bucket in failing if bucket in by_bucket and bucket not in new]


def _keyed(found: Discovery) -> dict[tuple[Path, str], TargetInfo]:
    return {(info.file, info.name): info for info in found.targets}


def _report(options: RunOptions, info: TargetInfo) -> TargetReport:
    assert isinstance(options.target, PythonTarget)
    return TargetReport(options.target, shown_id(info))


def _triage(options: RunOptions) -> Triage:
    return Triage.load(options.target, options.cache_dir)


def ci(
    context: typer.Context,
    targets: Annotated[
        list[str] | None, typer.Argument(metavar="[TARGET]...", help="Targets, or files or folders with several.")
    ] = None,
    fuzz_time: Annotated[
        str, typer.Option("-t", "--fuzz-time", metavar="LIMIT", help="How long to fuzz all targets together.")
    ] = "5m",
    workers: Annotated[
        int | None,
        typer.Option("-j", "--workers", min=1, max=MOST_WORKERS, help="Worker processes.  [default: one a core]"),
    ] = None,
    sarif: Annotated[
        Path | None, typer.Option("--sarif", metavar="FILE", help="Write what is new or fails, in SARIF 2.1.0.")
    ] = None,
    summary: Annotated[
        Path | None, typer.Option("--summary", metavar="FILE", help="Append a summary in Markdown to this file.")
    ] = None,
    distill: Annotated[
        bool, typer.Option("--distill", help="Make the generated corpora small at the end, for the next time.")
    ] = False,
    share: ShareOption = None,
    node: NodeOption = None,
    timeout: TimeoutOption = "10s",
    startup_timeout: StartupOption = "60s",
    memory_limit: MemoryOption = "2G",
    address_space: AddressSpaceOption = "none",
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    python: PythonOption = None,
    cache_dir: CacheOption = None,
) -> None:
    """Run seeds and stored inputs, fuzz for a while, and fail for what fails or is new: for continuous integration."""
    limit = parsed(parse_limit, fuzz_time, "--fuzz-time")
    limits = limits_of(context, timeout, startup_timeout, memory_limit, address_space)
    interpreter = interpreter_of(python) or None
    found = all_discovered(targets or ["."], "test")
    print_problems(found.problems)
    print_unread(found)
    if not found.targets:
        usage(say("no fuzz targets in {}", joined(", ", map(visible, targets or ["."]))))
    given: dict[str, Any] = {
        "workers": workers or usable_cores(),
        "stop_on_crash": False,
        "minimize_time": DEFAULT_MINIMIZE_TIME,
        "include": patterns(include, "--include"),
        "exclude": patterns(exclude, "--exclude"),
        **share_options(share, node),
        **limits,
    }
    for path, option in ((sarif, "--sarif"), (summary, "--summary")):
        if path is not None:
            _check_writable(absolute(path), option)

    def options(info: TargetInfo, own: Limit, look: Callable[[Path], Discovery] | None = None) -> RunOptions:
        looking = {"look": look} if look is not None else {}
        return options_of(info, interpreter, cache_dir, limit=own, **looking, **given)

    watched = _Watched({key: options(info, limit) for key, info in _keyed(found).items()}, found)

    def regression(info: TargetInfo) -> RunOptions:
        return replace(watched.options[info.file, info.name], task=RegressionTest(), workers=1, share=None)

    tested = run_regressions(found, regression, False, watched.tested)
    status = tested.status
    if tested.interrupted is None and not tested.not_run:
        fuzzed = _fuzz(found, options, watched, limit, given["workers"])
        watched.finish()
        status = ci_report.status_of(status, fuzzed, list(watched.reports.values()))
        if distill and fuzzed < SIGNALS:
            status = of_both(status, _distill(watched))
    raise typer.Exit(_tell(watched, status, sarif, summary))


def _fuzz(
    found: Discovery,
    options: Callable[..., RunOptions],
    watched: _Watched,
    limit: Limit,
    workers: int,
) -> int:
    """Fuzz all targets; the exit status of that run."""
    listening: Printer = (None, watched.told)
    encoding = encoding_of(sys.stderr)
    if len(found.targets) == 1:
        (one,) = watched.options.values()
        one = replace(one, remarks=tuple(unread_inputs([found.targets[0].file])))
        session = Session(one, [Recorder(one)])
        return run_headless(session, [listening, (sys.stderr, PlainLines(encoding))]).exit_code
    campaign = campaign_of(found, options, workers=workers, limit=limit, each=None, stop_on_crash=False)()
    return run_headless(campaign, [listening, (sys.stderr, TargetLines(encoding))]).exit_code


def _distill(watched: _Watched) -> int:
    """Remove from the generated corpora what others cover, too; the exit status of that."""
    status = 0
    for key, options in watched.options.items():
        put(sys.stdout, say("== {}: the generated corpus is distilled", watched.reports[key].name))
        task = replace(options, task=MinimizeCorpus(), limit=Limit(), share=None)
        code = run_job(task, False, change_lines("kept", "removed")).exit_code
        status = of_both(status, 0 if code == FAILING else code)  # what fails has been told of
    return status


def _tell(watched: _Watched, status: int, sarif: Path | None, summary: Path | None) -> int:
    """Write and print what has come of it; the exit status."""
    reports = list(watched.reports.values())
    try:
        if sarif is not None:
            absolute(sarif).write_text(json_line(ci_report.sarif(reports)) + "\n", encoding="utf-8")
        if summary is not None:
            with absolute(summary).open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(joined("\n", [*ci_report.markdown(reports, status), NOTHING]))
    except OSError as error:
        put(sys.stderr, say("fuzztui: {}", os_error(error)))
        status = of_both(status, FAILED)
    put(sys.stdout, ci_report.verdict(reports, status))
    return status


def _check_writable(path: Path, option: str) -> None:
    """Better said before the run than after it."""
    if path.is_dir() or not path.parent.is_dir():
        usage(say("{}: {} is no place for a file", option, path))
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        usage(say("{}: {} cannot be written to", option, path))
