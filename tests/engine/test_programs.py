"""Runs of programs for other fuzzers keep what every run promises."""

from collections.abc import Callable

from fuzztui.engine.request.options import Limit
from fuzztui.engine.request.target import PythonTarget
from fuzztui.engine.request.task import RegressionTest
from fuzztui.engine.show.outcome import StopReason
from fuzztui.target.forms import Form
from tests.support import Project

MakeProject = Callable[..., Project]

HARNESS = """
import atheris, sys
with atheris.instrument_imports():
    import colorsys

def TestOneInput(data):
    provider = atheris.FuzzedDataProvider(data)
    text = provider.ConsumeUnicodeNoSurrogates(10)
    colorsys.rgb_to_hsv(0.1, 0.2, provider.ConsumeProbability())
    if text.startswith("bug"):
        sys.exit(0)
    return -1

def main():
    atheris.Setup(sys.argv, TestOneInput)
    try:
        atheris.Fuzz()
    finally:
        with open(__file__ + ".ended", "a") as file:
            file.write("x")

if __name__ == "__main__":
    main()
"""


def programs(made: Project, form: Form = Form.ATHERIS) -> Project:
    """A project whose file is a program: it is named like the file either way."""
    made.options["target"] = PythonTarget(made.folder / "fuzz_it.py", "fuzz_it", made.folder, form=form)
    return made


def test_a_harness_of_atheris_is_fuzzed_and_its_exit_with_0_is_a_crasher(project: MakeProject) -> None:
    made = programs(project(HARNESS))
    run = made.run(workers=2)
    assert run.outcome.reason is StopReason.CRASHER
    (crasher,) = run.crashers
    assert crasher.failure.type == "SystemExit"
    assert crasher.failure.function == "TestOneInput"
    assert [each.read_bytes()[1:4] for each in run.stored] == [b"bug"]
    assert [(module.name, module.instrumented) for module in run.snapshot.modules] == [("colorsys", True)]
    assert (made.folder / "fuzz_it.py.ended").read_text().startswith("xx")
    again = made.run(task=RegressionTest())
    assert again.outcome.exit_code == 1


def test_a_program_that_fails_before_it_fuzzes_is_no_crasher(project: MakeProject) -> None:
    made = programs(project("import atheris\ndef one(data): ...\natheris.Setup(sys.argv, one)\natheris.Fuzz()\n"))
    run = made.run()
    assert run.outcome.exit_code == 70
    assert not run.crashers
    assert "fuzz_it.py:3: the program raised NameError: name 'sys' is not defined" in str(run.outcome.detail)


def test_a_program_for_afl_is_fuzzed(project: MakeProject) -> None:
    source = "import afl, sys\nwhile afl.loop(100):\n    if sys.stdin.buffer.read() == b'bug': raise KeyError\n"
    run = programs(project(source), Form.AFL).run(limit=Limit(executions=20_000))
    assert [crasher.failure.type for crasher in run.crashers] == ["KeyError"]


def test_a_harness_that_fails_on_the_empty_input_itself_is_no_crasher(project: MakeProject) -> None:
    head = "import atheris\nimport json\ndef one(data):\n"
    start = "atheris.Setup([''], one)\natheris.Fuzz()\n"
    run = programs(project(f"{head}    return missing(data)\n{start}")).run()
    assert run.outcome.exit_code == 70
    assert not run.crashers
    assert "fuzz_it.py:4: the harness itself fails on the empty input" in str(run.outcome.detail)
    assert "NameError: name 'missing' is not defined" in str(run.outcome.detail)


def test_what_a_harness_calls_may_fail_on_the_empty_input(project: MakeProject) -> None:
    source = (
        "import atheris\nimport json\ndef one(data):\n    json.loads(data)\natheris.Setup([''], one)\natheris.Fuzz()\n"
    )
    made = programs(project(source))
    run = made.run()
    assert run.outcome.exit_code == 1
    assert "the empty input fails" in run.warnings
    (made.folder / "testdata/corpus/fuzz_it").mkdir(parents=True, exist_ok=True)
    assert made.run(task=RegressionTest()).outcome.exit_code == 1


def test_a_custom_mutator_finds_what_only_it_can_make(project: MakeProject) -> None:
    source = """
import atheris, zlib
def TestOneInput(data):
    try:
        text = zlib.decompress(data)
    except zlib.error:
        return
    if text.startswith(b"bug"):
        raise KeyError("bug")
def mutate(data, max_size, seed):
    try:
        text = zlib.decompress(data)
    except zlib.error:
        text = b"hi"
    return zlib.compress(atheris.Mutate(text, 20))
atheris.Setup([""], TestOneInput, custom_mutator=mutate)
atheris.Fuzz()
"""
    run = programs(project(source)).run()
    assert [crasher.failure.type for crasher in run.crashers] == ["KeyError"]


def test_a_custom_mutator_that_fails_ends_the_run_with_its_line(project: MakeProject) -> None:
    source = "import atheris\ndef mutate(data, size, seed):\n    return data[99]\n"
    source += "atheris.Setup([''], lambda data: None, custom_mutator=mutate)\natheris.Fuzz()\n"
    made = programs(project(source))
    made.seed("one", b"an input")
    run = made.run()
    assert run.outcome.exit_code == 70
    assert "fuzz_it.py:3: custom_mutator raised IndexError" in str(run.outcome.detail)


def test_a_program_may_start_its_fuzzer_in_a_process(project: MakeProject) -> None:
    source = """
import atheris, multiprocessing, sys
class Child(multiprocessing.Process):
    def run(self):
        start(*self.given)
def one(data):
    if data[:3] == b"bug":
        raise KeyError(data)
def start(argv, word):
    assert word == "word"
    atheris.Setup(argv, one)
    atheris.Fuzz()
if __name__ == "__main__":
    if MODE == "subclass":
        child = Child()
        child.given = sys.argv, "word"
    else:
        child = multiprocessing.Process(target=start, args=(sys.argv,), kwargs={"word": "word"})
    child.start()
    if MODE != "left":
        child.join(timeout=30)
"""
    for mode in ("function", "subclass", "left"):
        run = programs(project(source.replace("MODE", repr(mode)))).run()
        assert [crasher.failure.type for crasher in run.crashers] == ["KeyError"], (mode, run.outcome)
