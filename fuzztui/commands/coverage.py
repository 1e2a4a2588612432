"""`fuzztui coverage`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from fuzztui.commands.arguments import (
    AddressSpaceOption,
    AllParametersOption,
    ByName,
    CacheOption,
    ExcludeOption,
    IncludeOption,
    JsonOption,
    MemoryOption,
    PythonOption,
    RaisesOption,
    StartupOption,
    TargetArgument,
    TimeoutOption,
    WorkersOption,
    absolute,
    limits_of,
    patterns,
    usage,
)
from fuzztui.commands.targets import find_target, options_of
from fuzztui.engine.questions.coverage import AskMeasured, AskTable
from fuzztui.engine.request.task import MeasureCoverage
from fuzztui.engine.session import Session
from fuzztui.engine.show.coverage import CoverageTable, MeasuredFile
from fuzztui.engine.show.exit_status import FAILED, UNSAVED
from fuzztui.engine.show.outcome import StopReason
from fuzztui.engine.show.text import NOTHING, Visible, joined, json_line, label, os_error, say
from fuzztui.plain.console import run_headless
from fuzztui.plain.json_lines import json_lines
from fuzztui.plain.lines import crasher_lines, problem_lines
from fuzztui.plain.output import encoding_of, put
from fuzztui.reports import coverage_files
from fuzztui.words.sentences import plural

MOST_FUNCTIONS = 10
"""Functions that are named below the table."""

MOST_CHANGED = 3
"""Files that have changed which a sentence names, and functions of other targets."""

DataOption = Annotated[
    Path | None,
    typer.Option("--data", metavar="FILE", help="Write coverage.py's data, for `coverage report` and the like."),
]
LcovOption = Annotated[Path | None, typer.Option("--lcov", metavar="FILE", help="Write an LCOV tracefile.")]
HtmlOption = Annotated[Path | None, typer.Option("--html", metavar="DIR", help="Write coverage.py's HTML pages.")]


def coverage(
    context: typer.Context,
    target: TargetArgument,
    lcov: LcovOption = None,
    html: HtmlOption = None,
    data: DataOption = None,
    workers: WorkersOption = 1,
    timeout: TimeoutOption = "10s",
    startup_timeout: StartupOption = "60s",
    memory_limit: MemoryOption = "2G",
    address_space: AddressSpaceOption = "none",
    include: IncludeOption = None,
    exclude: ExcludeOption = None,
    as_json: JsonOption = False,
    all_parameters: AllParametersOption = False,
    raises: RaisesOption = None,
    python: PythonOption = None,
    cache_dir: CacheOption = None,
) -> None:
    """Run seeds, stored inputs and the generated corpus once, and show which lines and branches they cover."""
    options = options_of(
        find_target(target, "coverage", by_name=ByName(all_parameters, raises, python)),
        python,
        cache_dir,
        workers=workers,
        task=MeasureCoverage(),
        **limits_of(context, timeout, startup_timeout, memory_limit, address_space),
        include=patterns(include, "--include"),
        exclude=patterns(exclude, "--exclude"),
    )
    lcov, html, data = (None if path is None else absolute(path) for path in (lcov, html, data))
    _check(lcov, html, data)
    session = Session(options)
    formats = json_lines if as_json else crasher_lines(encoding_of(sys.stdout))
    printers = [(sys.stdout, formats)] if as_json else [(sys.stdout, formats), (sys.stderr, problem_lines)]
    outcome = run_headless(session, printers)
    if outcome.reason is not StopReason.DONE:
        if not outcome.reason.is_failure:
            put(sys.stderr, label("fuzztui: the run ended before every input had run, so nothing is written"))
        raise typer.Exit(outcome.exit_code)
    files = session.ask(AskMeasured()).result()
    measured = session.ask(AskTable()).result()
    if as_json:
        put(sys.stdout, json_line({"event": "coverage", **_counts(measured), "files": coverage_files.fields(files)}))
    else:
        put(sys.stdout, joined("\n", _lines(files, measured)))
    if not files:
        put(sys.stderr, label("fuzztui: nothing that the target runs can be measured, so nothing is written"))
        raise typer.Exit(outcome.exit_code or FAILED)
    if changed := [each.place for each in files if each.is_changed]:
        more = say(" and {:,} more", len(changed) - MOST_CHANGED) if len(changed) > MOST_CHANGED else NOTHING
        names = joined(", ", changed[:MOST_CHANGED])
        sentence = say(
            "{}{} {} changed since inputs were run, so lines are those of the code before: run this again",
            names,
            more,
            "has" if len(changed) == 1 else "have",
        )
        put(sys.stderr, say("fuzztui: {}{}", sentence, "; nothing is written" if lcov or html or data else ""))
        raise typer.Exit(outcome.exit_code or FAILED)
    problems = _write(files, lcov, html, data, as_json)
    for problem in problems:
        put(sys.stderr, say("fuzztui: {}", problem))
    raise typer.Exit(UNSAVED if problems else outcome.exit_code)


def _check(lcov: Path | None, html: Path | None, data: Path | None) -> None:
    """Refuse before anything runs what could not be written afterwards."""
    for option, path in (("--lcov", lcov), ("--data", data)):
        if path is not None and path.is_dir():
            usage(say("{}: {} is a folder, want the name of a file", option, path))
        if path is not None and not os.path.isdir(path.parent):  # noqa: PTH112 - also for what may not be looked at
            usage(say("{}: {} is no folder, so {} cannot be written there", option, path.parent, path.name))
    if html is not None and html.exists() and not html.is_dir():
        usage(say("--html: {} is a file, want a folder", html))
    for option, path in (("--data", data), ("--html", html)):
        if path is not None and not coverage_files.is_library_there():
            usage(say("{} needs coverage.py, which is not installed here: pip install 'fuzztui[coverage]'", option))


def _write(
    files: tuple[MeasuredFile, ...], lcov: Path | None, html: Path | None, data: Path | None, as_json: bool
) -> list[Visible]:
    """Write what is wanted; a sentence for each that cannot be written."""
    problems = []
    for path, write in (
        (lcov, coverage_files.write_lcov),
        (data, coverage_files.write_data),
        (html, coverage_files.write_html),
    ):
        if path is None:
            continue
        try:
            write(path, files)
        except OSError as error:
            problems.append(say("{} cannot be written: {}", path, os_error(error, "")))
        else:
            put(sys.stderr if as_json else sys.stdout, say("written: {}", path))
    return problems


def _counts(measured: CoverageTable) -> dict[str, int]:
    return {"inputs": measured.measured, "unmeasured": measured.unmeasured}


def _lines(files: tuple[MeasuredFile, ...], measured: CoverageTable) -> list[Visible]:
    lines = coverage_files.table(files)
    if missing := coverage_files.most_missing(files, MOST_FUNCTIONS):
        lines.append(label("\nmost is missing in"))
        for each in missing:
            missed, ways = plural(each.amount.missing, "line"), plural(each.amount.missing_branches, "way")
            what = say("{} never run, {} never taken", missed, ways)
            lines.append(say("  {} ({}:{}): {}", each.name, each.place, each.first, what))
    for file in files:
        if file.left_out:
            names = joined(", ", file.left_out[:MOST_CHANGED])
            more = say(" and {:,} more", len(file.left_out) - MOST_CHANGED)
            more = more if len(file.left_out) > MOST_CHANGED else NOTHING
            sentence = label("other targets' functions, which no input reaches (--data and --html have them)")
            lines.append(say("\nnot counted in {}: {}{}: {}", file.place, names, more, sentence))
    lines.append(say("\n{} measured", plural(measured.measured, "input")))
    if measured.unmeasured:
        sentence = label("not measured: what ends its process, or takes too long with every line noted")
        lines.append(say("{} {}", plural(measured.unmeasured, "input"), sentence))
    return lines
