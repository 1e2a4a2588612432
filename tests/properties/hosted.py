"""A process of its own that loads property tests as workers do, each in a copy of it: prints what comes of each.

python hosted.py FOLDER NAME...     one JSON object a line, in the order of the names (`file.py::test`)
"""

import json
import os
import random
import sys
from pathlib import Path
from typing import Any

from fuzztui.target.errors import HarnessError
from fuzztui.target.forms import Form
from fuzztui.target.load import LoadedTarget
from fuzztui.worker.instrumentation.importer import install, selection
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.programs import fuzzers
from fuzztui.worker.programs.running import Place, Wishes

EXECUTIONS = 40


def loaded(folder: str, name: str) -> dict[str, Any]:
    file, _, test = name.partition("::")
    path = Path(folder) / file
    source = path.read_bytes()
    probes = ProbeMap()
    finder = install(probes, fuzzers.adjusted(Form.HOSTED, selection(source), source))
    seen: dict[str, Any] = {"served": 0}

    def serve(target: LoadedTarget, wishes: Wishes) -> None:
        seen["served"] += 1
        seen["remarks"] = wishes.remarks
        failures = set()
        for seed in range(EXECUTIONS):
            try:
                target.function((random.Random(seed).getrandbits(60),))
            except Exception as error:
                failures.add(f"{type(error).__name__}: {error}")
        assert target.test is not None
        seen.update(failures=sorted(failures), executions=target.test.executions)

    try:
        fuzzers.run(Form.HOSTED, Place(str(path), source, folder, (), test), [], finder, serve)
    except HarnessError as error:
        seen.update(kind=type(error).__name__, error=str(error))
    seen["probed"] = sorted(module.name for module in probes.modules)
    return seen


def main() -> None:
    folder, *names = sys.argv[1:]
    sys.dont_write_bytecode = True
    os.chdir(folder)
    for name in names:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            try:
                result = loaded(folder, name)
            except BaseException as error:
                result = {"broken": f"{type(error).__name__}: {error}"}
            os.write(writing, json.dumps(result).encode())
            sys.stdout.flush()
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as stream:
            text = stream.read()
        os.waitpid(child, 0)
        print(f"\n=== {text}", flush=True)


if __name__ == "__main__":
    main()
