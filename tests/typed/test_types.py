"""What holds of every type: its values are made, stored, read back equal, mutated, left shorter and shown."""

import datetime
import decimal
import random
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Annotated, Any

import annotated_types
import msgspec
import pydantic
import pytest

from fuzztui.engine.shrinking import explore, shrink
from fuzztui.target.typed import plain, text
from fuzztui.target.typed.parts import leaves
from fuzztui.target.typed.resolve import Resolver
from fuzztui.target.typed.show import shown
from fuzztui.target.typed.spec import MOST_NESTED, Many
from fuzztui.target.typed.typed import Typed
from fuzztui.target.values import decode, encode, encoder, plain_of, show, zero
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.mutate.typed.cuts import shorter
from fuzztui.worker.mutate.typed.leaves import Apart
from tests.typed import types
from tests.typed.types import TYPES, named

MUTATIONS = 30

LARGEST = 40
"""Size of a value that is searched for smaller ones: to try all of a large one takes long."""


def typed(annotation: Any) -> Typed:
    return Resolver().parameter(annotation, vars(types), "parameter x of f")


def parameter(made: Typed) -> str:
    return text.write(made.spec)


def mutants(made: Typed, seed: int = 0, count: int = MUTATIONS) -> Iterator[Any]:
    """Plain values, each made of an earlier one."""
    mutator = Mutator((parameter(made),), random.Random(seed), Dictionary(), 512)
    known: list[Any] = [(plain.zero(made.spec),)]
    choose = random.Random(seed + 1)
    for _ in range(count):
        mutant = mutator.mutate(choose.choice(known))
        known.append(mutant)
        mutator.add_to_pool(mutant)
        yield mutant[0]


def built(made: Typed, value: Any) -> Any:
    return value if made.build is None else made.build(value)


@pytest.mark.parametrize("annotation", TYPES, ids=named)
def test_spec_survives_its_way_through_messages(annotation: Any) -> None:
    made = typed(annotation)
    assert text.read(parameter(made)) == made.spec
    assert text.is_spec(parameter(made))


@pytest.mark.parametrize("annotation", TYPES, ids=named)
def test_values_are_stored_and_come_back_bitwise(annotation: Any) -> None:
    made = typed(annotation)
    parameters = (parameter(made),)
    write = encoder(parameters)
    for value in mutants(made):
        data = write((value,))
        assert data.isascii()
        assert data.count(b"\n") == 2
        decoded = decode(data, parameters)
        assert repr(plain_of(decoded)) == repr((value,))  # tells 0.0 and -0.0 apart, and takes NaNs for equal
        assert encode(decoded) == encode(decode(data, parameters))
        assert isinstance(hash(plain_of(decoded)), int)


@pytest.mark.parametrize("annotation", TYPES, ids=named)
def test_mutants_are_values_of_the_type(annotation: Any) -> None:
    made = typed(annotation)
    refused = 0
    for value in mutants(made):
        assert repr(plain.adopted(made.spec, value)) == repr(value)
        try:
            target = built(made, value)
        except ValueError:  # a class may refuse
            refused += 1
            continue
        again = plain.adopted(made.spec, made.plain(target))
        back = built(made, again)
        assert repr(back) == repr(target) or back == target
    assert refused <= MUTATIONS * 0.8


@pytest.mark.parametrize(
    "annotation",
    [
        types.Checked,
        types.Model1[int],
        Annotated[datetime.datetime, annotated_types.Timezone(None)],
        Annotated[datetime.time, msgspec.Meta(tz=True)],
        Annotated[decimal.Decimal, pydantic.Field(lt=0, max_digits=4, decimal_places=2)],
    ],
    ids=named,
)
def test_values_are_made_within_what_their_type_says_of_them(annotation: Any) -> None:
    made = typed(annotation)
    for value in mutants(made, count=100):
        built(made, value)


def test_bounds_of_a_union_are_held_by_members_that_have_an_order() -> None:
    made = typed(Annotated[int | str | decimal.Decimal, annotated_types.Ge(3)])
    values = []
    for value in mutants(made, count=200):
        with suppress(ValueError, decimal.InvalidOperation):
            values.append(built(made, value))
    assert {type(each) for each in values} == {int, str, decimal.Decimal}
    assert all(each >= 3 for each in values if not isinstance(each, str))


def test_the_same_text_means_another_type_in_another_class() -> None:
    value = types.Link([types.Link([5])])
    made = typed(types.Link[types.Link[int]])
    assert plain.adopted(made.spec, made.plain(value)) == (((((5,), None),), None))
    assert built(made, made.plain(value)) == value
    chain = types.Chain([types.Link([1], types.Link([], None))], types.Chain([], None))
    assert built(typed(types.Chain), typed(types.Chain).plain(chain)) == chain


@pytest.mark.parametrize("annotation", TYPES, ids=named)
def test_values_are_shown_in_about_as_much_room_as_there_is(annotation: Any) -> None:
    made = typed(annotation)
    for value in mutants(made, count=40):
        (decoded,) = decode(encoder((parameter(made),))((value,)), (parameter(made),))
        assert len(show((decoded,), 60)) <= 60 + 30
        assert show((decoded,), 10_000) == shown(made.spec, value, 10_000)


def _driven(search: Generator[list[Any], int | None, Any], answer: Callable[[list[Any]], int | None]) -> Any:
    """What a search comes to, whose alternatives a function judges."""
    try:
        alternatives = next(search)
        for _ in range(20_000):
            alternatives = search.send(answer(alternatives))
    except StopIteration as end:
        return end.value
    raise AssertionError("the search does not end")


