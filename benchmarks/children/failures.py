"""Fuzzes a function that fails each time, once with its exception as part of its contract and once as a crasher, and
prints the microseconds of CPU time of one execution each. The difference is what telling and counting a known failure
costs.

Arguments: a file with the function `fuzz(data)`, executions, rounds. No coordinator: what a worker sends is dropped.
"""

import json
import random
import sys
from statistics import median
from time import process_time_ns
from typing import Any

from fuzztui.protocol.memory import SharedMemory, create
from fuzztui.protocol.messages import Fuzz, Result
from fuzztui.target.load import LoadedTarget
from fuzztui.worker.failures.buckets import Buckets
from fuzztui.worker.failures.strays import Strays
from fuzztui.worker.instrumentation.instrument import instrument
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.loop import MutationOptions, PythonExecutor
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.process.executions import Executions
from fuzztui.worker.reports import Reports

CAPACITY = 1 << 16
MAX_LEN = 64


def executor(file: str, contract: tuple[type[BaseException], ...]) -> PythonExecutor:
    """A worker's, for the function in the file."""
    with open(file, "rb") as stream:  # noqa: PTH123
        made = instrument(stream.read(), file)
    probes = ProbeMap()
    base = probes.register("harness", file, made.lines)
    namespace: dict[str, Any] = {"__name__": "harness"}
    probes.attach("harness", namespace)
    exec(made.at(base), namespace)
    executions = Executions(SharedMemory(create(CAPACITY), CAPACITY))
    dictionary = Dictionary()
    mutator = Mutator(("bytes",), random.Random(1), dictionary, MAX_LEN)
    buckets = Buckets(lambda name, _file: name == "harness")
    sink: list[Result] = []
    reports = Reports(lambda result: sink.__setitem__(slice(None), [result]), executions)
    return PythonExecutor(
        LoadedTarget(namespace["fuzz"], ("bytes",), [], contract, None),
        [],
        probes,
        MutationOptions(mutator, dictionary, MAX_LEN),
        executions,
        reports,
        buckets,
        Strays(executions.memory.words, buckets),
    )


def microseconds(fuzzing: PythonExecutor, executions: int) -> float:
    """CPU time of one execution."""
    call = Fuzz(b"entry", 3600.0, executions, {}, False)
    begin = process_time_ns()
    done = fuzzing.fuzz(call)
    return (process_time_ns() - begin) / done.executions / 1000


def main() -> None:
    """Measure both in turns, after each has warmed up, and print the medians."""
    file, executions, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    both = {"contract": executor(file, (BaseException,)), "crasher": executor(file, ())}
    times: dict[str, list[float]] = {name: [] for name in both}
    for turn in range(rounds + 1):
        for name, fuzzing in both.items():
            one = microseconds(fuzzing, executions)
            if turn:
                times[name].append(one)
    print(json.dumps({name: median(each) for name, each in times.items()}))


if __name__ == "__main__":
    main()
