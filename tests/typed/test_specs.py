"""What holds of every spec, whatever it is put together of."""

import random
from collections.abc import Callable, Generator
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzztui.engine.shrinking import shrink
from fuzztui.target.typed import plain, text
from fuzztui.target.typed.conversions import CONVERSIONS
from fuzztui.target.typed.spec import (
    CLASS,
    DEQUE,
    DICT,
    FROZENSET,
    LIST,
    SET,
    TUPLE,
    Again,
    Choice,
    Either,
    Field,
    Made,
    Many,
    Maybe,
    Named,
    Record,
    Scalar,
    Spec,
)
from fuzztui.target.values import decode, encode, encoder, plain_of, show
from fuzztui.worker.mutate import Dictionary, Mutator

ROUNDS: Final = 40
"""Alternatives that a search for smaller values is asked for."""

quickly = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def bounds(kind: str) -> st.SearchStrategy[Scalar]:
    """A leaf of this kind, with bounds or without."""
    if kind == "bool":
        return st.just(Scalar(kind))
    if kind in ("str", "bytes"):
        pairs = st.tuples(st.integers(0, 4), st.integers(4, 9))
    elif kind == "int":
        pairs = st.tuples(st.integers(-50, 50), st.integers(50, 2**70))
    else:
        return st.tuples(st.floats(-9, 9), st.floats(9, 1e9)).map(lambda pair: Scalar(kind, *pair)) | st.just(
            Scalar(kind)
        )
    return st.one_of(
        st.just(Scalar(kind)),
        pairs.map(lambda pair: Scalar(kind, *pair)),
        pairs.map(lambda pair: Scalar(kind, pair[0])),
        pairs.map(lambda pair: Scalar(kind, None, pair[1])),
        *([st.integers(2, 7).map(lambda step: Scalar("int", -20, 90, step))] if kind == "int" else []),
    )


scalars = st.sampled_from(("int", "float", "bool", "str", "bytes")).flatmap(bounds)

constants = st.lists(st.none() | st.booleans() | st.integers() | st.text(max_size=3), min_size=1, max_size=4)

leaves = st.one_of(
    scalars,
    constants.map(lambda each: Choice(tuple(dict.fromkeys(each)))),
    st.sampled_from(sorted(CONVERSIONS)).map(lambda name: Made(CONVERSIONS[name].of, name)),
    st.just(Choice(("RED", "GREEN"), "colours", "Colour")),
)
"""Those with equal hashes are one option: `1` and `True`."""


def composites(inner: st.SearchStrategy[Spec]) -> st.SearchStrategy[Spec]:
    """Nodes that consist of others."""
    fields = st.lists(inner, max_size=3).map(lambda of: tuple([Field(f"f{at}", each) for at, each in enumerate(of)]))
    most = st.none() | st.integers(2, 5)
    return st.one_of(
        st.builds(Many, st.sampled_from((LIST, TUPLE, DEQUE)), inner, st.integers(0, 2), most),
        st.tuples(st.sampled_from((SET, FROZENSET)), inner).map(lambda pair: Many(*pair)),
        st.tuples(inner, inner).map(lambda pair: Many(DICT, Record(TUPLE, (Field("", pair[0]), Field("", pair[1]))))),
        fields.map(lambda each: Record(TUPLE, tuple([field._replace(name="") for field in each]))),
        fields.map(lambda each: Record(CLASS, each, "models", "Order")),
        fields.map(lambda each: Record(DICT, tuple([field._replace(may_lack=True) for field in each]), "m", "Movie")),
        inner.map(Maybe),
        st.lists(inner, min_size=2, max_size=3).map(lambda each: Either(tuple(each))),
        inner.map(
            lambda each: Named("Tree", Record(CLASS, (Field("value", each), Field("rest", Many(LIST, Again("Tree"))))))
        ),
    )


specs: st.SearchStrategy[Spec] = st.recursive(leaves, composites, max_leaves=5).filter(
    lambda spec: repr(spec).count("Named(") <= 1  # labels are told apart by who makes specs of annotations
)


def values_of(spec: Spec, seed: int, count: int) -> list[Any]:
    """Mutants of mutants of the first value."""
    mutator = Mutator((text.write(spec),), random.Random(seed), Dictionary(), 256)
    choose = random.Random(seed)
    known: list[Any] = [(plain.zero(spec),)]
    for _ in range(count):
        known.append(mutator.mutate(choose.choice(known)))
        mutator.add_to_pool(known[-1])
    return [value for (value,) in known]


@quickly
@given(specs)
def test_spec_is_the_same_after_its_way_through_messages(spec: Spec) -> None:
    assert text.read(text.write(spec)) == spec


@quickly
@given(specs, st.integers(0, 2**30))
def test_mutants_are_values_of_the_spec(spec: Spec, seed: int) -> None:
    for value in values_of(spec, seed, 25):
        assert repr(plain.adopted(spec, value)) == repr(value)


@quickly
@given(specs, st.integers(0, 2**30))
def test_values_are_stored_and_come_back(spec: Spec, seed: int) -> None:
    parameters = (text.write(spec),)
    write = encoder(parameters)
    for value in values_of(spec, seed, 8):
        data = write((value,))
        decoded = decode(data, parameters)
        assert repr(plain_of(decoded)) == repr((value,))
        assert decode(encode(decoded), parameters) == decoded or "nan" in repr(value)
        assert len(show(decoded, 60)) <= 100


@quickly
@given(specs, st.integers(0, 2**30), st.integers(0, 2**30))
def test_what_a_value_is_shrunk_to_is_one_too(spec: Spec, seed: int, answers: int) -> None:
    parameters = (text.write(spec),)
    value = min(values_of(spec, seed, 6)[1:], key=plain.size)
    best = decode(encoder(parameters)((value,)), parameters)
    choose = random.Random(answers)

    def some_of_them_fail(alternatives: list[Any]) -> int | None:
        for (one,) in alternatives:
            assert repr(plain.adopted(spec, one.plain)) == repr(one.plain)
        return choose.randrange(len(alternatives)) if alternatives and choose.random() < 0.3 else None

    search = shrink(best, parameters)
    _drive(search, some_of_them_fail)


def _drive(search: Generator[list[Any], int | None, Any], answer: Callable[[list[Any]], int | None]) -> None:
    try:
        alternatives = next(search)
        for _ in range(ROUNDS):
            alternatives = search.send(answer(alternatives))
    except StopIteration:
        return
    search.close()
