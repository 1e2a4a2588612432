"""The compiled module behind one in Python is found by its source."""

import csv
import datetime
import json.decoder
import json.scanner
import textwrap
from pathlib import Path

from fuzztui.engine.readings.accelerators import accelerator_of


def test_accelerators_of_the_library_are_known() -> None:
    files = [(each.__name__, str(each.__file__)) for each in (json.decoder, json.scanner, csv, textwrap)]
    assert accelerator_of("json", files) == "_json"
    assert accelerator_of("csv", files) == "_csv"
    assert accelerator_of("textwrap", files) == ""
    assert accelerator_of("js", files) == ""
    assert accelerator_of("datetime", [("datetime", str(datetime.__file__))]) == "_datetime"


def test_other_private_modules_and_unreadable_files_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("from _thread import lock\nimport _collections_abc\n# import _a\n")
    assert accelerator_of("a", [("a", str(tmp_path / "a.py")), ("a.b", str(tmp_path / "gone.py"))]) == ""
