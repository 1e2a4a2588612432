"""Variables in words, without a line of the target's code run: objects may lie, hang, raise, or be endless."""

import sys
from collections import OrderedDict, UserDict, defaultdict, deque
from collections.abc import Callable
from types import FrameType, MethodType
from typing import Any, NoReturn

import pytest

from fuzztui.worker.failures.variables import MOST_VARIABLES, TEXT_LIMIT, in_words, variables


def boom(*_: object, **__: object) -> NoReturn:
    raise AssertionError("code of the target's has run")


class EvilMeta(type):
    __hash__ = __eq__ = __repr__ = __str__ = __instancecheck__ = __subclasscheck__ = __call__ = boom
    __name__ = property(boom)


_new = type.__call__


def evil(base: type = object, *arguments: Any) -> Any:
    """An object of which every method that one might ask raises."""
    methods = ("__repr__", "__str__", "__format__", "__hash__", "__eq__", "__len__", "__iter__", "__bool__")
    names: dict[str, Any] = dict.fromkeys(methods, boom)
    names |= {"__getattribute__": boom, "__getattr__": boom, "__getitem__": boom, "__contains__": boom}
    names |= {"__class__": property(boom), "__dict__": property(boom), "__index__": boom, "__int__": boom}
    kind = EvilMeta("Evil", (base,), names)
    return _new(kind, *arguments)


class Thing:
    def method(self) -> None: ...


PLAIN: list[tuple[object, str]] = [
    (None, "None"),
    (True, "True"),
    (-12, "-12"),
    (1.5, "1.5"),
    ("a\n'", repr("a\n'")),
    (b"\x00a", repr(b"\x00a")),
    (bytearray(b"ab"), "bytearray(b'ab')"),
    ([], "[]"),
    ((), "()"),
    ({}, "{}"),
    (set(), "set()"),
    (frozenset(), "frozenset()"),
    ((1,), "(1,)"),
    ([1, "a", (2.0, None)], "[1, 'a', (2.0, None)]"),
    ({"a": [1], 2: {3}}, "{'a': [1], 2: {3}}"),
    (frozenset({1}), "frozenset({1})"),
    ([[[[1]]]], "[[[[...]]]]"),
    (int, "<class int>"),
    (Thing, "<class tests.worker.test_variables.Thing>"),
    (Thing(), "<tests.worker.test_variables.Thing object>"),
    (Thing().method, "<method Thing.method of tests.worker.test_variables.Thing>"),
    (len, "<function len>"),
    (boom, "<function boom>"),
    (sys, "<module sys>"),
    (ValueError("x"), "<ValueError object>"),
    (OrderedDict(a=1), "<collections.OrderedDict object>"),
    (deque([1]), "<collections.deque object>"),
    (defaultdict(int), "<collections.defaultdict object>"),
    (UserDict(), "<collections.UserDict object>"),
]


@pytest.mark.parametrize(("value", "text"), PLAIN, ids=[text for _, text in PLAIN])
def test_a_value_is_shown_as_python_would_write_it_or_by_its_class(value: object, text: str) -> None:
    assert in_words(value) == text


EVIL: dict[str, Callable[[], object]] = {
    "an object": lambda: evil(),
    "a list": lambda: evil(list),
    "a dict": lambda: evil(dict),
    "a str": lambda: evil(str, "x"),
    "a bytes": lambda: evil(bytes, b"x"),
    "an int": lambda: evil(int, 1),
    "a float": lambda: evil(float, 1.0),
    "an exception": lambda: evil(ValueError),
    "a class": lambda: type.__call__(EvilMeta, "Evil", (), {}),
    "in a list": lambda: [evil(), evil()],
    "in a tuple of tuples": lambda: ((evil(),),),
    "as a value": lambda: {"a": evil()},
    "as a key": lambda: {_Hashed(): 1},
    "bound": lambda: MethodType(boom, evil()),
    "a builtin that is bound": lambda: object.__repr__.__get__(evil()),
    "a module with a name that is none": lambda: _module(),
}


class _Hashed:
    """Can be a key, and no more."""

    def __hash__(self) -> int:
        return 1

    __repr__ = __str__ = __eq__ = boom


def _module() -> object:
    module = type(sys)("x")
    module.__dict__["__name__"] = evil(str, "x")
    return module


@pytest.mark.parametrize("kind", EVIL)
def test_no_code_of_the_targets_is_run(kind: str) -> None:
    text = in_words(EVIL[kind]())
    assert "AssertionError" not in text
    assert "when it was looked at" not in text
    assert text


LARGE: dict[str, Callable[[], object]] = {
    "a text": lambda: "x" * 10_000_000,
    "bytes": lambda: b"x" * 10_000_000,
    "a list": lambda: ["x" * 1_000] * 1_000_000,
    "lists in lists": lambda: [[[["x" * 100] * 100] * 100] * 100],
    "a dict": lambda: dict.fromkeys(range(1_000_000), "x" * 100),
    "an integer": lambda: 1 << 10_000_000,
    "a list of integers": lambda: [1 << 10_000_000] * 100,
    "a class with a long name": lambda: type("x" * 1_000_000, (), {})(),
    "surrogates": lambda: "\ud800" * 1_000,
    "escapes": lambda: "\x1b[31m" * 1_000,
    "a list that holds itself": lambda: _endless(),
}


def _endless() -> list[object]:
    endless: list[object] = []
    endless.append(endless)
    return endless


@pytest.mark.parametrize("kind", LARGE)
def test_what_is_shown_is_short_and_can_be_sent(kind: str) -> None:
    text = in_words(LARGE[kind]())
    assert len(text) <= 6 * (TEXT_LIMIT + 3)
    text.encode()


def frame_of(source: str, **given: object) -> FrameType:
    """The frame in which this raises."""
    try:
        exec(source, given)
    except KeyError as error:
        traceback = error.__traceback__
        assert traceback is not None
        while traceback.tb_next is not None:
            traceback = traceback.tb_next
        return traceback.tb_frame
    raise AssertionError("it did not raise")


def test_a_functions_variables_have_names_and_values() -> None:
    frame = frame_of("def f(a, *rest, b=2):\n    c = [a]\n    raise KeyError\nf(1, 3)")
    assert variables(frame) == [("a", "1"), ("b", "2"), ("rest", "(3,)"), ("c", "[1]")]


def test_of_many_variables_the_first_are_shown() -> None:
    lines = "\n".join(f"    v{number} = {number}" for number in range(100))
    assert len(variables(frame_of(f"def f():\n{lines}\n    raise KeyError\nf()"))) == MOST_VARIABLES


def test_a_class_body_may_have_a_namespace_of_its_own() -> None:
    class Names(dict[str, object]):
        items = __iter__ = keys = boom

    class Meta(type):
        @classmethod
        def __prepare__(cls, *_: object) -> Names:  # type: ignore[override]
            return Names()

    assert variables(frame_of("class C(metaclass=Meta):\n    a = 1\n    raise KeyError", Meta=Meta)) == []
