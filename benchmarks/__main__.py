"""`python -m benchmarks [--seconds N] [--rounds N] [--full] [--json FILE] [--picture FILE] [NAMES...]`"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks import bugs, coverage, instrumentation, peer, picture, startup, throughput, workers
from benchmarks.arena import BUGS, TARGETS
from benchmarks.child import ROOT, MeasurementError
from benchmarks.plan import Benchmark, Plan
from benchmarks.record import record

BENCHMARKS: Final[dict[str, Benchmark]] = {
    "throughput": throughput.measure,
    "instrumentation": instrumentation.measure,
    "workers": workers.measure,
    "startup": startup.measure,
    "bugs": bugs.measure,
    "coverage": coverage.measure,
}

NAMES: Final = tuple(dict.fromkeys((*BENCHMARKS, *TARGETS, *BUGS)))

RESULTS: Final = ROOT / "benchmarks" / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print tables and verdicts, write the record; the exit status is 1 if a measurement failed.

    An expectation that is missed is no failure: on a busy machine it says nothing.
    """
    asked = _parser().parse_args(arguments)
    names = [name for name in BENCHMARKS if name in asked.names] or list(BENCHMARKS)
    plan = Plan(
        targets=tuple(name for name in TARGETS if name in asked.names) or TARGETS,
        bugs=tuple(name for name in BUGS if name in asked.names) or BUGS,
        seconds=asked.seconds,
        rounds=asked.rounds,
        full=asked.full,
        peer=peer.version(),
        progress=_show_progress if sys.stderr.isatty() else lambda _: None,
    )
    reports = {}
    try:
        for name in names:
            reports[name] = BENCHMARKS[name](plan)
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure how fast fuzztui is.")
    parser.add_argument("--seconds", type=_length, default=8.0, metavar="N", help="length of a run that fuzzes [8]")
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
        "--full", action="store_true", help="search for bugs and branches long and often enough for figures that hold"
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
        raise argparse.ArgumentTypeError(f"{text!r} is no number of rounds, want 1 to 100")
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
