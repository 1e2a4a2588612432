"""What people are told of the modules that a target imports: at the start, in snapshots, at the end."""

import json
from collections.abc import Callable

import pytest

from fuzztui.engine.request.options import Limit
from fuzztui.engine.show.events import ModulesLoaded
from fuzztui.engine.show.snapshot import ImportedModule
from fuzztui.engine.show.text import label
from fuzztui.engine.work.coverage_log import MISSED, MOST_IMPORTS, CoverageLog
from fuzztui.plain.json_lines import json_lines
from fuzztui.plain.lines import PlainLines
from fuzztui.protocol.framing import ProtocolError
from fuzztui.protocol.messages import Imported, Module
from tests.support import Project

MODULES = tuple(
    ImportedModule(label(name), is_instrumented, label(reason), probes)
    for name, is_instrumented, reason, probes in (
        ("json", True, "", 300),
        ("math", False, "it is compiled", 0),
        ("sys", False, "it is compiled", 0),
        ("own", True, "too deeply nested for probes: f", 5),
        ("packed", False, "it lies in a zip file; unpack that", 0),
    )
)


def log_of(**probes: int) -> CoverageLog:
    log = CoverageLog()
    for name, count in probes.items():
        log.register(Module(name, f"{name}.py", [1] * count))
        log.note_import(Imported(name, True, "", count))
    return log


def test_plain_lines_say_once_for_each_reason_what_is_not_instrumented() -> None:
    assert PlainLines()(ModulesLoaded(1.0, MODULES)).splitlines() == [
        "fuzz: elapsed: 1s, not instrumented: math, sys: it is compiled",
        "fuzz: elapsed: 1s, not instrumented: packed: it lies in a zip file; unpack that",
        "fuzz: elapsed: 1s, own: too deeply nested for probes: f",
    ]
    assert PlainLines()(ModulesLoaded(1.0, MODULES[:1])) == ""


def test_json_lines_have_them_all() -> None:
    line = json.loads(json_lines(ModulesLoaded(1.0, MODULES[:2])))
    assert line == {
        "event": "modules",
        "elapsed": 1.0,
        "modules": [
            {"name": "json", "instrumented": True, "reason": "", "probes": 300},
            {"name": "math", "instrumented": False, "reason": "it is compiled", "probes": 0},
        ],
    }


def test_modules_of_which_next_to_nothing_was_reached_are_named_with_figures() -> None:
    log = log_of(none=10, few=2 * MISSED, enough=2 * MISSED, typing=100, dataclasses=377, empty=0)
    log.add({"few": [0, 1], "enough": [0, 1, 2]})
    assert log.missed == f"none (0 of 10 probes), few (2 of {2 * MISSED} probes)"
    log.add({"none": [3], "few": [5]})
    assert log.missed == ""


def test_what_was_reached_of_a_package_counts_for_it() -> None:
    log = log_of(package=100)
    log.register(Module("package.part", "part.py", [1] * 100))
    log.register(Module("package#2", "package.py", [1] * 100))
    log.add({"package.part": [1, 2], "package#2": [3]})
    assert log.missed == ""


def test_a_worker_that_imports_more_than_any_target_does_is_lying() -> None:
    log = CoverageLog()
    for number in range(MOST_IMPORTS):
        log.note_import(Imported(f"m{number}", True, "", 1))
    log.note_import(Imported("m0", True, "", 2))
    with pytest.raises(ProtocolError, match="more than"):
        log.note_import(Imported("one more", True, "", 1))


def test_probes_of_modules_that_nothing_can_reach_are_not_counted() -> None:
    log = CoverageLog()
    log.register(Module("code", "code.py", [1] * 10))
    log.register(Module("dates", "dates.py", [1] * 900))
    log.register(Module("dates.zones", "zones.py", [1] * 50))
    log.register(Module("datesx", "datesx.py", [1] * 5))
    log.note_import(Imported("dates", False, "it has no functions in Python", 0))
    assert log.probes == 15
    log.register(Module("dates#2", "dates.py", [1] * 900))
    assert log.probes == 15
    log.add({"dates": [3, 4], "code": [1]})  # whatever runs all the same is counted on both sides
    assert len(log) == 3
    assert log.probes == 17


def test_a_module_that_is_named_in_annotations_only_is_left_bare_and_named_with_what_to_do(
    project: Callable[..., Project],
) -> None:
    source = "import typing, string\ndef fuzz_it(data: bytes) -> typing.Any: return string.Template('')\n"
    made = project(source)
    run = made.run(limit=Limit(executions=20))
    assert [(each.name, each.instrumented) for each in run.snapshot.modules] == [("string", True), ("typing", False)]
    assert "annotations only: --include" in run.snapshot.modules[1].reason
    assert run.snapshot.edges_total < 200
    run = made.run(limit=Limit(executions=20), include=("typing",))
    assert [(each.name, each.instrumented) for each in run.snapshot.modules] == [("string", True), ("typing", True)]
    assert run.snapshot.edges_total > 900


def test_a_run_tells_of_the_targets_imports_at_the_start_and_of_those_it_missed_at_the_end(
    project: Callable[..., Project],
) -> None:
    run = project("import colorsys, math\ndef fuzz_it(data: bytes): return len(data)\n").run(limit=Limit(executions=50))
    (told,) = [event for event in run.events if isinstance(event, ModulesLoaded)]
    assert told.modules == run.snapshot.modules
    assert [(each.name, each.instrumented, each.reason) for each in told.modules] == [
        ("colorsys", True, ""),
        ("math", False, "it is compiled"),
    ]
    (warning,) = [sentence for sentence in run.snapshot.warnings if "colorsys" in sentence]
    assert f"nothing was reached: colorsys (0 of {told.modules[0].probes} probes)." in warning
