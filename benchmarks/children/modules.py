"""Loads a target as a worker does, and prints the names of the modules that are instrumented.

Arguments: file, function.
"""

import sys

from fuzztui.worker.__main__ import PrivateLibrary


def main() -> None:
    """Print a list."""
    file, name = sys.argv[1:]
    library = PrivateLibrary()  # what the machinery loads stays out of the target's way, as in a worker
    from fuzztui.target.load import load
    from fuzztui.worker.instrumentation.importer import install, selection
    from fuzztui.worker.instrumentation.probes import ProbeMap

    library.close()
    probes = ProbeMap()
    with open(file, "rb") as stream:  # noqa: PTH123 - pathlib would be loaded before the hook
        install(probes, selection(stream.read())).reload_named()
    load(file, name)
    import json  # only now: what is loaded before the hook stays bare

    print(json.dumps([module.name for module in probes.modules]))


if __name__ == "__main__":
    main()
