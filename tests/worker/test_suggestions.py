from collections.abc import Iterator

from fuzztui.worker.guidance.suggestions import BYTES, INPUTS, Suggestions
from fuzztui.worker.mutate.sizes import Arguments


def held(queue: Suggestions) -> int:
    return sum(len(value) for (value,) in queue.inputs if isinstance(value, bytes))


def test_inputs_come_out_in_the_order_in_which_they_were_suggested() -> None:
    queue = Suggestions()
    queue.extend([(b"1",), (b"2",)])
    queue.add((b"3",))
    assert list(queue.inputs) == [(b"1",), (b"2",), (b"3",)]


def test_large_inputs_take_a_bounded_amount_of_memory_and_the_oldest_give_way() -> None:
    queue = Suggestions()
    for number in range(200):
        queue.add((bytes((number,)) * (1 << 20),))
        assert held(queue) <= BYTES
    newest = [value[0] for (value,) in queue.inputs if isinstance(value, bytes)]
    assert newest == list(range(200 - len(newest), 200))
    assert held(queue) > BYTES // 2


def test_the_best_of_one_entrys_suggestions_do_not_give_way_to_its_later_ones() -> None:
    asked = []

    def suggested() -> Iterator[Arguments]:
        for number in range(200):
            asked.append(number)
            yield (bytes((number,)) * (1 << 20),)

    queue = Suggestions()
    queue.add((bytes(2 << 20),))
    queue.extend(suggested())
    assert held(queue) <= BYTES
    assert queue.inputs[0] == (bytes(1 << 20),)
    assert len(asked) == len(queue.inputs) + 1


def test_an_input_larger_than_the_bound_is_tried_alone() -> None:
    queue = Suggestions()
    queue.add((b"small",))
    queue.add((bytes(BYTES + 1),))
    assert [len(value) for (value,) in queue.inputs if isinstance(value, bytes)] == [BYTES + 1]


def test_inputs_that_have_been_tried_make_room_again() -> None:
    queue = Suggestions()
    for _ in range(100):
        queue.extend([(bytes(1 << 20),)] * 8)
        assert len(queue.inputs) == 8
        while queue.inputs:
            queue.inputs.popleft()


def test_small_inputs_are_bounded_in_number() -> None:
    queue = Suggestions()
    queue.extend([(number,) for number in range(INPUTS + 10)])
    assert queue.inputs[0] == (10,)
    assert len(queue.inputs) == INPUTS


def test_what_gives_way_does_so_before_more_is_made() -> None:
    queue = Suggestions()
    queue.extend([(bytes(1 << 20),)] * 100)

    def suggested() -> Iterator[Arguments]:
        for number in range(30):
            assert held(queue) <= BYTES
            yield (bytes((number,)) * (1 << 20),)

    queue.extend(suggested())
    assert [value[0] for (value,) in queue.inputs if isinstance(value, bytes)][-30:] == list(range(30))
