"""Property tests are found by reading files."""

from pathlib import Path
from textwrap import dedent

import pytest

from fuzztui.target.discover import discover
from fuzztui.target.errors import TargetNotFound
from fuzztui.target.find import find
from fuzztui.target.forms import Form

HEAD = "from hypothesis import given, settings, example, strategies as st\n"


def found(folder: Path, source: str, *, head: str = HEAD) -> dict[str, Form]:
    (folder / "pyproject.toml").touch()
    (folder / "test_it.py").write_text(head + dedent(source))
    discovery = discover(folder / "test_it.py")
    assert not discovery.problems
    return {info.name: info.form for info in discovery.targets}


@pytest.mark.parametrize(
    ("head", "decorator"),
    [
        ("from hypothesis import given, strategies as st", "@given(st.integers())"),
        ("from hypothesis import given as any_of, strategies as st", "@any_of(st.integers())"),
        ("import hypothesis\nfrom hypothesis import strategies as st", "@hypothesis.given(x=st.integers())"),
        (
            "import hypothesis as h, hypothesis.strategies as st",
            "@h.settings(max_examples=3)\n@h.given(x=st.integers())",
        ),
        ("import hypothesis as h, hypothesis.strategies as st\ndraw = h.given", "@draw(st.integers())"),
        (
            "from hypothesis.core import given\nfrom hypothesis import strategies as st, seed",
            "@given(st.text())",
        ),
        (
            "from hypothesis import *\nimport hypothesis.strategies as st",
            "@settings(max_examples=3)\n@given(st.text())",
        ),
    ],
)
def test_function_under_given_by_any_name_is_a_target(tmp_path: Path, head: str, decorator: str) -> None:
    assert found(tmp_path, f"{decorator}\ndef test_x(x): pass\n", head=f"{head}\n") == {"test_x": Form.PROPERTY}


def test_all_names_of_several_modules_may_have_given_and_state_machines_among_them(tmp_path: Path) -> None:
    head = "from hypothesis import *\nfrom hypothesis.stateful import *\nfrom hypothesis.strategies import *\n"
    source = "@given(integers())\ndef test_x(x): pass\nclass M(RuleBasedStateMachine): pass\nTestM = M.TestCase\n"
    assert set(found(tmp_path, source, head=head)) == {"test_x", "TestM"}
    assert found(tmp_path, "@given\ndef test_x(x): pass\n", head="from helpers import *\n") == {}


@pytest.mark.parametrize(
    "decorator",
    [
        "quick = given(x=st.integers())\n@quick",
        "def quick(**drawn):\n    return lambda test: settings()(given(**drawn)(test))\n@quick(x=st.text())",
        "def both(test):\n    return given(st.integers())(test)\n@both",
        "quick = lambda test: given(st.none())(test)\n@quick",
    ],
)
def test_composed_decorator_is_seen_through(tmp_path: Path, decorator: str) -> None:
    assert "test_x" in found(tmp_path, f"{decorator}\ndef test_x(x): pass\n")


@pytest.mark.parametrize(
    "source",
    [
        "import pytest\n@pytest.mark.parametrize('a', [1])\n@given(b=st.none())\ndef test_x(a, b): pass\n",
        "@given(b=st.none())\ndef test_x(fixture, b): pass\n",
        "@given(st.none())\ndef test_x(fixture, b): pass\n",
        "@given(st.none())\nasync def test_x(b): pass\n",
        "pytestmark = []\n@given(st.none())\ndef test_x(b): pass\n",
        "def setup_module(): pass\n@given(st.none())\ndef test_x(b): pass\n",
        "import pytest\n@pytest.fixture(autouse=True)\ndef around(): yield\n@given(st.none())\ndef test_x(b): pass\n",
        "from functools import cache\n@cache\n@given(st.none())\ndef test_x(b): pass\n",
        "@given(...)\ndef test_x(b: int): pass\n",
    ],
)
def test_what_pytest_has_to_set_up_is_left_to_it(tmp_path: Path, source: str) -> None:
    assert found(tmp_path, source) == {"test_x": Form.HOSTED}


@pytest.mark.parametrize(
    ("settings", "form"),
    [
        ("filterwarnings = error", Form.HOSTED),
        ("usefixtures = server", Form.HOSTED),
        ("addopts = -q -W error", Form.HOSTED),
        ("addopts = --hypothesis-profile=ci", Form.HOSTED),
        ("addopts = -q --strict-markers\ntestpaths = tests", Form.PROPERTY),
    ],
)
def test_what_pytests_settings_have_done_around_every_test_is_left_to_it(
    tmp_path: Path, settings: str, form: Form
) -> None:
    (tmp_path / "pytest.ini").write_text(f"[pytest]\n{settings}\n")
    assert found(tmp_path, "@given(st.none())\ndef test_x(b): pass\n") == {"test_x": form}


