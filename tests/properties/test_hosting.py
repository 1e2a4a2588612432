"""Property tests that pytest sets up are served where pytest would call them, and torn down when that has ended."""

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.support import mostly_soak

HEAD = """
import pytest, unittest
from hypothesis import HealthCheck, assume, event, example, given, note, settings, strategies as st, target
from hypothesis.stateful import RuleBasedStateMachine, rule
import subject
own = settings(suppress_health_check=list(HealthCheck))
"""

CONFTEST = """
import pytest, side
log = open("log.txt", "a", buffering=1)

@pytest.fixture(scope="session")
def server():
    log.write("up\\n")
    yield {"port": 1}
    log.write("down\\n")

@pytest.fixture
def limit(monkeypatch):
    monkeypatch.setenv("LIMIT", "7")
    return 7

@pytest.fixture(autouse=True)
def around():
    log.write("before\\n")
    yield
    log.write("after\\n")

@pytest.fixture
def broken():
    raise ConnectionError("no server on port 1")

@pytest.fixture(params=["a", "b"])
def letter(request):
    return request.param

@pytest.fixture
def badly():
    yield
    raise OSError("cannot tear down")
"""

# Name -> source of a test file, the test in it, and what is to come of it: a failure's words, or an error's.
SERVED: dict[str, tuple[str, str, str]] = {
    "session fixture": ("@given(n=st.integers())\ndef test_x(server, n): assert server['port'] == 2", "test_x", ""),
    "function fixture": (
        "import os\n@own\n@given(n=st.integers())\ndef test_x(limit, n): raise KeyError(os.environ['LIMIT'])",
        "test_x",
        "KeyError: '7'",
    ),
    "parametrize": (
        "@pytest.mark.parametrize('sign', [1, -1])\n@given(n=st.just(3))\n"
        "def test_x(sign, n): raise KeyError(n * sign)",
        "test_x",
        "KeyError: -3|KeyError: 3",
    ),
    "parametrize twice, and a fixture": (
        "@pytest.mark.parametrize('a', [1, 2])\n@pytest.mark.parametrize('b', [5, 7])\n@given(n=st.just(1))\n"
        "def test_x(server, a, n, b): raise KeyError(a * b * n)",
        "test_x",
        "KeyError: 10|KeyError: 14|KeyError: 5|KeyError: 7",
    ),
    "method": (
        "class TestIt:\n    name = 'own'\n    @given(n=st.integers())\n"
        "    def test_x(self, n): raise KeyError(self.name)",
        "TestIt::test_x",
        "KeyError: 'own'",
    ),
    "method with parameters": (
        "class TestIt:\n    @pytest.mark.parametrize('a', ['p', 'q'])\n    @given(st.just('z'))\n"
        "    def test_x(self, a, n): raise KeyError(a + n)",
        "TestIt::test_x",
        "KeyError: 'pz'|KeyError: 'qz'",
    ),
    "unittest": (
        "class Case(unittest.TestCase):\n    def setUp(self): self.own = 'set up'\n    @given(st.none())\n"
        "    def test_x(self, n): raise KeyError(self.own)",
        "Case::test_x",
        "KeyError: 'set up'",
    ),
    "inherited": (
        "class Base:\n    @given(st.none())\n    def test_x(self, n): raise KeyError(self.own)\n"
        "class TestIt(Base):\n    own = 3",
        "TestIt::test_x",
        "KeyError: 3",
    ),
    "mock patch": (
        "from unittest import mock\n@mock.patch('subject.parse')\n@given(n=st.just(1))\n"
        "def test_x(parse, n):\n    assert subject.parse is parse\n    raise KeyError(n)",
        "test_x",
        "KeyError: 1",
    ),
    "own decorator around a method": (
        "import functools\ndef doubled(test):\n    @functools.wraps(test)\n    def inner(self, *given, **named):\n"
        "        self.own = 2\n        return test(self, *given, **named)\n    return inner\n"
        "class TestIt:\n    @doubled\n    @given(st.just(4))\n"
        "    def test_x(self, server, n): raise KeyError(n * self.own)",
        "TestIt::test_x",
        "KeyError: 8",
    ),
    "mock patch with unittest": (
        "from unittest import mock\nclass Case(unittest.TestCase):\n    @mock.patch('subject.parse')\n"
        "    @given(n=st.just(4))\n    def test_x(self, parse, n): raise KeyError(n, subject.parse is parse)",
        "Case::test_x",
        "KeyError: (4, True)",
    ),
    "machine that a test runs": (
        "from hypothesis.stateful import run_state_machine_as_test\nclass Machine(RuleBasedStateMachine):\n"
        "    def __init__(self, server):\n        super().__init__()\n        self.server = server\n"
        "    @rule()\n    def add(self): raise KeyError(self.server['port'])\n"
        "def test_x(server): run_state_machine_as_test(lambda: Machine(server), settings=settings(max_examples=1))",
        "test_x",
        "KeyError: 1",
    ),
    "function within a test": (
        "def test_x(server):\n    @given(st.just(3))\n    def each(n): raise KeyError(n + server['port'])\n    each()",
        "test_x",
        "KeyError: 4",
    ),
    "expected to fail": (
        "@pytest.mark.xfail(reason='known')\n@given(n=st.just(3))\ndef test_x(n): raise KeyError(n)",
        "test_x",
        "KeyError: 3",
    ),
    "state machine": (
        "class Machine(RuleBasedStateMachine):\n    @rule(n=st.integers())\n"
        "    def add(self, n): raise KeyError('added')\n"
        "TestMachine = Machine.TestCase",
        "TestMachine",
        "KeyError: 'added'",
    ),
    "asyncio": (
        "@pytest.mark.asyncio\n@given(st.none())\nasync def test_x(n): raise KeyError('awaited')",
        "test_x",
        "KeyError: 'awaited'",
    ),
    "anyio": (
        "@pytest.fixture\ndef anyio_backend(): return 'asyncio'\n@own\n@pytest.mark.anyio\n@given(st.none())\n"
        "async def test_x(n): raise KeyError('awaited')",
        "test_x",
        "KeyError: 'awaited'",
    ),
    "all that a test can do": (
        "@settings(max_examples=3)\n@given(st.integers(), st.data())\ndef test_x(n, data):\n"
        "    note('x'); event('y'); target(float(n % 5)); assume(n % 2); data.draw(st.text())",
        "test_x",
        "",
    ),
    "explicit example on a fixture test": (
        "@example(n=5)\n@given(n=st.integers())\ndef test_x(server, n): pass",
        "test_x",
        "",
    ),
    "skip within": ("@given(st.none())\ndef test_x(n): pytest.skip('not now')", "test_x", ""),
    "warning turned into an error": (
        "import warnings\npytestmark = pytest.mark.filterwarnings('error')\n@given(st.none())\n"
        "def test_x(n): warnings.warn('odd')",
        "test_x",
        "UserWarning: odd",
    ),
}
SERVED["session fixture"] = (*SERVED["session fixture"][:2], "AssertionError: ")

