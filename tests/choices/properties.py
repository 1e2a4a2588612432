"""Property tests that other tests execute."""

from hypothesis import assume, given, reject
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule


@given(st.lists(st.integers()), st.text(max_size=5))
def sums(numbers: list[int], text: str) -> None:
    assume(len(numbers) < 8)
    assert not (len(numbers) > 2 and sum(numbers) > 100), text


class Held:
    @given(st.floats(), st.data())
    def dependent(self, number: float, data: st.DataObject) -> None:
        size = data.draw(st.integers(0, 5))
        assert len(data.draw(st.binary(min_size=size, max_size=size))) == size


@given(
    st.lists(st.sampled_from("abc"), unique=True, min_size=2),
    st.dictionaries(st.text("xyz", max_size=3), st.booleans()),
)
def unique(letters: list[str], flags: dict[str, bool]) -> None:
    assert len(set(letters)) == len(letters) >= 2
    assert all(set(key) <= set("xyz") for key in flags)


tree = st.recursive(
    st.none() | st.integers(-5, 5) | st.floats(0, 1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
)


@given(tree, st.datetimes(), st.permutations(range(4)))
def nested(value: object, when: object, order: list[int]) -> None:
    assert sorted(order) == [0, 1, 2, 3]


@given(st.integers())
def rejects(number: int) -> None:
    reject()


@given(st.integers(3, 9), st.text("ab", min_size=2, max_size=4), st.floats(1, 2), st.booleans())
def bounded(number: int, text: str, share: float, flag: bool) -> None:
    assert 3 <= number <= 9
    assert 2 <= len(text) <= 4
    assert set(text) <= set("ab")
    assert 1 <= share <= 2
    assert isinstance(flag, bool)


class Machine(RuleBasedStateMachine):
    numbers = Bundle("numbers")

    @rule(target=numbers, number=st.integers(0, 1000))
    def add(self, number: int) -> int:
        return number

    @rule(number=numbers)
    def use(self, number: int) -> None:
        assert number != 77


Stateful = Machine.TestCase
ALL = (sums, Held().dependent, unique, nested, rejects, bounded, Stateful)
