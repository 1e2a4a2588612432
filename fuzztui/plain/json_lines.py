"""A run's events as JSON Lines: what programs read on stdout, and what recordings hold."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fuzztui.engine.show.costs import Cost, Profile
from fuzztui.engine.show.events import (
    CodeChanged,
    CorpusChanged,
    CorpusExported,
    CrasherConfirmed,
    CrasherFound,
    Diagnosed,
    Ended,
    Event,
    InputMinimized,
    InputRan,
    InputsArrived,
    ModulesLoaded,
    NodeChanged,
    OfTarget,
    PhaseChanged,
    Reloaded,
    ReloadFailed,
    SeenElsewhere,
    Stats,
    Steered,
    Told,
    Warned,
    WorkerEnded,
    WorkerStarted,
)
from fuzztui.engine.show.helper_row import HelperRow
from fuzztui.engine.show.target_row import TargetRow
from fuzztui.engine.show.text import Visible, json_line
from fuzztui.words.sentences import (
    run_rate,
)


def json_lines(event: Told) -> Visible:
    """An event as one JSON object; `docs/reference.md` documents the fields."""
    of_target = {"target": event.target} if isinstance(event, OfTarget) else {}
    fields = _fields(event.event if isinstance(event, OfTarget) else event)
    return json_line({"event": fields.pop("event"), "elapsed": round(event.elapsed, 3), **of_target, **fields})


def _helper(row: HelperRow | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {"state": row.state.name.lower(), "crasher": row.crasher or None, "execs": row.executions, "rss": row.rss}


def _fields(event: Event) -> dict[str, Any]:
    match event:
        case PhaseChanged():
            return {"event": "phase", "phase": event.phase.name.lower()}
        case Stats(snapshot=snapshot):
            return {
                "event": "stats",
                "execs": snapshot.executions,
                "refused": snapshot.refused,
                "execs_per_second": None if (rate := run_rate(snapshot)) is None else round(rate, 1),
                "edges": snapshot.edges,
                "corpus": snapshot.corpus,
                "new": snapshot.corpus_new,
                "crashers": snapshot.distinct,
                "hits": snapshot.hits,
                "helper": _helper(snapshot.helper),
                **({"sharing": snapshot.sharing.fields()} if snapshot.sharing.place else {}),
                **_targets(snapshot.targets),
                "workers": [
                    {
                        "id": row.id,
                        "state": row.state.name.lower(),
                        "execs": row.executions,
                        "rss": row.rss,
                        "profile": _shares(row.profile),
                    }
                    for row in snapshot.workers
                ],
            }
        case ModulesLoaded(modules=modules):
            return {"event": "modules", "modules": [asdict(module) for module in modules]}
        case WorkerStarted():
            return {
                "event": "worker_started",
                "worker": event.worker,
                "pid": event.pid,
                "restarts": event.restarts,
                "rss": event.rss,
            }
        case WorkerEnded():
            return {
                "event": "worker_ended",
                "worker": event.worker,
                "exit": event.exit,
                "why": event.why,
                "seconds": round(event.seconds, 3),
            }
        case CrasherFound(crasher=crasher):
            return {
                "event": "crasher",
                **crasher.failure.fields(),
                "path": str(crasher.path) if crasher.path is not None else None,
                "sha256": crasher.sha256,
                "worker": crasher.worker,
                "seed": None if crasher.is_known and crasher.is_stored_input else crasher.seed_name,
                "status": crasher.status.value,
                "known": crasher.is_known,
                "regressed": crasher.is_regressed,
                "note": crasher.note,
                "earlier": crasher.earlier.fields() if crasher.earlier is not None else None,
                "command": crasher.command,
                "data": None if crasher.path is not None or crasher.seed_name else crasher.data.hex(),
                **({"nodes": list(crasher.nodes)} if crasher.nodes else {}),
            }
        case CrasherConfirmed(crasher=crasher):
            known = crasher.confirmation
            return {
                "event": "confirmed",
                "id": crasher.id,
                "sha256": crasher.sha256,
                **(known.fields() if known is not None else {}),
            }
        case InputRan(result=result):
            return {
                "event": "input",
                "name": result.name,
                "verdict": result.verdict.name.lower(),
                "runs": result.runs,
                "failures": result.failures,
                "seconds": round(result.seconds, 3),
                "values": result.values,
                "output": result.output,
                "problem": result.problem,
                "note": result.note,
                "failure": result.failure.fields() if result.failure is not None else None,
            }
        case CorpusChanged(change=change):
            return {
                "event": "corpus",
                "kept": change.kept,
                "dropped": change.dropped,
                "malformed": list(change.malformed),
                "edges": change.edges,
            }
        case CorpusExported(export=export):
            return {
                "event": "export",
                "chosen": export.chosen,
                "inputs": export.inputs,
                "edges": export.edges,
                "all_edges": export.all_edges,
                "examples": list(export.examples),
                "formless": export.formless,
                "has_database": export.has_database,
            }
        case InputMinimized(minimized=minimized):
            return {
                "event": "minimized",
                "name": minimized.name,
                "bucket": minimized.bucket or None,
                "failure": minimized.failure.fields() if minimized.failure is not None else None,
                **minimized.fields(),
                "command": minimized.command,
                "data": minimized.data.hex() if minimized.data is not None else None,
            }
        case CodeChanged():
            return {"event": "code_changed", "files": list(event.files)}
        case ReloadFailed():
            return {"event": "reload_failed", "why": event.why}
        case Reloaded(counts=counts, crashers=crashers):
            fates = {one.id: one.recheck.fate.name.lower() for one in crashers if one.recheck is not None}
            return {"event": "reloaded", **asdict(counts), "crashers": fates}
        case Warned():
            return {"event": "warning", "message": event.message}
        case InputsArrived():
            return {
                "event": "arrived",
                "folder": event.folder,
                "given": event.given,
                "taken": event.taken,
                "failing": event.failing,
            }
        case SeenElsewhere(crasher=seen):
            return {"event": "elsewhere", **seen.fields()}
        case NodeChanged(node=node):
            return {"event": "node", **node.fields()}
        case Steered():
            return {"event": "steered", "message": event.message, "refused": event.is_refused}
        case Diagnosed():
            return {"event": "diagnosis", **event.diagnosis.fields(), "over": event.is_over}
        case Ended(outcome=outcome):
            return {
                "event": "end",
                "reason": outcome.reason.name.lower(),
                "detail": outcome.detail,
                "exit_code": outcome.exit_code,
                "execs": event.executions,
                "refused": event.refused,
                "received": outcome.received,
                "stored": outcome.stored,
                "duplicates": outcome.duplicates,
                "capped": outcome.capped,
                "unsaved": outcome.unsaved,
                "known": outcome.known,
                "regressed": outcome.regressed,
                "ignored": outcome.ignored,
                **_targets(event.targets),
                "workers": [
                    {
                        "id": row.id,
                        "execs": row.executions,
                        "exit": row.exit,
                        "seconds": None if row.exit_seconds is None else round(row.exit_seconds, 3),
                        "state": row.state.name.lower(),
                        "profile": _shares(row.profile),
                    }
                    for row in event.workers
                ],
                "yields": [{"source": one.source, "tries": one.tries, "finds": one.finds} for one in event.yields],
                "modules": [asdict(module) for module in event.modules],
                **({"observed": [one.fields() for one in event.observed]} if event.observed else {}),
            }


def _targets(rows: Sequence[TargetRow]) -> dict[str, list[dict[str, Any]]]:
    """How each of several targets fares; nothing in a run of one."""
    if not rows:
        return {}
    targets = [
        {
            "target": row.id,
            "state": row.state.name.lower(),
            "workers": row.workers,
            "turns": row.turns,
            "seconds": round(row.seconds, 3),
            "execs": row.executions,
            "edges": row.edges,
            "corpus": row.corpus,
            "new": row.corpus_new,
            "crashers": row.crashers,
            "hits": row.hits,
            "reason": row.outcome.reason.name.lower() if row.outcome is not None else None,
            "detail": row.outcome.detail if row.outcome is not None else None,
            "exit_code": row.outcome.exit_code if row.outcome is not None else None,
        }
        for row in rows
    ]
    return {"targets": targets}


def _shares(profile: Profile | None) -> dict[str, float | None] | None:
    """The number of samples and the share of each cost, 0 to 1; None for a run without a profile."""
    if profile is None:
        return None
    shares = {cost.value: profile.share(cost) for cost in Cost}
    rounded = {name: None if share is None else round(share, 4) for name, share in shares.items()}
    return {"samples": profile.samples, **rounded}