REFUSED: dict[str, tuple[str, str, str, str]] = {
    "fixture that fails": (
        *("@given(n=st.none())\ndef test_x(broken, n): pass", "test_x", "LoadFailed"),
        "fixture broken of test_x raised ConnectionError: no server on port 1",
    ),
    "no such fixture": (
        *("@given(n=st.none())\ndef test_x(nowhere, n): pass", "test_x", "Uncallable"),
        "test_x takes nowhere, and there is no such fixture",
    ),
    "skipped": (
        *("@pytest.mark.skip(reason='needs a modem')\n@given(st.none())\ndef test_x(n): pass", "test_x", "Skipped"),
        "test_x is skipped: needs a modem",
    ),
    "skipped if": (
        *("@pytest.mark.skipif(True, reason='no')\n@given(st.none())\ndef test_x(n): pass", "test_x", "Skipped"),
        "test_x is skipped: no",
    ),
    "skipped by unittest": (
        "class Case(unittest.TestCase):\n    @unittest.skip('later')\n    @given(st.none())\n"
        "    def test_x(self, n): pass",
        *("Case::test_x", "Skipped", "test_x is skipped: later"),
    ),
    "skipped file": (
        *("pytest.skip('of no use here', allow_module_level=True)", "test_x", "Skipped", "of no use here"),
    ),
    "missing module": (
        *("pytest.importorskip('no_such_thing')", "test_x", "Skipped", "could not import 'no_such_thing'"),
    ),
    "health check": (
        *("@given(n=st.none())\ndef test_x(limit, n): pass", "test_x", "Uncallable"),
        "Hypothesis' health check fails, as it does in pytest: ",
    ),
    "collection": ("import no_such_module\n", "test_x", "ModuleMissing", "no_such_module"),
    "syntax": ("def test_x(:\n", "test_x", "LoadFailed", "SyntaxError"),
    "raises when imported": ("1 / 0\n", "test_x", "LoadFailed", "ZeroDivisionError: division by zero"),
    "not there": ("", "test_x", "HarnessError", "not found"),
    "no property test": ("def test_x(): pass", "test_x", "Uncallable", "it calls nothing under @given"),
    "set-up of unittest": (
        "class Case(unittest.TestCase):\n    def setUp(self): raise OSError('no disk')\n    @given(st.none())\n"
        "    def test_x(self, n): pass",
        *("Case::test_x", "LoadFailed", "OSError: no disk"),
    ),
    "bad arguments of given": (
        *("@given(m=st.none())\ndef test_x(n): pass", "test_x", "Uncallable", "is not what @given can decorate"),
    ),
    "bad strategy": (
        *(
            "@given(n=st.integers(5, 1))\ndef test_x(server, n): pass",
            "test_x",
            "Uncallable",
            "what n is drawn from is wrong: Cannot have max_value=1 < min_value=5",
        ),
    ),
    "empty strategy": (
        *(
            "@given(n=st.nothing())\ndef test_x(server, n): pass",
            "test_x",
            "Uncallable",
            "empty strategy: n=nothing()",  # where the folder's path is long, the middle of the sentence is left out
        ),
    ),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, Any]:
    """What comes of the tests that are chosen, by the names above."""
    params = [getattr(item, "callspec", None) for item in request.session.items if item.path == Path(__file__)]
    chosen = {each.params["name"] for each in params if each is not None}
    folder = tmp_path_factory.mktemp("project")
    addopts = '-n 2 -m "not slow" --no-such-plugin=x --other-plugin -p no_such_plugin'
    (folder / "pyproject.toml").write_text(f"[tool.pytest.ini_options]\naddopts = '{addopts}'\n")
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "subject.py").write_text("def parse(text):\n    return text\n")
    (folder / "side.py").write_text("VALUE = 1\n")
    names = {}
    for number, (name, (source, test, *_)) in enumerate([*SERVED.items(), *REFUSED.items()]):
        (folder / f"test_{number}.py").write_text(HEAD + dedent(source) + "\n")
        if name in chosen:
            names[name] = f"test_{number}.py::{test}"
    command = [sys.executable, "-m", "tests.properties.hosted", str(folder), *names.values()]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    lines = [line.removeprefix("=== ") for line in ran.stdout.split("\n") if line.startswith("=== ")]
    assert len(lines) == len(names), ran.stderr
    found = {name: json.loads(line) for name, line in zip(names, lines, strict=True)}
    found["log"] = (folder / "log.txt").read_text().split()
    found["left"] = sorted(path.name for path in folder.iterdir())
    return found


