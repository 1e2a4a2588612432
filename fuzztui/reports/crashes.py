"""What is known of a target's crashers, as a table, as JSON, as SARIF and as Markdown. Pure functions."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from fuzztui import __version__
from fuzztui.engine.keep.places import shown_path
from fuzztui.engine.show.status import Status
from fuzztui.engine.show.text import (
    NOTHING,
    Visible,
    command,
    joined,
    label,
    lines_of,
    one_line,
    path_word,
    say,
    visible,
)
from fuzztui.engine.triage.triage import UNDECIDED, Decided, Known
from fuzztui.words.sentences import plural, short_message, short_traceback

SARIF_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"

_LINE: Final = re.compile(r"(?P<file>.+):(?P<line>[1-9][0-9]*)")


def groups(buckets: Sequence[Known]) -> list[list[Known]]:
    """The buckets of each group, in the order in which the groups come up first."""
    found: dict[Visible, list[Known]] = {}
    for known in buckets:
        found.setdefault(known.group, []).append(known)
    return list(found.values())


def status_words(known: Known) -> Visible:
    """What was decided, or that it has come back since."""
    return label("REGRESSED" if known.is_regressed else known.status.value)


def _again(known: Known) -> Visible:
    """What came of running it again: `10/10`, `3/10 flaky`; `-` where that was not done."""
    record = known.record
    if record is not None and record.passed:
        return label("passes now")
    confirmation = record.confirmation if record is not None else None
    if confirmation is None:
        return label("-")
    is_before = known.status is Status.FIXED and not known.is_regressed
    return say("{} before", confirmation.badge) if is_before else confirmation.badge


def _where(known: Known) -> Visible:
    """`file:line` of the failing line, as short as it can be typed; empty if it is not known."""
    location = known.record.failure.location if known.record is not None else NOTHING
    return visible(shown_path(Path(location)), len(location)) if location else NOTHING


def _day(known: Known) -> Visible:
    return known.record.day if known.record is not None else label("-")


def _input(known: Known) -> Path | None:
    """The one to look at: the smallest, or else the newest."""
    return known.minimized or next(iter(known.inputs), None)


# For people -----------------------------------------------------------------------------------------------------------


def table(target: str, buckets: Sequence[Known]) -> list[Visible]:
    """Lines: a head for each group, and below it a line for each bucket."""
    if not buckets:
        return [say("no crashers of {} are known", target)]
    grouped = groups(buckets)
    lines = [say("{}: {} in {}", target, plural(len(buckets), "crasher"), plural(len(grouped), "group"))]
    head = [label("bucket"), label("status"), label("hits"), label("again"), label("last seen"), label("input")]
    rows = [[_row(known) for known in group] for group in grouped]
    widths = [max(map(len, column)) for column in zip(head, *(row for each in rows for row in each), strict=True)]
    lines += [NOTHING, _aligned(head, widths)]
    for group, cells in zip(grouped, rows, strict=True):
        first = group[0]
        where = say("  {}", _where(first)) if _where(first) else NOTHING
        lines += [NOTHING, say("{}{}", first.title, where)]
        for known, row in zip(group, cells, strict=True):
            lines.append(_aligned(row, widths))
            lines += [say("      {}", remark) for remark in _remarks(known)]
    return lines


def _row(known: Known) -> list[Visible]:
    path = _input(known)
    shown = visible(shown_path(path), len(shown_path(path))) if path is not None else label("-")
    return [known.bucket, status_words(known), say("{:,}", known.hits), _again(known), _day(known), shown]


def _aligned(cells: Sequence[Visible], widths: Sequence[int]) -> Visible:
    parts = [
        say("{:>{}}" if column == 2 else "{:<{}}", cell, width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    line = say("    {}", joined("  ", parts))
    return visible(line.rstrip(), len(line))


def _remarks(known: Known) -> list[Visible]:
    decision = known.decision
    remarks = [say("{}: {}", name, short_message(value)) for name, value in _noted(decision.note, decision.link)]
    return remarks + ([say("with {}", joined(", ", known.merged))] if known.merged else [])


def _noted(note: str, link: str) -> list[tuple[Visible, str]]:
    return [(name, value) for name, value in ((label("note"), note), (label("link"), link)) if value]


def decision_lines(bucket: str, decided: Decided) -> list[Visible]:
    """What was written about a bucket, and where."""
    where = shown_path(decided.path)
    if decided.decision is None:
        return [say("{}: nothing is decided about it", bucket), say("  {} is not there", where)]
    content = lines_of(visible(decided.decision.to_toml(), 20_000, multiline=True))
    return [say("{}: {}", bucket, decided.decision.status.value), *(say("  {}", each) for each in [where, *content])]


def decision_fields(bucket: str, decided: Decided) -> dict[str, Any]:
    """The same as an object; without a decision nobody has decided anything, and the file is not there."""
    decision = decided.decision or UNDECIDED
    return {
        "bucket": bucket,
        "decided": decided.decision is not None,
        "status": decision.status.value,
        "title": decision.title,
        "note": decision.note,
        "link": decision.link,
        "alias": decision.alias or None,
        "inputs": list(decision.inputs),
        "file": str(decided.path),
    }


# JSON -----------------------------------------------------------------------------------------------------------------


def json_fields(known: Known) -> dict[str, Any]:
    """One bucket as an object; null stands for what this machine's cache does not know."""
    record, decision = known.record, known.decision
    failure = record.failure if record is not None else None
    confirmation = record.confirmation if record is not None else None
    discovery = record.discovery if record is not None else None
    revision = record.revision if record is not None else None
    return {
        "bucket": known.bucket,
        "group": known.group,
        "kind": failure.kind.value if failure is not None else None,
        "type": known.type or None,
        "message": failure.message if failure is not None else None,
        "title": known.title,
        "function": failure.function if failure is not None else None,
        "location": failure.location if failure is not None else None,
        "traceback": failure.traceback if failure is not None else None,
        "hits": known.hits,
        "sessions": record.sessions if record is not None else 0,
        "variants": _variants(known),
        "status": known.status.value,
        "regressed": known.is_regressed,
        "note": decision.note,
        "link": decision.link,
        "merged": list(known.merged),
        "reproduces": record.reproduces if record is not None else None,
        "passed": (record.passed or None) if record is not None else None,
        "confirmation": confirmation.fields() if confirmation is not None else None,
        "inputs": [str(path) for path in known.inputs],
        "minimized": str(known.minimized) if known.minimized is not None else None,
        "values": record.values if record is not None else None,
        "first_seen": record.first_seen if record is not None else None,
        "last_seen": record.last_seen if record is not None else None,
        "discovery": (
            {
                "worker": discovery.worker,
                "elapsed": discovery.elapsed,
                "execs": discovery.executions,
                "edges": discovery.edges,
            }
            if discovery is not None
            else None
        ),
        "first_bad": record.first_bad.fields() if record is not None and record.first_bad is not None else None,
        "lineage": [
            {"sha256": step.sha256, "operator": step.operator, "change": step.change}
            for step in (record.lineage if record is not None else ())
        ],
        "versions": dict(record.versions) if record is not None else {},
        "revision": {"commit": revision.commit, "dirty": revision.is_dirty} if revision is not None else None,
    }


