"""What a run of the benchmarks leaves for later."""

import datetime
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from benchmarks.plan import Plan, Report


def record(plan: Plan, reports: Mapping[str, Report]) -> dict[str, Any]:
    """A run as JSON.

    `when` (UTC), `python`, `platform`, `cpus`, `load` (averages over 1, 5, 15 minutes at the end), `atheris` (version
    or null), `others` (name -> version of the other fuzzers that are installed), `seconds`, `rounds`, `full`, `seeds`,
    `limit` and `memory_seconds` of the plan; `benchmarks`: name -> list of rows, whose fields are those of the
    benchmark's own dataclass; `verdicts`: list of `name`, `value`, `expected`, `at_least`, `unit`, `of`, `strict`,
    `spread`, `met`.
    """
    return {
        "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "load": os.getloadavg(),
        "atheris": plan.peer,
        "others": dict(plan.others),
        "seconds": plan.seconds,
        "rounds": plan.rounds,
        "full": plan.full,
        "seeds": plan.seeds,
        "limit": plan.limit,
        "memory_seconds": plan.memory_seconds,
        "benchmarks": {name: [asdict(row) for row in report.rows] for name, report in reports.items()},
        "verdicts": [
            {**asdict(verdict), "met": verdict.met} for report in reports.values() for verdict in report.verdicts
        ],
    }
