"""Fuzzes a target with Atheris until libFuzzer has enough.

Arguments: file, names of what is instrumented (with commas), then libFuzzer's own. Prints the CPU seconds used before
the first input; libFuzzer prints its statistics to stderr and ends the process.
"""

import importlib
import sys
import time
from collections.abc import Callable
from typing import Any


def load(file: str, packages: str) -> tuple[Any, Any]:
    """Import the target's file as Atheris' manual says; returns Atheris and the target's function.

    Of what is to be instrumented Atheris itself has loaded some, which would stay bare: it is loaded anew.
    """
    atheris: Any = importlib.import_module("atheris")
    for loaded in [name for name in sys.modules if name.partition(".")[0] in packages.split(",")]:
        del sys.modules[loaded]
    folder, _, name = file.removesuffix(".py").rpartition("/")
    sys.path.insert(0, folder)
    with atheris.instrument_imports(include=packages.split(",")):
        module = importlib.import_module(name)
    return atheris, getattr(module, name)


def fuzz(arguments: list[str], begin: Callable[[], object] = lambda: None) -> None:
    """Load the target, fuzz it; `begin` is called just before the first input. The process ends in here."""
    file, packages, *options = arguments
    atheris, function = load(file, packages)
    atheris.Setup([sys.argv[0], *options], function)
    print(time.process_time(), flush=True)
    begin()
    atheris.Fuzz()


def main() -> None:
    """Fuzz until libFuzzer has enough."""
    fuzz(sys.argv[1:])


if __name__ == "__main__":
    main()
