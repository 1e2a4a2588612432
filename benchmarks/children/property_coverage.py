"""Loads one property test of a project as a worker does, executes it, and tells how much of its package that covers.

Arguments: file, test, folder to import from, packages (separated by commas), CPU seconds, random seed, and perhaps a
folder with inputs in it, however deep. Prints, as JSON: `error`, a sentence, where the test does not load; else
`executions`, and `covered`, the probes of the packages that were reached, of `probes` in all.

With such a folder its inputs are executed, once each, and that is all. Without one Hypothesis generates examples by
itself, as for a test without a limit of them, until the CPU time is used up; what fails does not end it.
"""

import json
import os
import signal
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any, Final

from fuzztui.target.choices.form import read
from fuzztui.target.errors import HarnessError, MalformedInput
from fuzztui.target.forms import Form
from fuzztui.target.load import LoadedTarget
from fuzztui.worker.instrumentation.importer import install, selection
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.programs import fuzzers
from fuzztui.worker.programs.running import Place, Wishes

AGAIN: Final = 0.05
"""CPU seconds after which the end is told once more: where it comes in a callback of the collector's, it is ignored."""


class Over(BaseException):
    """The time is used up."""


def generate(target: LoadedTarget, seconds: float, seed: int) -> None:
    """Have Hypothesis execute the test with what it generates, for so many CPU seconds."""
    from random import Random

    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.errors import Flaky, StopTest
    from hypothesis.internal.conjecture.data import ConjectureData
    from hypothesis.internal.conjecture.engine import ConjectureRunner

    from fuzztui.worker.hypothesis.execution import PropertyTest, no_verdict

    test: Any = target.test
    assert isinstance(test, PropertyTest)

    def execute(data: ConjectureData) -> None:
        try:
            test.execute_with(data)
        except StopTest:
            raise
        except no_verdict():
            data.mark_invalid()
        except Exception:
            return  # it fails, which is not what is measured

    def over(_signal: int, _frame: FrameType | None) -> None:
        raise Over

    options = settings(
        max_examples=10**9,
        phases=(Phase.generate, Phase.target),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        backend="hypothesis",
    )
    signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds, AGAIN)
    try:
        try:
            for again in count():
                with suppress(Flaky):  # strategies depend on what was drawn before: it forgets that, and goes on
                    random = Random(f"{seed}.{again}")
                    ConjectureRunner(execute, settings=options, random=random, ignore_limits=True).run()
                    break
        finally:
            signal.signal(signal.SIGPROF, signal.SIG_IGN)
    except Over:
        pass


def replay(target: LoadedTarget, folder: Path) -> None:
    """Execute what every run begins with, the zero value and the test's own examples, and the inputs in a folder."""
    plains: list[Any] = [(0,), *(seed for (seed,) in target.seeds)]
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        with suppress(MalformedInput):  # which is no input
            plains.append(read(file.read_bytes()).plain)
    for plain in plains:
        with suppress(Exception):
            target.function(plain)


def measured(arguments: list[str]) -> dict[str, Any]:
    """See the module."""
    name, test, folder, packages, seconds, seed, *inputs = arguments
    file = Path(name)
    source = file.read_bytes()
    probes = ProbeMap()
    finder = install(probes, fuzzers.adjusted(Form.HOSTED, selection(source), source))
    found: dict[str, Any] = {}

    def serve(target: LoadedTarget, _wishes: Wishes) -> None:
        if inputs:
            replay(target, Path(inputs[0]))
        elif float(seconds):
            generate(target, float(seconds), int(seed))
        else:
            with suppress(Exception):
                target.function((0,))
        assert target.test is not None
        own = [module for module in probes.modules if module.name.partition(".")[0] in packages.split(",")]
        cells = [probes.cells[module.base : module.base + len(module.lines)] for module in own]
        found.update(executions=target.test.executions, covered=sum(map(sum, cells)), probes=sum(map(len, cells)))

    try:
        fuzzers.run(Form.HOSTED, Place(str(file), source, str(Path.cwd()), (folder,), test), [], finder, serve)
    except HarnessError as error:
        found.update(error=f"{type(error).__name__}: {error}")
    return found


def main() -> None:
    """Print what came of it."""
    sys.dont_write_bytecode = True
    result = measured(sys.argv[1:])
    print(f"\n{json.dumps(result)}", flush=True)
    os._exit(0)  # whatever the project's threads do


if __name__ == "__main__":
    main()
