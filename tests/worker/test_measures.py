"""How many bytes a number stands for is told by several inputs."""

from collections.abc import Callable

import pytest

from fuzztui.worker.structure.as_read import replaced
from fuzztui.worker.structure.measures import Form, Measures
from fuzztui.worker.structure.readings import Readings
from fuzztui.worker.structure.slices import Read, Slice, Slices


def read(*counted: tuple[int, int], numbers: tuple[tuple[int, int], ...], site: int = 1) -> Slices:
    """What was taken, all from one line."""
    taken = tuple([Slice(begin, end, end, 0) for begin, end in counted])
    return Slices(taken, (), numbers, [Read(begin, end, site, site, 1) for begin, end in counted])


FORMS: dict[str, tuple[Callable[[int], int], tuple[int, ...]]] = {
    "words": (lambda size: size // 4, (4, 8, 12, 20)),
    "half bytes": (lambda size: 2 * size, (1, 2, 5, 6)),
    "one less": (lambda size: size - 1, (1, 2, 5, 6)),
    "low bits": (lambda size: 0xA0 | size, (1, 2, 7, 12)),
    "words in high bits": (lambda size: size // 4 << 4 | 3, (4, 8, 12, 20)),
    "words and one": (lambda size: size // 4 - 1, (4, 8, 12, 20)),
    "bits": (lambda size: 8 * size, (1, 2, 9, 4)),
}


@pytest.mark.parametrize("form", FORMS)
def test_sizes_of_several_inputs_tell_in_which_form_a_number_counts(form: str) -> None:
    number, sizes = FORMS[form]
    readings = Readings()
    made = [bytes((0xFF, number(size))) + bytes(size) for size in sizes]
    for data in made:
        readings.learn(data, read((2, len(data)), numbers=((0, 1), (1, 2))))
    for data, size in zip(made, sizes, strict=True):
        reading = readings.get(data)
        assert reading is not None
        assert replaced(reading, 2, 2, bytes(4)) == bytes((0xFF, number(size + 4))) + bytes(size + 4)


def test_a_number_may_count_what_it_stands_in() -> None:
    readings = Readings()
    for words in (2, 3, 4, 6):
        data = bytes((0x40 | words,)) + bytes(4 * words - 1)
        readings.learn(data, read((0, len(data)), numbers=((0, 1),)))
    reading = readings.get(b"\x42" + bytes(7))
    assert reading is not None
    assert replaced(reading, 8, 8, bytes(4), (0, 8)) == b"\x43" + bytes(11)


def test_what_is_not_the_same_each_time_is_no_number_of_it() -> None:
    measures = Measures()
    for number, size in ((1, 4), (2, 8), (3, 12), (3, 16)):
        data = bytes((number,)) + bytes(size)
        slices = read((1, 1 + size), numbers=((0, 1),))
        measures.learn(data, slices)
        assert len(measures.of(data, slices)) == (1 if size == 12 else 0)


def test_few_sizes_tell_no_form_that_has_something_to_add() -> None:
    measures = Measures()
    for number, known in ((1, 0), (2, 0), (3, 0), (4, 1)):
        data = bytes((number,)) + bytes(number + 1)
        slices = read((1, 2 + number), numbers=((0, 1),))
        measures.learn(data, slices)
        assert len(measures.of(data, slices)) == known


def test_a_size_that_no_number_stands_for_is_left_alone() -> None:
    form = Form(0, 0x0F, 4, 1, 0)
    assert form.number(0xA2, 12) == 0xA3
    assert form.number(0xA2, 10) is None
    assert form.number(0xA2, 64) is None
    assert form.number(0xA2, -4) is None