@pytest.mark.parametrize("annotation", TYPES, ids=named)
def test_shrinking_ends_at_the_first_value_where_everything_fails(annotation: Any) -> None:
    made = typed(annotation)
    parameters = (parameter(made),)
    for value in list(mutants(made))[::30]:
        best = decode(encoder(parameters)((value,)), parameters)
        found = _driven(shrink(best, parameters), lambda alternatives: 0)
        assert found == zero(parameters) or found[0].plain == 0.5  # which is plainer than the least above 0


@pytest.mark.parametrize("annotation", TYPES, ids=named)
def test_what_cannot_be_left_out_of_an_input_stays(annotation: Any) -> None:
    made = typed(annotation)
    parameters = (parameter(made),)
    value = max((each for each in mutants(made) if plain.size(each) < LARGEST), key=plain.size)

    def all_of_them_pass(alternatives: list[Any]) -> None:
        for (one,) in alternatives:
            assert repr(plain.adopted(made.spec, one.plain)) == repr(one.plain)

    found = _driven(shrink(decode(encoder(parameters)((value,)), parameters), parameters), all_of_them_pass)
    assert repr(plain_of(found)) == repr((value,))


@pytest.mark.parametrize("annotation", TYPES, ids=named)
def test_parts_that_can_be_anything_are_told_by_their_place(annotation: Any) -> None:
    made = typed(annotation)
    parameters = (parameter(made),)
    value = max((each for each in mutants(made) if plain.size(each) < LARGEST), key=plain.size)
    arguments = decode(encoder(parameters)((value,)), parameters)

    def all_of_them_fail(variations: list[Any]) -> None:
        for (one,) in variations:
            assert repr(plain.adopted(made.spec, one.plain)) == repr(one.plain)

    needed = _driven(explore(arguments), all_of_them_fail)
    assert sum(part.end - part.start for part in needed.parts) == len(leaves(made.spec, value))
    assert str(needed.sentence)


@pytest.mark.parametrize("annotation", TYPES, ids=named)
def test_elements_are_left_out_one_by_one_when_an_entry_is_trimmed(annotation: Any) -> None:
    made = typed(annotation)
    mutator = Mutator((parameter(made),), random.Random(1), Dictionary(), 512)
    for value in list(mutants(made))[::20]:
        root = mutator.roots[0]
        assert root is not None
        for less in shorter(root, value):
            assert repr(plain.adopted(made.spec, less)) == repr(less)
            assert plain.size(less) < plain.size(value)


@pytest.mark.parametrize("annotation", TYPES, ids=named)
def test_a_value_that_is_taken_apart_is_the_same_together(annotation: Any) -> None:
    made = typed(annotation)
    mutator = Mutator((parameter(made),), random.Random(1), Dictionary(), 512)
    for value in list(mutants(made))[::20]:
        apart = Apart((value,), mutator.roots)
        assert apart.together(apart.values) == (value,)
        for at, leaf in enumerate(apart.values):
            other = [*apart.values]
            other[at] = 7 if type(leaf) is int else leaf[:1] if isinstance(leaf, bytes | str) else leaf
            whole = apart.together(tuple(other))
            if whole is not None:
                assert repr(plain.adopted(made.spec, whole[0])) == repr(whole[0])


def test_forty_types_are_tried() -> None:
    assert len(TYPES) >= 40
    assert any(isinstance(typed(each).spec, Many) for each in TYPES)
    assert MOST_NESTED > 10


def test_a_set_within_a_type_that_holds_itself_is_put_together_again() -> None:
    made = typed(list[types.Forest])
    mutator = Mutator((parameter(made),), random.Random(1), Dictionary(), 512)
    value: Any = ((("a", 1),), (((("b", 2),), ()),))
    arguments: Any = ((value,),)
    apart = Apart(arguments, mutator.roots)
    changed = apart.together(tuple(7 if leaf == 2 else leaf for leaf in apart.values))
    assert repr(changed) == "((((('a', 1),), (((('b', 7),), ()),)),),)"


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (pydantic.HttpUrl, "HttpUrl.build(scheme='http', host='0', port=None, path=None, query=None)"),
        (pydantic.SecretStr, "SecretStr('')"),
        (pydantic.ByteSize, "ByteSize(0)"),
        (pydantic.FutureDate, "datetime.date(2200, 1, 1)"),
        (Annotated[pydantic.SecretStr, pydantic.Field(min_length=2)], "SecretStr('00')"),
    ],
)
def test_types_of_pydantics_own_are_shown_as_they_are_made_and_can_be_made_of_nothing(
    annotation: Any, words: str
) -> None:
    made = typed(annotation)
    value = plain.zero(made.spec)
    assert shown(made.spec, value, 1000) == words
    built(made, value)


@pytest.mark.parametrize("bound", [annotated_types.Gt, annotated_types.Le])
def test_days_of_datetimes_are_within_their_bounds(bound: Any) -> None:
    made = typed(Annotated[datetime.datetime, annotated_types.Timezone(None), bound(datetime.datetime(2020, 5, 5, 12))])
    taken = sum(succeeds(made, value) for value in mutants(made))
    assert taken > MUTATIONS * 0.7


def succeeds(made: Any, value: Any) -> bool:
    try:
        built(made, value)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("annotation", [pydantic.SecretStr, pydantic.HttpUrl, pydantic.AwareDatetime])
def test_types_of_a_pydantic_before_2_are_left_to_others(annotation: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    before = SimpleNamespace(AnyUrl=pydantic.AnyUrl, **{annotation.__name__: annotation})
    monkeypatch.setitem(sys.modules, "pydantic", before)
    resolver = Resolver()
    resolver.parameter(annotation, {}, "parameter x of f")
    (unknown,) = resolver.unknown.values()
    assert unknown.annotation is annotation