def _variants(known: Known) -> int:
    """How many kinds of messages its failures have had, one at least where it has failed at all."""
    if known.record is None:
        return 0
    return max(1, len(known.record.variants))


# SARIF ----------------------------------------------------------------------------------------------------------------


def sarif(buckets: Sequence[Known], project: Path, file: Path) -> dict[str, Any]:
    """A log in SARIF 2.1.0: a rule for each group, a result for each bucket at its failing line, or at the target's
    `file` where that is not known. Paths are relative to the `project`'s root as far as they lie inside.
    """
    grouped = groups(buckets)
    return {
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "fuzztui",
                        "version": __version__,
                        "rules": [
                            {"id": group[0].group, "shortDescription": {"text": group[0].title}} for group in grouped
                        ],
                    }
                },
                "results": [
                    _result(known, number, project, file) for number, group in enumerate(grouped) for known in group
                ],
                "columnKind": "unicodeCodePoints",
            }
        ],
    }


def _result(known: Known, rule: int, project: Path, file: Path) -> dict[str, Any]:
    is_fixed = known.status is Status.FIXED and not known.is_regressed
    failure = known.record.failure if known.record is not None else None
    sentence = failure.sentence if failure is not None else known.title
    failing_line = failure.location if failure is not None else NOTHING
    result: dict[str, Any] = {
        "ruleId": known.group,
        "ruleIndex": rule,
        "kind": "pass" if is_fixed else "fail",
        "level": "none" if is_fixed else "error",
        "message": {"text": sentence},
        "locations": [{"physicalLocation": _location(failing_line, project, file)}],
        "partialFingerprints": {"fuzztuiBucket/v1": known.bucket},
        "properties": {
            "status": known.status.value,
            "regressed": known.is_regressed,
            "inputs": [_uri(path, project)["uri"] for path in known.inputs],
        },
    }
    if known.hits:
        result["occurrenceCount"] = known.hits
    if known.status is Status.IGNORED:
        suppression = {"kind": "external", "status": "accepted"}
        note = {"justification": known.decision.note} if known.decision.note else {}
        result["suppressions"] = [{**suppression, **note}]
    return result