def test_conftest_as_far_as_the_project_reaches_makes_all_of_a_folder_pytests(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").touch()
    inner = tmp_path / "project"
    inner.mkdir()
    assert found(inner, "@given(st.none())\ndef test_x(b): pass\n") == {"test_x": Form.PROPERTY}
    (inner / "conftest.py").touch()
    assert found(inner, "@given(st.none())\ndef test_x(b): pass\n") == {"test_x": Form.HOSTED}


def test_methods_are_found_as_pytest_collects_them(tmp_path: Path) -> None:
    source = """
        import unittest
        from django.test import TestCase as Case

        class Mixin:
            @given(st.none())
            def test_inherited(self, x): pass

        class TestThing(Mixin):
            @given(st.none())
            def test_own(self, x): pass
            def test_plain(self): pass
            @given(st.none())
            def helper(self, x): pass
            class TestInner:
                @given(st.none())
                def test_deep(self, x): pass

        class Plain(unittest.TestCase):
            @given(st.none())
            def test_unit(self, x): pass

        class Further(Plain): pass
        class Foreign(Case):
            @given(st.none())
            def test_web(self, x): pass
        class TestMade:
            def __init__(self): pass
            @given(st.none())
            def test_never(self, x): pass
        class TestOff:
            __test__ = False
            @given(st.none())
            def test_off(self, x): pass
        class Helper:
            @given(st.none())
            def test_no(self, x): pass
    """
    assert set(found(tmp_path, source)) == {
        *("TestThing::test_inherited", "TestThing::test_own", "TestThing::TestInner::test_deep"),
        *("Plain::test_unit", "Further::test_unit", "Foreign::test_web"),
    }


def test_state_machines_are_targets_by_their_test_case(tmp_path: Path) -> None:
    source = """
        import unittest
        from hypothesis.stateful import RuleBasedStateMachine, rule
        from elsewhere import StackMachine

        class Base(RuleBasedStateMachine): pass
        class Set(Base): pass
        TestSet = Set.TestCase
        TestStack = StackMachine.TestCase
        class TestOther(Set.TestCase):
            settings = settings(max_examples=3)
        Case = unittest.TestCase
    """
    assert found(tmp_path, source) == dict.fromkeys(["TestSet", "TestStack", "TestOther"], Form.PROPERTY)


def test_what_only_looks_like_one_is_none(tmp_path: Path) -> None:
    source = """
        from elsewhere import given as other
        def test_plain(): pass
        @other(3)
        def test_x(x): pass
        def make():
            @given(st.none())
            def test_inner(x): pass
        @given(st.none())
        def check(fixture, x): pass
    """
    assert found(tmp_path, source, head="from hypothesis import given, strategies as st\n") == {}


def test_name_that_pytest_knows_leads_to_the_target(tmp_path: Path) -> None:
    found(tmp_path, "class TestIt:\n    @given(st.none())\n    def test_x(self, x): pass\n")
    assert find("test_it.py::TestIt::test_x", tmp_path).name == "TestIt::test_x"
    for typed in ("test_x", "TestIt.test_x", "TestIt::test_x[1-a]"):
        with pytest.raises(TargetNotFound) as raised:
            find(f"test_it.py::{typed}", tmp_path)
        assert raised.value.suggestions == ("test_it.py::TestIt::test_x",), typed


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("pytest.ini", "[pytest]\npython_functions = check_* spec\npython_classes = *Spec\n"),
        ("tox.ini", "[pytest]\npython_functions =\n    check_*\n    spec\npython_classes = *Spec\n"),
        ("setup.cfg", "[tool:pytest]\npython_functions = check_* spec\npython_classes = *Spec\n"),
        (
            "pyproject.toml",
            "[tool.pytest.ini_options]\npython_functions = ['check_*', 'spec']\npython_classes = '*Spec'\n",
        ),
    ],
)
def test_tests_are_called_as_the_projects_settings_of_pytest_have_it(tmp_path: Path, name: str, settings: str) -> None:
    source = """
    import pytest, unittest
    anything = pytest.mark.slow
    for_all = given(x=st.integers())
    @anything
    @for_all
    def check_x(x): pass
    @anything
    @for_all
    def specify(x): pass
    @anything
    @for_all
    def test_x(x): pass
    class ShopSpec:
        @for_all
        def check_y(self, x): pass
        @for_all
        def test_y(self, x): pass
    class TestShop:
        @for_all
        def check_y(self, x): pass
    class Case(unittest.TestCase):
        @for_all
        def test_z(self, x): pass
        @for_all
        def check_z(self, x): pass
    """
    (tmp_path / name).write_text(settings)
    (tmp_path / "test_it.py").write_text(HEAD + dedent(source))
    names = [info.name for info in discover(tmp_path / "test_it.py").targets]
    assert names == ["check_x", "specify", "ShopSpec::check_y", "Case::test_z"]


def test_settings_of_hypothesis_that_have_a_name_need_no_pytest(tmp_path: Path) -> None:
    source = "own = settings(max_examples=5)\n@own\n@given(st.none())\ndef test_x(x): pass\n"
    assert found(tmp_path, source) == {"test_x": Form.PROPERTY}


def test_tests_that_call_what_is_under_given_are_pytests(tmp_path: Path) -> None:
    source = """
    from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test as run
    class Machine(RuleBasedStateMachine): pass
    def test_machine(): run(Machine, settings=settings(max_examples=3))
    def test_within():
        @given(st.none())
        def each(x): pass
        each()
    def test_neither(): pass
    def other():
        run(Machine)
    """
    assert found(tmp_path, source) == {"test_machine": Form.HOSTED, "test_within": Form.HOSTED}
