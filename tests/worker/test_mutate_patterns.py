import re
import subprocess
import sys
from typing import Any, NoReturn

import pytest

from fuzztui.worker.instrumentation.literals import VERBOSE, Expression
from fuzztui.worker.mutate import patterns
from fuzztui.worker.mutate.dictionary import MAX_TOKEN
from fuzztui.worker.mutate.patterns import MAX_EXAMPLES, PATTERN, Examples, examples, expressions_in

MATCHED = [
    r"GET|POST|(?:DEL|UPD)ETE (\d+)",
    r"(?P<quote>[\"'])x*?(?P=quote)",
    r"^[^\s\"]\d{2,3}(?i:x)$",
    r"(a)?(?(1)b|c)",
    r"(?>ab)c++",
    r"(?!b)a(?=c)",
    r"[\x80-\xff][^a][\D\W]\S\w\s",
    r".[a-z]{3}[^\n]?",
    r"(?:(?:(?:(?:nested)+)+)+)+",
    r"\bword\b\Z",
    r"(?x) a  # comment",
    r"[1-5]{64}",
]


@pytest.mark.parametrize("source", MATCHED)
@pytest.mark.parametrize("binary", [False, True])
def test_examples_match(source: str, binary: bool) -> None:
    pattern: Any = source.encode("latin-1") if binary else source
    made = examples(Expression(pattern, 0)).matches
    assert 0 < len(made) <= MAX_EXAMPLES
    assert len(set(made)) == len(made)
    for text in made:
        assert re.search(pattern, text), text
        assert len(text) <= MAX_TOKEN


def test_examples_take_every_alternative() -> None:
    assert examples(Expression("(?:alpha|beta|[xy])=(?:on|off)?", 0)).matches[:6] == (
        "alpha=on",
        "beta=",
        "x=off",
        "alpha=",
        "beta=on",
        "y=",
    )


def test_literals_are_the_words_of_an_expression() -> None:
    made = examples(Expression(r"\s*(?:from|import)\s+(\w+)[abc]x;end{2,3}", 0))
    assert set(made.literals) == {"from", "import", "x;en"}


def test_an_expression_is_read_by_its_flags() -> None:
    source = "one  # comment\n two"
    assert examples(Expression(source, VERBOSE)).matches == ("onetwo",)
    assert examples(Expression(source, 0)).matches == (source,)


@pytest.mark.parametrize("source", ["[", "a" * 100, "a{1000}", "x" * 5000, "(?!)", "(" * 3000 + ")" * 3000, "", "^$"])
def test_what_has_no_short_example_gives_none(source: str) -> None:
    assert examples(Expression(source, 0)).matches == ()


def test_compiled_expressions_are_found_in_a_module_wherever_they_lie() -> None:
    class Parser:
        WORD = re.compile("in_class")
        TOKENS = (("name", re.compile("in_tuple")), {"k": [re.compile(b"in_list", re.VERBOSE)]})

    class Foreign:
        WORD = re.compile("foreign")

    Parser.__module__ = "m"
    namespace: dict[str, object] = {"__name__": "m", "A": re.compile("global"), "P": Parser, "F": Foreign, "N": None}
    namespace["itself"] = namespace
    assert list(expressions_in(namespace)) == [
        Expression("global", 0),
        Expression("in_class", 0),
        Expression("in_tuple", 0),
        Expression(b"in_list", VERBOSE),
    ]
    assert type(namespace["A"]) is PATTERN


def test_looking_for_expressions_runs_no_code_of_the_modules() -> None:
    def refuse(*_: object) -> NoReturn:
        raise AssertionError

    class Meta(type):
        __getattribute__ = __eq__ = refuse
        __hash__ = type.__hash__

    class Hostile(metaclass=Meta):
        __getattribute__ = __getattr__ = __eq__ = refuse

    class Table(dict[str, object]):
        __iter__ = __len__ = values = refuse

    class Table2(list[object]):
        __iter__ = __len__ = refuse

    namespace: dict[str, object] = {"__name__": __name__, "a": Hostile, "b": Hostile(), "c": Table(), "d": Table2()}
    assert list(expressions_in(namespace)) == []


def test_nothing_is_loaded_before_the_target_loads_it_and_the_targets_parser_is_left_alone() -> None:
    script = """
import ast, sys, typing  # which load it in some versions
before = "re" in sys.modules
from fuzztui.worker.mutate.patterns import examples
from fuzztui.worker.instrumentation.literals import Expression
assert ("re" in sys.modules) is before
for name in [name for name in sys.modules if name == "re" or name.startswith("re.")]:
    del sys.modules[name]
assert examples(Expression("a|b", 0)).matches == ()
assert "re" not in sys.modules
import re, re._parser
def refuse(*_): raise AssertionError
re._parser.parse = re._parser.SubPattern.__init__ = refuse
assert examples(Expression("a|b", 0)).matches == ("a", "b")
"""
    path = ":".join(filter(None, sys.path))
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60, env={"PYTHONPATH": path})


def test_the_examples_of_one_expression_are_always_the_same_and_those_of_many_do_not_pile_up() -> None:
    expression = Expression("[^a]{2}(?:x|y)+", 0)
    first = examples(expression)
    for number in range(2000):
        examples(Expression(f"{number}", 0))
    assert examples(expression) == first != Examples((), ())
    assert len(patterns._examples) <= 1024