ORDINARY = ("session fixture", "parametrize", "unittest", "mock patch", "asyncio", "machine that a test runs")


@pytest.mark.parametrize("name", mostly_soak(SERVED, *ORDINARY))
def test_test_is_served_with_all_that_pytest_sets_up_for_it(results: dict[str, Any], name: str) -> None:
    result = results[name]
    assert result.get("error") is None
    assert result["served"] == 1, result
    assert "|".join(result["failures"]) == SERVED[name][2]
    is_told = "the test is marked xfail (known): what fails here is what pytest expects" in result["remarks"]
    assert is_told == ("xfail" in SERVED[name][0])


@pytest.mark.parametrize("name", mostly_soak(REFUSED, "fixture that fails", "skipped", "health check", "collection"))
def test_why_a_test_is_not_called_is_one_sentence(results: dict[str, Any], name: str) -> None:
    result = results[name]
    assert result["served"] == 0, result
    *_, kind, words = REFUSED[name]
    assert (kind, words in result["error"]) == (result["kind"], True), result
    assert "\n" not in result["error"]


def test_code_of_the_project_has_probes_and_what_runs_it_has_none(results: dict[str, Any]) -> None:
    for name in SERVED.keys() & results.keys():
        probed = results[name]["probed"]
        own = [each for each in probed if each not in ("conftest", "side", "subject", "os", "warnings")]
        assert len(own) == 1, probed
        assert {"conftest", "side", "subject"} <= set(probed)


def test_files_that_pytest_loads_past_the_import_system_have_probes_too(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n")
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "conftest.py").write_text("VALUE = 1\n")
    (folder / "test_it.py").write_text(
        f"{HEAD.replace('import subject', '')}\n@given(st.none())\ndef test_x(n): pass\n"
    )
    command = [sys.executable, "-m", "tests.properties.hosted", str(tmp_path), "tests/test_it.py::test_x"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    (result,) = [json.loads(line[4:]) for line in ran.stdout.split("\n") if line.startswith("=== ")]
    assert {"tests.conftest", "tests.test_it"} <= set(result["probed"])


def test_options_of_plugins_that_are_not_there_are_left_out(results: dict[str, Any]) -> None:
    for name in SERVED.keys() & results.keys():
        missing, unknown, *_ = results[name]["remarks"]
        assert missing == "the project's settings have pytest load no_such_plugin, which is not installed"
        asked = "--no-such-plugin=x, --other-plugin"
        assert unknown == f"pytest has no plugin for what the project's settings ask of it: {asked} is left out"


def test_fixtures_are_torn_down(results: dict[str, Any]) -> None:
    log = results["log"]
    served = SERVED.keys() & results.keys()
    assert log.count("up") == log.count("down") >= ("session fixture" in served)
    assert log.count("before") == log.count("after") >= len(served)


def test_nothing_is_left_for_the_next_run_of_pytest(results: dict[str, Any]) -> None:
    folder = [name for name in results["left"] if name.startswith(".")]
    assert set(folder) <= {".hypothesis"}
