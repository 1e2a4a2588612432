from collections.abc import Iterator

from fuzztui.worker.guidance.speculation import BYTES, FEWEST, OfEntries, Speculation
from fuzztui.worker.mutate.sizes import Arguments


def taken(speculation: Speculation | OfEntries, count: int = 10_000) -> list[Arguments]:
    """The next ones, until there is none."""
    inputs = [speculation.take() for _ in range(count)]
    return [each for each in inputs if each is not None]


def counted(asked: list[int], length: int, inputs: int = 10_000) -> Iterator[Arguments]:
    for number in range(inputs):
        asked.append(number)
        yield (b"%0*d" % (length, number),)


def test_what_is_newest_and_what_has_waited_longest_come_in_turns() -> None:
    speculation = Speculation()
    speculation.extend([(b"1",), (b"2",), (b"3",)])
    speculation.extend([(b"between",)])
    speculation.extend([(b"a",), (b"b",)])
    assert taken(speculation) == [(b"a",), (b"1",), (b"b",), (b"2",), (b"3",), (b"between",)]
    assert not speculation


def test_nothing_is_made_before_it_is_taken() -> None:
    asked: list[int] = []
    speculation = Speculation()
    speculation.extend(counted(asked, 4))
    assert not asked
    assert len(taken(speculation, 3)) == len(asked) == 3


def test_of_many_sources_the_latest_stay() -> None:
    speculation = Speculation()
    for number in range(1000):
        speculation.extend([(b"%d" % number,)])
    assert {value for (value,) in taken(speculation)} == {b"%d" % number for number in range(1000 - 64, 1000)}


def test_what_is_made_of_large_inputs_takes_a_bounded_amount_of_memory() -> None:
    asked: list[int] = []
    speculation, large = Speculation(), (bytes(2**20),)
    for _ in range(10):
        speculation.extend(counted(asked, 2**20), large)
    assert len(taken(speculation)) == FEWEST + 1
    assert FEWEST * 2**20 <= BYTES


def test_a_source_is_never_without_its_first_input() -> None:
    speculation = Speculation()
    speculation.extend([(bytes(2 * BYTES),), (b"",)])
    assert len(taken(speculation)) == 1


def test_of_what_each_entry_suggests_a_little_comes_before_much_of_any_and_the_newest_first() -> None:
    of_entries = OfEntries()
    of_entries.extend([(b"1",), (b"2",), (b"3",)], (b"0",))
    assert of_entries.take() == (b"1",)
    of_entries.extend([(b"a",), (b"b",)], (b"0",))
    of_entries.extend([(b"x",)], (b"0",))
    assert taken(of_entries) == [(b"x",), (b"a",), (b"b",), (b"2",), (b"3",)]
    assert not of_entries


def test_of_many_entries_those_that_have_had_most_give_way() -> None:
    of_entries = OfEntries()
    of_entries.extend([(b"first",), (b"second",)], (b"0",))
    of_entries.take()
    for number in range(1000):
        of_entries.extend([(b"%d" % number,)], (b"0",))
    assert {value for (value,) in taken(of_entries)} == {b"%d" % number for number in range(1000 - 512, 1000)}


def test_entries_that_are_large_hold_a_bounded_amount_of_memory() -> None:
    asked: list[int] = []
    of_entries, large = OfEntries(), (bytes(2**20),)
    for _ in range(10):
        of_entries.extend(counted(asked, 2**20), large)
    assert len(taken(of_entries)) == FEWEST + 1
