"""`python -m benchmarks [--full] [--seconds N] [--rounds N] [--json FILE] [--picture FILE] [NAMES...]`"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks import (
    bugs,
    chain,
    confirming,
    coverage,
    dashboard,
    failures,
    flood,
    formats,
    instrumentation,
    memory,
    minimizing,
    modules,
    objects,
    other_search,
    others,
    peer,
    picture,
    properties,
    provider,
    scale,
    sharing,
    standing,
    startup,
    throughput,
    typed,
    workers,
)
from benchmarks.arena import BUGS, TARGETS
from benchmarks.child import ROOT, MeasurementError
from benchmarks.formats import FORMATS
from benchmarks.plan import Benchmark, Plan
from benchmarks.record import record

BENCHMARKS: Final[dict[str, Benchmark]] = {
    "throughput": Benchmark(throughput.measure, throughput.duration),
    "instrumentation": Benchmark(instrumentation.measure, instrumentation.duration),
    "workers": Benchmark(workers.measure, workers.duration),
    "startup": Benchmark(startup.measure, startup.duration),
    "failures": Benchmark(failures.measure, failures.duration),
    "flood": Benchmark(flood.measure, flood.duration),
    "confirming": Benchmark(confirming.measure, confirming.duration),
    "bugs": Benchmark(bugs.measure, bugs.duration),
    "coverage": Benchmark(coverage.measure, coverage.duration),
    "dashboard": Benchmark(dashboard.measure, dashboard.duration),
    "standing": Benchmark(standing.measure, standing.duration),
    "memory": Benchmark(memory.measure, memory.duration),
    "others": Benchmark(others.measure, others.duration),
    "minimizing": Benchmark(minimizing.measure, minimizing.duration),
    "modules": Benchmark(modules.measure, modules.duration),
    "objects": Benchmark(objects.SUITE.measure, objects.SUITE.duration),
    "formats": Benchmark(formats.measure, formats.duration),
    "scale": Benchmark(scale.measure, scale.duration),
    "typed": Benchmark(typed.measure, typed.duration),
    "property": Benchmark(properties.measure, properties.duration),
    "sharing": Benchmark(sharing.measure, sharing.duration),
    "chain": Benchmark(chain.measure, chain.duration),
    "provider": Benchmark(provider.SUITE.measure, provider.SUITE.duration),
}

LONG: Final = (
    *("dashboard", "standing", "memory", "others", "minimizing", "failures", "flood", "confirming"),
    *("provider", "sharing", "chain", "objects", "typed", "property", "formats", "scale", "modules"),
)
"""Not measured unless they are named, or everything is asked for by `--full`."""

NAMES: Final = tuple(dict.fromkeys((*BENCHMARKS, *TARGETS, *BUGS, *FORMATS)))

RESULTS: Final = ROOT / "benchmarks" / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print tables and verdicts, write the record; the exit status is 1 if a measurement failed.

    An expectation that is missed is no failure: on a busy machine it says nothing.
    """
    asked = _parser().parse_args(arguments)
    plan = make_plan(asked)
    names = chosen(asked.names, plan.full)
    print(heading(plan, names), end="\n\n", flush=True)
    reports = {}
    try:
        for name in names:
            reports[name] = BENCHMARKS[name].measure(plan)
            plan.progress("")
            print(reports[name].text, end="\n\n", flush=True)
    except MeasurementError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted: no record is written", file=sys.stderr)
        return 130
    for report in reports.values():
        for verdict in report.verdicts:
            print(verdict)
    content = record(plan, reports)
    file: Path = asked.json or RESULTS / f"{content['when'].replace(':', '').replace('+0000', 'Z')}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    if asked.picture is not None:
        asked.picture.write_text(picture.draw(content), "utf-8")
    return 0


def chosen(names: Sequence[str], full: bool) -> list[str]:
    """The benchmarks to run: those that are named, or else all that are not too long."""
    return [name for name in BENCHMARKS if name in names] or [name for name in BENCHMARKS if full or name not in LONG]


def make_plan(asked: argparse.Namespace) -> Plan:
    """What the command line asks for. Where it names targets, no others are measured, with a bug or without."""
    everything = not {*TARGETS, *BUGS}.intersection(asked.names)
    return Plan(
        targets=tuple(name for name in TARGETS if everything or name in asked.names),
        bugs=tuple(name for name in BUGS if everything or name in asked.names),
        formats=tuple(name for name in FORMATS if name in asked.names) or FORMATS,
        seconds=asked.seconds,
        rounds=asked.rounds,
        full=asked.full,
        seeds=asked.seeds,
        limit=asked.limit,
        memory_seconds=asked.memory_seconds,
        peer=peer.version(),
        others=other_search.versions(),
        progress=_show_progress if sys.stderr.isatty() else lambda _: None,
    )


def heading(plan: Plan, names: Sequence[str]) -> str:
    """Who is measured where, and how long that will take."""
    main, rest = names != ["others"], "others" in names
    peers = {**({"Atheris": plan.peer} if plan.peer and main else {}), **(plan.others if rest else {})}
    beside = " and ".join(f"{name} {version}" for name, version in peers.items())
    other = f"beside {beside}" if beside else f"alone ({'Atheris is' if main else 'others are'} not installed)"
    minutes = sum(BENCHMARKS[name].duration(plan) for name in names) / 60
    long = "less than a minute" if minutes < 1 else f"about {minutes:.0f} minute{'s' * (round(minutes) > 1)}"
    return f"fuzztui {other}, CPython {platform.python_version()}, {os.cpu_count()} cores: {long}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure how fast fuzztui is.")
    parser.add_argument("--seconds", type=_length, default=20.0, metavar="N", help="length of a run that fuzzes [20]")
    parser.add_argument(
        "--rounds",
        type=_rounds,
        default=3,
        metavar="N",
        help="repetitions of the shorter measurements, of which medians show [3]",
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="where the record goes [benchmarks/results/TIME.json]"
    )
    parser.add_argument(
        "--full", action="store_true", help="measure everything, long and often enough for figures that hold: hours"
    )
    parser.add_argument("--seeds", type=_rounds, metavar="N", help="random seeds of each search [1 to 10]")
    parser.add_argument("--limit", type=_length, metavar="N", help="CPU seconds of each search [10 to 60]")
    parser.add_argument(
        "--memory-seconds",
        type=_length,
        default=600.0,
        metavar="N",
        help="length of a run whose memory is watched [600]; without --full only where `memory` is named",
    )
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw what was compared with Atheris, as SVG")
    parser.add_argument("names", nargs="*", type=_name, metavar="NAME", help=f"only these: {', '.join(NAMES)}")
    return parser


def _length(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 600:
        raise argparse.ArgumentTypeError(f"{text!r} is no length, want seconds, more than 0 and at most 600")
    return value


def _rounds(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 100):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of repetitions, want 1 to 100")
    return int(text)


def _name(text: str) -> str:
    if text not in NAMES:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a benchmark nor a target, want of {', '.join(NAMES)}")
    return text


def _show_progress(what: str) -> None:
    """Keep one line of the terminal up to date."""
    print(f"\r\x1b[K{what}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
