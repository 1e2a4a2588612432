"""The mutator and the crossover of a program are operators among ours."""

from random import Random
from typing import Any

import pytest

from fuzztui.target.errors import HarnessError
from fuzztui.worker.mutate import Dictionary, Mutator
from fuzztui.worker.programs.custom import CustomMutation

MAX_LEN = 50


def mutator(mutation: CustomMutation) -> Mutator:
    made = Mutator(("bytes",), Random(1), Dictionary(), MAX_LEN, mutation.operators)
    made.add_to_pool((b"from the pool",))
    return made


def test_a_custom_mutator_is_called_among_other_operators() -> None:
    calls: list[tuple[bytes, int, int]] = []

    def mutate(data: bytes, max_size: int, seed: int) -> bytearray:
        calls.append((data, max_size, seed))
        return bytearray(b"[custom]" + data)

    mutation = CustomMutation()
    mutation.use(mutate, None)
    made = mutator(mutation)
    results = [made.mutate_bytes(b"value") for _ in range(300)]
    assert 50 < len(calls) < 300
    assert {max_size for _, max_size, _ in calls} == {MAX_LEN}
    assert len({seed for *_, seed in calls}) > 40
    assert any(b"[custom]value" in each for each in results)
    assert any(b"[custom]" not in each for each in results)
    assert all(type(each) is bytes and len(each) <= MAX_LEN for each in results)
    assert "custom_mutator" in {name for _ in range(50) if made.mutate_bytes(b"x") for name in made.last_operators()}


def test_a_custom_crossover_gets_another_entry() -> None:
    calls: list[tuple[bytes, bytes]] = []

    def cross(first: bytes, second: bytes, max_size: int, _seed: int) -> bytes:
        calls.append((first, second))
        return (first + second)[:max_size]

    mutation = CustomMutation()
    mutation.use(None, cross)
    made = mutator(mutation)
    for _ in range(100):
        made.mutate_bytes(b"value")
    assert {second for _, second in calls} == {b"from the pool"}


@pytest.mark.parametrize(
    ("result", "words"),
    [(None, "custom_mutator returned NoneType, want bytes"), (KeyError("x"), "custom_mutator raised KeyError: 'x'")],
)
def test_a_custom_mutator_that_fails_is_the_harness_fault(result: Any, words: str) -> None:
    def mutate(_data: bytes, _max_size: int, _seed: int) -> Any:
        if isinstance(result, Exception):
            raise result
        return result

    mutation = CustomMutation()
    mutation.use(mutate, None)
    made = mutator(mutation)
    with pytest.raises(HarnessError) as caught:
        _ = [made.mutate_bytes(b"value") for _ in range(300)]
    assert words in str(caught.value)
    assert ("test_custom_mutation.py:" in str(caught.value)) == isinstance(result, Exception)


def test_mutate_makes_another_input_of_a_size() -> None:
    mutation = CustomMutation()
    made = [mutation.mutate(b"some bytes", 8) for _ in range(50)]
    assert len(set(made)) > 20
    assert all(type(each) is bytes and len(each) <= 8 for each in made)
    assert mutation.mutate(b"", 5) != b""
