"""How a worker for a Python target is started."""

import json
import subprocess
import sys
from pathlib import Path

import fuzztui

SHOW = """
import json, sys
from pathlib import Path
from fuzztui.engine.request.target import PythonTarget

flags = "import json, sys; print(json.dumps([*map(str, sys.flags), sys.warnoptions, sorted(sys._xoptions)]))"
command = PythonTarget(Path("x.py"), "fuzz", Path()).command()
assert command[-1].endswith("__main__.py")
import subprocess
print(json.dumps([*map(str, sys.flags), sys.warnoptions, sorted(sys._xoptions)]))
print(subprocess.check_output([*command[:-1], "-c", flags], text=True), end="")
"""


def test_workers_get_the_options_of_the_interpreter_that_starts_them() -> None:
    for options in (
        ["-O"],
        ["-OO", "-B"],
        ["-W", "error::UserWarning", "-W", "ignore::ImportWarning"],
        ["-X", "dev", "-X", "utf8"],
        ["-X", "int_max_str_digits=0"],
    ):
        shown = subprocess.check_output(
            [sys.executable, "-P", *options, "-c", SHOW],
            text=True,
            env={"PYTHONPATH": str(Path(fuzztui.__file__).parents[1]), "LC_ALL": "C.UTF-8"},
        )
        ours, theirs = map(json.loads, shown.splitlines())
        assert theirs == ours, options
        assert ours != [*map(str, sys.flags), sys.warnoptions, sorted(sys._xoptions)]
