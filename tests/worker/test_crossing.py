"""Two inputs crossed piece by piece."""

from random import Random
from typing import Any

import pytest

from fuzztui.worker.mutate.crossing import LONGEST, crossed
from tests.worker.world import inhabited


@pytest.mark.parametrize("kind", [str, bytes])
def test_pieces_between_signs_that_both_have_as_often_are_crossed(kind: type) -> None:
    def of(text: str) -> Any:
        return text if kind is str else text.encode()

    signs = [of(sign) for sign in ("/", " ", "-")]
    assert crossed(of("a/b c-"), of("1/2 3"), signs, 0b101) == of("1/b 3")
    assert crossed(of("a/b c"), of("1 2/3"), signs, 0b010) == of("a/2 c")
    assert crossed(of("a/b"), of("1 2"), signs, 1) is None
    longest = "a" * (LONGEST - 2)
    assert crossed(of(longest + "/b"), of("1/2"), signs, 0b01) == of("1/b")
    for one, other in ((longest + "a/b", "1/2"), ("1/2", longest + "a/b")):
        assert crossed(of(one), of(other), signs, 0b01) is None


@pytest.mark.parametrize("kind", ["bytes", "str"])
def test_an_entry_is_crossed_with_others_beside_what_leads_further(kind: str) -> None:
    def of(text: str) -> Any:
        return text if kind == "str" else text.encode()

    with inhabited("def fuzz(data):\n    return data\n", (kind,)) as world:
        executor = world.executor()
        exploring, mutator = executor._guidance.exploring, executor._mutator
        assert exploring.crossed((of("100,200"),), mutator) is None
        mutator.add_to_pool((of("abc,def"),))
        entry = (of("100,200"),)
        assert {exploring.crossed(entry, mutator) for _ in range(200)} == {
            None,
            (of("abc,200"),),
            (of("100,def"),),
            (of("abc,def"),),
        }
        exploring.speculation.extend(((of("1"),) for _ in range(1000)), entry)
        mutate = exploring.beside(lambda value: value, entry, mutator, raw=kind == "bytes", is_in_leg=True)
        value = entry[0] if kind == "bytes" else entry
        made = [mutate(value) for _ in range(400)]
        wanted = of("abc,200")
        assert 5 < made.count(wanted if kind == "bytes" else (wanted,)) < 40


@pytest.mark.parametrize("signs", [("::", ":"), (":", "::"), ("[]", "[", "]"), ("--", "-", "->"), ("", ",")])
def test_signs_that_stand_within_others_do_no_harm(signs: tuple[str, ...]) -> None:
    random = Random(1)
    characters = "".join(dict.fromkeys("".join(signs))) + "a"
    for _ in range(2000):
        value, other = ["".join(random.choices(characters, k=random.randrange(12))) for _ in range(2)]
        made = crossed(value, other, signs, random.getrandbits(23))
        if made is not None:
            single = [sign for sign in signs if len(sign) == 1 and value.count(sign) == other.count(sign)]
            assert all(made.count(sign) == value.count(sign) for sign in single)
