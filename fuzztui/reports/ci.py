"""What continuous integration is told of regression tests and fuzzing: Markdown for people, SARIF for tools. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.show.exit_status import FAILING, of_both
from fuzztui.engine.show.results import InputResult
from fuzztui.engine.show.text import NOTHING, Visible, label, say
from fuzztui.engine.triage.triage import Known
from fuzztui.reports import crashes
from fuzztui.words.sentences import plural


@dataclass
class TargetReport:
    """What there is to say of one target."""

    target: PythonTarget
    name: Visible
    """As it is typed."""
    inputs: int = 0
    """Seeds and stored inputs that were run."""
    failing: list[InputResult] = field(default_factory=list)
    """Of these, those that fail, or are none."""
    executions: int = 0
    """While fuzzing."""
    edges: int = 0
    corpus: int = 0
    new: list[Known] = field(default_factory=list)
    """Crashers that nobody knew before."""
    known: list[Known] = field(default_factory=list)
    """Those that failing seeds and stored inputs show."""


def status_of(tested: int, fuzzed: int, reports: Sequence[TargetReport]) -> int:
    """The exit status; `tested` and `fuzzed`: those of the two halves. Crashers that were known before do not count,
    for which a run ends with `FAILING` all the same.
    """
    if fuzzed == FAILING:
        fuzzed = FAILING if any(report.new for report in reports) else 0
    return of_both(tested, fuzzed)


def verdict(reports: Sequence[TargetReport], status: int) -> Visible:
    """How it ended, in a line: `failed: 1 regression, 2 new crashers`."""
    failing = sum(len(report.failing) for report in reports)
    new = sum(len(report.new) for report in reports)
    if failing or new:
        return say("failed: {}, {}", plural(failing, "regression"), plural(new, "new crasher"))
    if status:
        return say("not done: exit status {}", status)
    inputs = sum(report.inputs for report in reports)
    executions = sum(report.executions for report in reports)
    return say("passed: {} and {}", plural(inputs, "input"), plural(executions, "execution"))


def markdown(reports: Sequence[TargetReport], status: int) -> list[Visible]:
    """The summary: a table of targets, then what is to be done."""
    lines = [say("# Fuzzing {}", verdict(reports, status)), NOTHING]
    lines += [
        label("| target | inputs run | regressions | executions | edges | corpus | new crashers |"),
        label("|---|---:|---:|---:|---:|---:|---:|"),
    ]
    for report in reports:
        figures = (report.inputs, len(report.failing), report.executions, report.edges, report.corpus, len(report.new))
        cells = " | ".join(f"{figure:,}" for figure in figures)
        lines.append(say("| {} | {} |", crashes.cell(crashes.code(report.target.id)), cells))
    for report in reports:
        if report.failing:
            lines += [NOTHING, say("## Regressions of {}", crashes.code(report.target.id)), NOTHING]
            lines += [say("- {}: {}", crashes.code(one.name), crashes.code(_why(one))) for one in report.failing]
        for known in report.new:
            lines += [NOTHING, *crashes.issue(known, report.target.command_words)]
    return lines


def _why(result: InputResult) -> Visible:
    return result.failure.sentence if result.failure is not None else result.problem


def sarif(reports: Sequence[TargetReport]) -> dict[str, Any]:
    """One log with one run, as services want it, that has what is new and what has regressed of all targets."""
    logs = [
        crashes.sarif([*report.known, *report.new], report.target.project, report.target.file) for report in reports
    ]
    merged: dict[str, Any] = crashes.sarif([], reports[0].target.project, reports[0].target.file)
    run = merged["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    places: dict[str, int] = {}
    for log in logs:
        for rule in log["runs"][0]["tool"]["driver"]["rules"]:
            if rule["id"] not in places:
                places[rule["id"]] = len(rules)
                rules.append(rule)
        run["results"] += [{**result, "ruleIndex": places[result["ruleId"]]} for result in log["runs"][0]["results"]]
    return merged
