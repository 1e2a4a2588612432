"""A failing input of a property test as its author knows it: the call, and decorators that bring it back."""

import ast
import builtins
import re
from collections.abc import Callable, Container, Mapping
from typing import Any, Final, TypeAlias

from hypothesis.core import encode_failure
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.reporting import with_reporter
from hypothesis.version import __version__

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.choices.value import Plain
from fuzztui.worker.hypothesis.execution import PropertyTest, before_the_call, no_verdict
from fuzztui.worker.hypothesis.variants import Variants

__builtins__ = PRIVATE_BUILTINS

_HEADS: Final = ("test case:", "example:")
"""What Hypothesis prints before a call, after a word that says of what kind it is: now, and before."""

_ARGUMENT: Final = re.compile(r"^ {4}(?P<name>\w+)=(?P<value>.*?),?\s*(?=^ {4}\w+=|\Z)", re.DOTALL | re.MULTILINE)
"""An argument of a printed call, as far as the next one or the end."""

_BUILTINS: Final[dict[str, object]] = vars(builtins)

_DRAWS_MORE: Final = "data(...)"
_MACHINE: Final = "<state machine>"
"""What stands in a printed call of a test that draws more, and of a state machine."""

_OWN: Final = "it is @example {} of the test"

_Printing: TypeAlias = Callable[[Callable[[], object]], list[str]]
"""Executes a test and returns what Hypothesis prints."""

LONGEST: Final = 10_000
"""Characters of a note."""


