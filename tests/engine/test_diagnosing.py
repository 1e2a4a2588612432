"""Runs with something the matter say so, in events and snapshots."""

from pathlib import Path

import pytest

from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.events import Diagnosed
from fuzztui.plain.json_lines import json_lines
from fuzztui.plain.lines import PlainLines
from tests.support import make_project, wait_for

pytestmark = pytest.mark.processes

FAILS = """
    import time
    def fuzz_it(data: bytes) -> None:
        time.sleep(0.002)
        raise ValueError("not in this version")
"""

HANGS = """
    import time
    def wait_for_the_server():
        time.sleep(600)
    wait_for_the_server()
    def fuzz_it(data: bytes) -> None: pass
"""


def test_run_in_which_every_input_fails_says_what_to_declare(tmp_path: Path) -> None:
    project = make_project(tmp_path, FAILS, stop_on_crash=False)
    engine = project.start(limit=Limit())
    try:
        found = engine.wait(lambda shown: shown.diagnoses, "a diagnosis")
        assert [each.name for each in found] == ["failing"]
    finally:
        engine.session.stop()
        run = engine.join()
    event = next(event for event in run.events if isinstance(event, Diagnosed))
    line = PlainLines()(event)
    assert "every input fails" in line.lower()
    assert "raises=ValueError" in line
    assert '"event": "diagnosis"' in json_lines(event)
    assert '"name": "failing"' in json_lines(event)


def test_loading_that_hangs_is_told_with_its_place(tmp_path: Path) -> None:
    project = make_project(tmp_path, HANGS)
    engine = project.start(limit=Limit())
    try:

        def place() -> str:
            return next(
                (str(one.finding) for one in engine.session.snapshot().diagnoses if "fuzz_it.py" in one.finding), ""
            )

        assert "fuzz_it.py:4 in wait_for_the_server" in wait_for(place, "the place where loading hangs")
    finally:
        engine.session.force_stop()
        engine.join()