def _location(where: str, project: Path, file: Path) -> dict[str, Any]:
    match = _LINE.fullmatch(where)
    if match is None:
        return {"artifactLocation": _uri(file, project)}
    return {
        "artifactLocation": _uri(project / match["file"], project),
        "region": {"startLine": int(match["line"])},
    }


def _uri(path: Path, project: Path) -> dict[str, str]:
    if path.is_relative_to(project):
        return {"uri": quote(bytes(path.relative_to(project))), "uriBaseId": "%SRCROOT%"}
    return {"uri": f"file://{quote(bytes(path))}"}


# Markdown -------------------------------------------------------------------------------------------------------------


def markdown(target: str, words: Sequence[str], buckets: Sequence[Known]) -> list[Visible]:
    """A table of all buckets, then a section for each, ready for an issue. `words`: the target as it is typed."""
    lines = [say("# Crashers of {}", code(target)), NOTHING]
    if not buckets:
        return [*lines, label("None are known.")]
    lines += [label("| what | where | status | hits | again | bucket |"), label("|---|---|---|---:|---|---|")]
    for known in buckets:
        cells = [code(known.title), code(_where(known)), status_words(known), say("{:,}", known.hits), _again(known)]
        lines.append(say("| {} |", joined(" | ", map(cell, [*cells, code(known.bucket)]))))
    for known in buckets:
        lines += [NOTHING, *issue(known, words)]
    return lines


def issue(known: Known, words: Sequence[str]) -> list[Visible]:
    """One bucket as the section of a page. `words`: the target as it is typed."""
    record, decision = known.record, known.decision
    lines = [say("## {}", code(known.title)), NOTHING]
    facts = [say("bucket {}", code(known.bucket)), status_words(known), plural(known.hits, "hit")]
    if record is not None:
        facts.append(say("first seen {}, last {}", record.first_seen, record.last_seen))
        is_before = known.status is Status.FIXED and not known.is_regressed
        if record.confirmation is not None and not record.confirmation.had_failed:
            sentence = record.confirmation.sentence
            facts.append(say("before it was marked fixed {}", sentence) if is_before else sentence)
        if record.passed:
            facts.append(say("passed when it was last run, on {}", one_line(record.passed[:10])))
    lines += [joined("; ", facts), NOTHING]
    for name, value in _noted(decision.note, decision.link):
        lines += [say("{}: {}", name, _escaped(value)), NOTHING]
    if record is not None and record.failure.message:
        lines += [say("message: {}", code(record.failure.message)), NOTHING]
    if record is not None and record.failure.traceback:
        lines += [*_fenced(short_traceback(record.failure.traceback)), NOTHING]
    if record is not None and record.values:
        lines += [say("input: {}", code(record.values)), NOTHING]
    path = _input(known)
    if path is not None:
        run = command("fuzztui", "replay", *words, path_word(shown_path(path)))
        lines += [*_fenced([run]), NOTHING]
    if record is not None and (record.versions or record.revision is not None):
        versions = [say("{} {}", name, version) for name, version in record.versions.items()]
        dirty = label(" with changes") if record.revision is not None and record.revision.is_dirty else NOTHING
        at = [say("at {}{}", code(record.revision.commit), dirty)] if record.revision is not None else []
        lines += [joined(", ", [*versions, *at]), NOTHING]
    return lines[:-1]


def code(value: str) -> Visible:
    """A text as code, whatever is in it."""
    shown = visible(value, 500)
    if not shown:
        return NOTHING
    fence = visible("`" * (1 + max(map(len, re.findall("`+", shown)), default=0)))
    padding = label(" ") if shown.startswith("`") or shown.endswith("`") else NOTHING
    return say("{0}{1}{2}{1}{0}", fence, padding, shown)


def cell(value: Visible) -> Visible:
    return visible(value.replace("|", "\\|"), 2 * len(value))


def _escaped(value: str) -> Visible:
    """A text in which Markdown and HTML mean nothing, on one line."""
    shown = visible(value, 2_000)
    return visible(re.sub(r"([\\`*_{}\[\]<>#|!~])", r"\\\1", shown), 2 * len(shown))


def _fenced(lines: Sequence[Visible]) -> list[Visible]:
    longest = max((len(each) for line in lines for each in re.findall("`+", line)), default=0)
    fence = visible("`" * max(3, longest + 1))
    return [fence, *(part for line in lines for part in (lines_of(line) or [NOTHING])), fence]