class Explaining:
    """Tells what an input is, by executing it once more."""

    def __init__(self, test: Any, keywords: Mapping[str, object], variants: Variants) -> None:
        """`test`: what `PropertyTest` takes; `keywords`: what it takes beside what is drawn; `variants`: its
        parameters, where these are drawn first.
        """
        self._test = test
        self._keywords = keywords
        self._variants = variants
        self._made: dict[int, PropertyTest] = {}
        self._own: dict[int, list[Plain]] = {}

    def __call__(self, plain: Plain) -> tuple[str, ...]:
        """Sentences about an input in its canonical form that fails."""
        if plain[0] < 0:
            return self._explained_example(-plain[0] - 1, _printed)
        found = self._told(plain)
        return () if found is None else self._explained(*found, _printed)

    def _explained(self, number: int, choices: Plain, printing: _Printing) -> tuple[str, ...]:
        test = self._of(number)
        printed = printing(lambda: test.print_with(ConjectureData.for_choices(choices)))
        seeds = self._seeds(number)
        if (0, *choices) in seeds:
            return (*printed, _OWN.format(1 + seeds.index((0, *choices))))
        example = _example(printed, test.stuff.given_kwargs)
        code: Any = encode_failure(choices)
        reproduce = f"@reproduce_failure({__version__!r}, {code!r})"
        return tuple(each[:LONGEST] for each in (*printed, example, reproduce) if each)

    def foretold(self, plain: Plain) -> tuple[str, ...]:
        """The same without calling the test, of an input that has been drawn as far as that. Of one that goes on
        no decorator brings the failure back, and of a state machine nothing is known before it has run.
        """
        if plain[0] < 0:
            return self._explained_example(-plain[0] - 1, before_the_call)
        found = self._told(plain)
        if found is None:
            return ()
        call, *rest = self._explained(*found, before_the_call) or ("",)
        if _MACHINE in call or not any(head in call for head in _HEADS):
            return ()
        return (call,) if _DRAWS_MORE in call else (call, *rest)

    def example(self, plain: Plain) -> str:
        """The decorator that has the test run with the values of an input in its canonical form; empty where these have
        no form that means something in the test's file, or are an example of it already.
        """
        found = self._told(plain) if plain[0] >= 0 else None
        if found is None or (0, *found[1]) in self._seeds(found[0]):
            return ""
        number, choices = found
        test = self._of(number)
        printed = _printed(lambda: test.print_with(ConjectureData.for_choices(choices)))
        line = _example(printed, test.stuff.given_kwargs)
        return line if line and _is_known(line, test.inner.__globals__) else ""

    def _told(self, plain: Plain) -> tuple[int, Plain] | None:
        """Which set of parameters an input has, and what else it draws; None for a set that there is none of."""
        choices = plain[1:]
        if not self._variants.parameters:
            return 0, choices
        number, *rest = choices or (0,)
        if type(number) is not int or not 0 <= number < len(self._variants.parameters):
            return None
        return number, tuple(rest)

    def _explained_example(self, index: int, printing: _Printing) -> tuple[str, ...]:
        """Sentences about one of the test's own: of the first set of parameters all, then of the next."""
        count = len(self._of(0).explicit)
        sets = max(1, len(self._variants.parameters))
        if not 0 <= index < count * sets:
            return ()
        test = self._of(index // count)
        printed = printing(lambda: test.print_explicit(1 + index % count))
        return (*(each[:LONGEST] for each in printed), _OWN.format(1 + index % count))

    def _seeds(self, number: int) -> list[Plain]:
        """The test's own examples, without its parameters."""
        if number not in self._own:
            self._own[number] = self._of(number).seeds()
        return self._own[number]

    def _of(self, number: int) -> PropertyTest:
        made = self._made.get(number)
        if made is None:
            own = self._variants.parameters[number] if self._variants.parameters else {}
            made = self._made[number] = PropertyTest(self._test, keywords={**self._keywords, **own})
        return made


def _printed(execute: Callable[[], object]) -> list[str]:
    """What Hypothesis prints of an execution: the call, notes, the steps of a state machine."""
    lines: list[str] = []

    def report(text: Any) -> None:
        lines.append(text if isinstance(text, str) else str(text()))

    with with_reporter(report):
        try:
            execute()
        except no_verdict():
            return lines
        except BaseException:
            return lines  # it is to fail, and `pytest.fail` and `sys.exit` raise no Exception
    return lines


def _example(printed: list[str], given: Mapping[str, object]) -> str:
    """The decorator that has the test run with the values of a printed call; empty where it has no literal form."""
    call = next((text.partition(_HEADS[0])[2] or text.partition(_HEADS[1])[2] for text in printed), "").strip()
    values = _values(call, given)
    if values.keys() != given.keys():
        return ""
    if any(
        isinstance(each, ast.Constant) and each.value is ... for value in values.values() for each in ast.walk(value)
    ):
        return ""  # of an object that is no literal
    return f"@example({', '.join(f'{name}={ast.unparse(value)}' for name, value in values.items())})"


def _values(call: str, names: Container[object]) -> dict[str, ast.expr]:
    """The values of a printed call by these names: of each that has a form in Python. Others, such as `self`, need not
    have one. Each stands on lines of its own.
    """
    values: dict[str, ast.expr] = {}
    for found in _ARGUMENT.finditer(call.removesuffix(")").rstrip()):
        if found["name"] not in names:
            continue
        try:
            values[found["name"]] = ast.parse(f"({found['value']})", mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return {}
    return values


def _is_known(line: str, namespace: Mapping[str, object]) -> bool:
    """Whether all names that a decorator's values are made with lead to something in the test's file."""
    values = ast.parse(line.removeprefix("@"), mode="eval").body
    assert isinstance(values, ast.Call), "it is a decorator with values"
    return all(_leads(each, namespace) for value in values.keywords for each in ast.walk(value.value))


def _leads(node: ast.AST, namespace: Mapping[str, object]) -> bool:
    missing = object()

    def found(node: ast.expr) -> object:
        match node:
            case ast.Name(id=name):
                return namespace.get(name, _BUILTINS.get(name, missing))
            case ast.Attribute(value=value, attr=name):
                return getattr(found(value), name, missing)
        return None  # a value that is called or looked into tells by itself

    return not isinstance(node, ast.Name | ast.Attribute) or found(node) is not missing
