"""Calls a target with each file of a folder, again and again, and prints the microseconds of one call.

Arguments: how (`bare`, `complete`, `lean` or `atheris`), file, function, folder with the inputs, passes, and for
Atheris the names of what is instrumented (with commas). No fuzzing: the difference between two of these is the
instrumentation.
"""

import os
import sys
from collections.abc import Callable
from time import process_time_ns
from typing import Any

from fuzztui.target.load import load
from fuzztui.worker.instrumentation.importer import install, selection
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.instrumentation.retire import Retirement


def time_passes(function: Callable[[bytes], object], inputs: list[bytes], passes: int) -> float:
    """Microseconds per call in the fastest of so many passes; one more before them warms up."""
    best = None
    for _ in range(passes + 1):
        begin = process_time_ns()
        for data in inputs:
            function(data)
        seconds = process_time_ns() - begin
        best = seconds if best is None else min(best, seconds)
    assert best is not None
    return best / len(inputs) / 1000


def bare(file: str, name: str) -> Callable[[bytes], object]:
    """The target as it is."""
    return load(file, name).function


def probed(file: str, name: str) -> tuple[Callable[[bytes], object], ProbeMap]:
    """The target as a worker has it when it starts, with every probe."""
    probes = ProbeMap()
    with open(file, "rb") as stream:  # noqa: PTH123 - pathlib would be loaded before the hook
        install(probes, selection(stream.read())).reload_named()
    function = load(file, name).function
    if len(probes.modules) < 2:
        raise SystemExit(f"only {[module.name for module in probes.modules]} instrumented")
    return function, probes


def lean(file: str, name: str, inputs: list[bytes]) -> tuple[Callable[[bytes], object], ProbeMap]:
    """The target as fuzzing runs it, when just these inputs have been found: without probes that have seen it all."""
    function, probes = probed(file, name)
    probes.cells[:] = bytes(len(probes.cells))  # what importing covered is no input's doing
    for data in inputs:
        function(data)
    retirement = Retirement(probes)
    retirement.retire(probes.cells)
    while not retirement.is_settled:
        retirement.retire(probes.cells)
    return function, probes


def main() -> None:
    """Time the calls."""
    how, file, name, folder, passes, packages = sys.argv[1:]
    inputs = []
    for entry in sorted(os.listdir(folder)):  # noqa: PTH208
        with open(f"{folder}/{entry}", "rb") as stream:  # noqa: PTH123
            inputs.append(stream.read())
    if how == "atheris":
        _inside_atheris(file, packages, inputs, int(passes))
    else:
        print(time_passes(_target(how, file, name, inputs), inputs, int(passes)))


def _target(how: str, file: str, name: str, inputs: list[bytes]) -> Callable[[bytes], object]:
    match how:
        case "bare":
            return bare(file, name)
        case "complete":
            return probed(file, name)[0]
        case "lean":
            return lean(file, name, inputs)[0]
        case _:
            raise SystemExit(f"{how} is no way to call a target")


def _inside_atheris(file: str, packages: str, inputs: list[bytes], passes: int) -> None:
    """Time within the first execution of a run, when libFuzzer's counters are in place as they are in fuzzing."""
    from benchmarks.children.peer_fuzz import load as load_with_atheris

    function: Any
    atheris, function = load_with_atheris(file, packages)

    def time_and_exit(_: bytes) -> None:
        print(time_passes(function, inputs, passes), flush=True)
        os._exit(0)

    atheris.Setup([sys.argv[0]], time_and_exit)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
