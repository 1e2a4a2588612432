"""Programs for other fuzzers are run as they are, and the coordinator is served within their call of the fuzzer."""

import builtins
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from fuzztui.target.errors import CleanupFailed, HarnessError, LoadFailed
from fuzztui.target.forms import Form
from fuzztui.target.load import LoadedTarget
from fuzztui.worker.instrumentation.importer import InstrumentingFinder, selection
from fuzztui.worker.instrumentation.probes import ProbeMap
from fuzztui.worker.programs.fuzzers import adjusted, run
from fuzztui.worker.programs.running import Place, Wishes

Serving = Callable[[LoadedTarget, Wishes], object]

HEAD = """
import sys, atheris
done = []
def TestOneInput(data):
    done.append(data)
    if data == b"bad":
        raise KeyError("bad")
    return 1
"""


class World:
    """A folder for one program, and what has become of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "harness.py"
        self.served: list[tuple[LoadedTarget, Wishes]] = []
        self.finder: InstrumentingFinder

    def run(
        self, source: str, *arguments: str, form: Form = Form.ATHERIS, serve: Serving | None = None
    ) -> dict[str, Any]:
        """Run a program; what it has defined in the end."""
        text = dedent(source).encode()
        self.file.write_bytes(text)
        self.finder = InstrumentingFinder(ProbeMap(), adjusted(form, selection(text), text))

        def note(target: LoadedTarget, wishes: Wishes) -> None:
            self.served.append((target, wishes))
            if serve is not None:
                serve(target, wishes)

        place = Place(str(self.file), text, str(self.folder))
        run(form, place, arguments, self.finder, note)
        return vars(sys.modules["__main__"])


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(sys, "argv", ["pytest"])
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.setattr(sys, "stdin", sys.stdin)
    monkeypatch.setattr(os, "_exit", os._exit)
    monkeypatch.setattr("posix._exit", os._exit)
    before, known = dict(sys.modules), set(vars(builtins))
    yield World(tmp_path)
    sys.modules.clear()
    sys.modules.update(before)
    for name in set(vars(builtins)) - known:
        delattr(builtins, name)


STARTS: dict[str, str] = {
    "guarded": HEAD + "def main():\n    atheris.Setup(sys.argv, TestOneInput)\n    atheris.Fuzz()\n"
    "if __name__ == '__main__':\n    main()\n",
    "at the top": HEAD + "atheris.Setup(sys.argv, TestOneInput)\natheris.Fuzz()\n",
    "keywords": HEAD + "atheris.Setup(args=sys.argv, test_one_input=TestOneInput, enable_python_coverage=True,\n"
    "    internal_libfuzzer=True, whatever=3)\natheris.Fuzz()\n",
    "names": HEAD + "from atheris import Setup, Fuzz\nSetup(sys.argv, TestOneInput)\nFuzz()\n",
    "no libFuzzer": HEAD.replace("atheris", "atheris_no_libfuzzer as atheris")
    + "atheris.Setup(sys.argv, TestOneInput)\natheris.Fuzz()\n",
    "decorated": HEAD + "atheris.instrument_all()\n"
    "atheris.Setup(sys.argv, atheris.instrument_func(TestOneInput))\natheris.Fuzz()\n",
    "hooks": HEAD + "import re\natheris.enabled_hooks.add('RegEx')\nassert 'RegEx' in atheris.enabled_hooks\n"
    "assert atheris.path() == '' and atheris.ALL_REMAINING == 2**64 - 1\n"
    "assert re.compile('[a-f]{3}x|y').fullmatch(atheris.gen_match(re.compile('[a-f]{3}x|y')))\n"
    "atheris.Setup(sys.argv, TestOneInput)\natheris.Fuzz()\n",
    "swallowed": HEAD + "atheris.Setup(sys.argv, TestOneInput)\n"
    "try:\n    atheris.Fuzz()\nexcept BaseException:\n    done.append('swallowed')\n",
}


@pytest.mark.parametrize("kind", STARTS)
def test_what_a_program_gives_to_atheris_is_served(world: World, kind: str) -> None:
    def serve(target: LoadedTarget, _: Wishes) -> None:
        assert target.parameters == ("bytes",)
        assert target.exits_fail
        target.function(b"good")
        with pytest.raises(KeyError):
            target.function(b"bad")

    program = world.run(STARTS[kind], serve=serve)
    assert len(world.served) == 1
    assert program["done"][:2] == [b"good", b"bad"]
    assert program["__name__"] == "__main__"
    assert program["__file__"] == str(world.file)
    assert sys.argv == [str(world.file)]


def test_what_surrounds_the_call_of_fuzz_ends_when_fuzzing_does(world: World) -> None:
    order: list[str] = []
    program = world.run(
        HEAD
        + """
        import tempfile, os
        atheris.Setup(sys.argv, TestOneInput)
        try:
            with tempfile.TemporaryDirectory() as folder:
                atheris.Fuzz()
        finally:
            done.append(os.path.exists(folder))
        done.append("never")
        """.replace("\n        ", "\n"),
        serve=lambda target, _: order.append(str(Path(vars(sys.modules["__main__"])["folder"]).is_dir())),
    )
    assert order == ["True"]
    assert program["done"] == [False]


def test_a_second_call_of_fuzz_only_ends_the_program(world: World) -> None:
    program = world.run(
        HEAD + "atheris.Setup(sys.argv, TestOneInput)\nfor _ in range(3):\n"
        "    try:\n        atheris.Fuzz()\n    except SystemExit as end:\n        done.append(end.code)\n"
    )
    assert len(world.served) == 1
    assert program["done"] == [0, 0, 0]


def test_a_failure_of_the_serving_passes_the_program_by(world: World) -> None:
    def fail(_target: LoadedTarget, _wishes: Wishes) -> None:
        raise HarnessError("the serving")

    with pytest.raises(HarnessError, match="the serving"):
        world.run(STARTS["swallowed"], serve=fail)
    assert vars(sys.modules["__main__"])["done"] == ["swallowed"]


FAULTS: dict[str, tuple[str, str]] = {
    "name": ("import atheris\natheris.Setup(sys.argv, print)\n", ":2: the program raised NameError: name 'sys' is not"),
    "exit": (HEAD + "\nsys.exit(3)\n", ":10: the program raised SystemExit: 3 before it called atheris.Fuzz"),
    "no setup": (HEAD, " ended without calling atheris.Fuzz"),
    "no fuzz": (HEAD + "atheris.Setup(sys.argv, TestOneInput)\n", " ended without calling atheris.Fuzz"),
    "two": (HEAD + "for _ in 1, 2:\n    atheris.Setup([''], print)\n", "atheris.Setup was called a second time"),
    "too early": (HEAD + "atheris.Fuzz()\n", "atheris.Fuzz was called before atheris.Setup"),
    "no function": (
        HEAD + "atheris.Setup([''], 3)\n",
        ":9: the program raised TypeError: atheris.Setup takes a function",
    ),
    "module": ("import atheris\nimport no_such_module_at_all\n", ":2: No module named 'no_such_module_at_all'"),
    "syntax": ("import atheris\ndef x(:\n", ":2: the program raised SyntaxError"),
    "thread": (
        HEAD + "import threading\natheris.Setup([''], print)\n"
        "thread = threading.Thread(target=atheris.Fuzz)\nthread.start()\nthread.join()\n",
        "atheris.Fuzz is called in a thread",
    ),
}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("kind", FAULTS)
def test_a_program_that_does_not_come_to_fuzz_is_told_in_a_sentence_with_the_line(world: World, kind: str) -> None:
    source, words = FAULTS[kind]
    with pytest.raises(HarnessError) as caught:
        world.run(source)
    assert words in str(caught.value)
    assert str(world.file) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not world.served


def test_what_a_program_raises_after_fuzzing_is_a_failed_cleanup(world: World) -> None:
    source = HEAD + "atheris.Setup(sys.argv, TestOneInput)\ntry:\n    atheris.Fuzz()\nfinally:\n    1 / 0\n"
    with pytest.raises(CleanupFailed, match=r"harness.py:13: ZeroDivisionError.* was raised after atheris.Fuzz had"):
        world.run(source)
    assert not issubclass(CleanupFailed, LoadFailed)


def test_arguments_reach_the_program_and_setup_returns_those_that_are_its_own(world: World) -> None:
    source = HEAD + "done.append(atheris.Setup(sys.argv, TestOneInput))\natheris.Fuzz()\n"
    program = world.run(source, "corpus", "-max_len=7", "--verbose")
    assert sys.argv[1:] == ["corpus", "-max_len=7", "--verbose"]
    assert program["done"] == [[str(world.file), "corpus", "--verbose"]]
    # What stands on the command line, the coordinator heeds.
    assert world.served[0][1]._replace(mutation=None) == Wishes()


def test_flags_that_the_program_itself_gives_are_heeded_or_told_of(world: World) -> None:
    (world.folder / "own").mkdir()
    (world.folder / "own" / "one").write_bytes(b"1")
    (world.folder / "own" / "deep").mkdir()
    (world.folder / "own" / "deep" / "two").write_bytes(b"22")
    flags = ["", "-max_len=9", "-runs=5", "-print_final_stats=1", "-strange=1", "own", "absent"]
    world.run(HEAD + f"atheris.Setup({flags!r}, TestOneInput)\natheris.Fuzz()\n")
    wishes = world.served[0][1]
    assert wishes.max_len == 9
    assert sorted(wishes.seeds) == [b"1", b"22"]
    assert len(wishes.remarks) == 2
    assert "-runs=5" in wishes.remarks[0]
    assert "--fuzz-time" in wishes.remarks[0]
    assert "-strange" in wishes.remarks[1]


# Instrumentation ------------------------------------------------------------------------------------------------------


def wants(world: World, moment: str) -> list[str]:
    """Which of some modules are wanted at a moment of a program."""
    names: list[str] = []
    known = {"zipfile": "/python3.11/zipfile.py", "zipfile.inner": "", "yaml": "/site-packages/yaml.py", "os": ""}
    library = os.__file__.removesuffix("os.py")
    files = {name: f"{library}{path.rpartition('/')[2]}" for name, path in known.items()}

    def look() -> None:
        names.extend(name for name, file in files.items() if world.finder.wanted(name, file))

    builtins.look = look  # type: ignore[attr-defined]
    world.run(f"import atheris\n{moment}\natheris.Setup([''], print)\natheris.Fuzz()\n")
    return names


MOMENTS: dict[str, tuple[str, list[str]]] = {
    "outside": ("with atheris.instrument_imports(): pass\nlook()", []),
    "within": ("with atheris.instrument_imports(): look()", ["zipfile", "zipfile.inner", "yaml"]),
    "include": ("with atheris.instrument_imports(include=['zipfile']): look()", ["zipfile", "zipfile.inner"]),
    "by position": ("with atheris.instrument_imports(['yaml']): look()", ["yaml"]),
    "exclude": ("with atheris.instrument_imports(exclude=['zipfile']): look()", ["zipfile.inner", "yaml"]),
    "no loaders": (
        "with atheris.instrument_imports(enable_loader_override=False): look()",
        ["zipfile", "zipfile.inner", "yaml"],
    ),
    "all": ("look()\natheris.instrument_all()", ["zipfile", "zipfile.inner", "yaml"]),
}


@pytest.mark.parametrize("kind", MOMENTS)
def test_modules_are_wanted_as_the_program_asks_for_it(world: World, kind: str) -> None:
    moment, wanted = MOMENTS[kind]
    assert wants(world, moment) == wanted


@pytest.mark.parametrize(
    ("callback", "is_wanted"), [("test.hypothesis.fuzz_one_input", True), ("lambda data: test()", False)]
)
def test_hypothesis_has_probes_where_a_program_has_it_draw_from_the_input(callback: str, is_wanted: bool) -> None:
    source = f"import atheris, hypothesis\natheris.Setup([], {callback})\n".encode()
    wanted = adjusted(Form.ATHERIS, selection(source), source)
    assert wanted("hypothesis.core", "/site-packages/hypothesis/core.py") == is_wanted
    assert not adjusted(Form.HOSTED, selection(source), source)("hypothesis", "/site-packages/hypothesis/__init__.py")


def test_what_runs_property_tests_has_probes_where_it_is_the_project_that_is_tested() -> None:
    source = b"from .strategies import simple_classes"
    wanted = adjusted(Form.HOSTED, selection(source), source)

    assert wanted("attr._make", "/home/me/attrs/src/attr/_make.py")
    assert not wanted("attr._make", "/usr/lib/python3/dist-packages/attr/_make.py"), "it only runs the test"


def test_the_program_itself_has_probes(world: World) -> None:
    world.run(STARTS["guarded"], serve=lambda target, _: target.function(b"x"))
    (module,) = world.finder.probes.modules
    assert (module.name, module.file) == ("harness", str(world.file))
    assert any(world.finder.probes.cells)


# Other fuzzers --------------------------------------------------------------------------------------------------------


def test_fuzzer_run_one_is_called_and_finds_the_library_behind_its_own_name(world: World) -> None:
    world.file = world.folder / "colorsys.py"
    source = (
        "import colorsys\ndone = []\ndef FuzzerRunOne(FuzzerInput):\n done.append((FuzzerInput, colorsys.__file__))\n"
    )
    world.run(source, form=Form.CPYTHON, serve=lambda target, _: target.function(b"x"))
    ((data, file),) = vars(sys.modules["fuzzermod"])["done"]
    assert data == b"x"
    assert file != str(world.file)


STDIN = "import afl, sys, os\nstarts = globals().setdefault('starts', [])\nseen = []\n"
AFL: dict[str, str] = {
    "init": STDIN + "afl.init()\nseen.append(sys.stdin.read())\n",
    "loop": STDIN + "while afl.loop(1000):\n    sys.stdin.seek(0)\n    seen.append(sys.stdin.read())\n",
    "bytes": STDIN + "while afl.loop():\n    seen.append(sys.stdin.buffer.read().decode())\n",
    "leaves": STDIN + "afl.init()\nseen.append(sys.stdin.read())\nos._exit(0)\n",
    "exits": STDIN + "afl.init()\nseen.append(sys.stdin.readline())\nsys.exit(1)\n",
    "file": STDIN + "while afl.loop():\n    with open(sys.argv[1]) as file: seen.append(file.read())\n",
}


@pytest.mark.parametrize("kind", AFL)
def test_a_program_for_afl_reads_one_input_after_another(world: World, kind: str) -> None:
    seen: list[list[str]] = []

    def serve(target: LoadedTarget, _: Wishes) -> None:
        for data in (b"first", b"2nd"):
            target.function(data)
            seen.append(vars(sys.modules["__main__"])["seen"])

    world.run(AFL[kind], "@@", form=Form.AFL, serve=serve)
    assert seen == [["first"], ["2nd"]]


def test_what_a_program_for_afl_raises_leaves_its_execution(world: World) -> None:
    def serve(target: LoadedTarget, _: Wishes) -> None:
        with pytest.raises(KeyError):
            target.function(b"x")

    world.run("import afl\nafl.init()\nraise KeyError(1)\n", form=Form.AFL, serve=serve)
    assert world.served
    with pytest.raises(HarnessError, match="ended without calling"):
        world.run("import afl\nif 0: afl.init()\n", form=Form.AFL)


@pytest.mark.parametrize("options", ["", "()", "(dirs=['seeds'])"])
def test_a_function_for_pythonfuzz_is_called_with_a_bytearray(world: World, options: str) -> None:
    (world.folder / "seeds").mkdir()
    (world.folder / "seeds" / "one").write_bytes(b"1")
    source = (
        f"from pythonfuzz.main import PythonFuzz\ndone = []\n@PythonFuzz{options}\n"
        "def fuzz(buf):\n    done.append(buf)\nif __name__ == '__main__':\n    fuzz()\n"
    )
    program = world.run(source, form=Form.PYTHONFUZZ, serve=lambda target, _: target.function(b"x"))
    assert program["done"] == [bytearray(b"x")]
    assert world.served[0][1].seeds == ((b"1",) if "seeds" in options else ())


# As `python -m` ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inits", "line", "package"),
    [
        (["a/b", "a"], "from .near import LIMIT", "a.b"),
        (["a/b", "a"], "from ..far import LIMIT", "a.b"),
        ([], "from . import near\nLIMIT = near.LIMIT", "b"),
        ([], "from ..far import LIMIT", "a.b"),
    ],
)
def test_a_program_that_imports_by_leading_dots_is_run_as_part_of_its_package(
    world: World, inits: list[str], line: str, package: str
) -> None:
    folder = world.folder / "a" / "b"
    folder.mkdir(parents=True)
    for each in inits:
        (world.folder / each / "__init__.py").touch()
    (folder / "near.py").write_text("LIMIT = 1\n")
    (folder.parent / "far.py").write_text("LIMIT = 1\n")
    world.file = folder / "harness.py"
    program = world.run(f"{line}\n{HEAD}atheris.Setup(sys.argv, TestOneInput)\natheris.Fuzz()\n")
    assert len(world.served) == 1
    assert program["LIMIT"] == 1
    assert (program["__name__"], program["__package__"]) == ("__main__", package)
    assert str(folder) not in sys.path
