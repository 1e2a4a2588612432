"""Which function lacks most, by its source, and which branch keeps inputs out of it, where lines were measured."""

from pathlib import Path

import pytest

from fuzztui.engine.readings.uncovered import missing
from fuzztui.engine.request.options import Limit
from tests.support import make_project

SOURCE = """\
class Parser:
    def parse(self, text):
        if text == "x":
            return self.anchor(text)
        return None

    def anchor(self, text):
        def inner():
            return 1
        return inner()

top = 1
"""


def test_missing_probes_are_counted_by_innermost_function(tmp_path: Path) -> None:
    file = tmp_path / "yaml.py"
    file.write_text(SOURCE)
    found = missing({str(file): [4, 8, 9, 9, 9, 12]})
    assert [(each.function, each.probes, each.line) for each in found] == [
        ("Parser.anchor.inner", 4, 8),
        ("Parser.parse", 1, 4),
        ("yaml.py", 1, 12),
    ]


def test_source_that_cannot_be_read_is_named_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def (:\n")
    found = missing({str(tmp_path / "broken.py"): [1, 2], str(tmp_path / "gone.py"): [7]})
    assert [(each.function, each.probes) for each in found] == [("broken.py", 2), ("gone.py", 1)]


TARGET = """
    def parse_anchor(data):
        if sum(data) == 123456789:
            total = 0
            for byte in data:
                if byte == 1:
                    total += 1
                elif byte == 2:
                    total += 2
            return total
        return 0

    def fuzz_it(data: bytes) -> None:
        parse_anchor(data)
"""


@pytest.mark.processes
def test_branch_that_keeps_inputs_out_is_named(tmp_path: Path) -> None:
    project = make_project(tmp_path, TARGET)
    engine = project.start(limit=Limit())
    try:
        engine.wait(lambda shown: shown.executions > 500, "executions")
        engine.session.measure_coverage(True)
        search = engine.session._run_in_progress.search  # type: ignore[union-attr]
        engine.wait(lambda _: search.lines.inputs and not search.lines.waiting, "lines")
        found = missing(search.coverage.uncovered(), search.lines.files)
    finally:
        engine.session.stop()
        engine.join()
    assert found[0].function == "parse_anchor"
    assert found[0].line == 3
    assert found[0].times > 0
    assert found[0].outcome == "never goes on to line 4"
