"""What knows a project knows the functions by their names of which runs have left something."""

from pathlib import Path

from fuzztui.commands.targets import locate
from fuzztui.engine.request.target import NamedTarget
from fuzztui.home.overview import overview
from fuzztui.target.errors import TargetNotFound
from fuzztui.unread import unread_inputs


def test_project_lists_functions_with_stored_inputs_or_runs(package: Path) -> None:
    (package / "testdata/corpus/pkg.mod-Parser.parse+all").mkdir(parents=True)
    (package / ".fuzztui/sessions/by-name/pkg-parse").mkdir(parents=True)
    (package / "testdata/corpus/pkg.mod-gone").mkdir()
    glances = [*overview(package)]
    entries = {entry.id: entry for glance in glances for entry in glance.entries}
    assert [*entries] == [
        "src/pkg/fuzz_own.py::fuzz_own",
        "pkg-parse".replace("-", ":"),
        "pkg.mod:Parser.parse --all-parameters",
    ]
    target = entries["pkg:parse"].target
    assert isinstance(target, NamedTarget)
    assert target.project == package
    (problem,) = glances[-1].problems
    assert problem.startswith("pkg.mod:gone: pkg.mod has no function gone")


def test_stored_inputs_of_a_function_are_read_by_it(package: Path) -> None:
    (package / "fuzz_it.py").write_text("def fuzz_it(data: bytes) -> None: ...\n")
    for folder in ("pkg-parse", "elsewhere"):
        (package / "testdata/corpus" / folder).mkdir(parents=True)
        (package / "testdata/corpus" / folder / ("0" * 64)).write_bytes(b"x")
    (sentence,) = unread_inputs([package / "fuzz_it.py"])
    assert "elsewhere" in sentence


def suggestion(spec: str) -> tuple[str, ...]:
    try:
        locate(spec)
    except TargetNotFound as error:
        return error.suggestions
    raise AssertionError(f"{spec} is a target")


def test_module_alone_is_told_what_can_be_named_of_it(package: Path) -> None:
    assert suggestion("pkg.mod")[:3] == ("pkg.mod:parse", "pkg.mod:by_name", "pkg.mod:middle")
    assert suggestion("pkg.errors") == ()
    assert suggestion("pkg.fuzz_own") == ("src/pkg/fuzz_own.py",)


def test_function_that_is_no_target_may_be_fuzzed_by_its_name(package: Path) -> None:
    assert suggestion("src/pkg/mod.py:parse") == ("pkg.mod:parse",)
    assert suggestion("src/pkg/mod.py::parse") == ("pkg.mod:parse",)
    assert suggestion("pkg.mod::parse") == ("pkg.mod:parse",)
    assert suggestion("pkg.mod.Parser.clean") == ("pkg.mod:Parser.clean",)
    assert suggestion("src/pkg/fuzz_own.py:fuzz_own") == ("src/pkg/fuzz_own.py::fuzz_own",)
    assert suggestion("src/pkg/mod.py:bare") == ()
