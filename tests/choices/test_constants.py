"""Which constants may be drawn: those that the project's code names, not those of the fuzzer that has loaded it."""

import sys
from pathlib import Path

from fuzztui.worker.hypothesis.constants import constants_of
from fuzztui.worker.instrumentation.importer import InstrumentingLoader


def test_constants_are_those_of_the_projects_code(tmp_path: Path) -> None:
    file = tmp_path / "test_it.py"
    file.write_text('"""Words."""\nLIMIT = 77\nNAME = "mine"\n')
    namespace = {
        "__name__": "test_it",
        "__file__": str(file),
        "__loader__": InstrumentingLoader.__new__(InstrumentingLoader),
    }
    assert InstrumentingLoader.__module__ in sys.modules
    found = constants_of(namespace, sys.modules)
    assert (found.ints, found.texts) == ((77,), ("mine",))
