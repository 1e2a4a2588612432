from collections.abc import Iterator

from fuzztui.worker.guidance.speculation import BYTES, FEWEST, Speculation
from fuzztui.worker.mutate.sizes import Arguments


def taken(speculation: Speculation, count: int = 10_000) -> list[Arguments]:
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
