from fuzztui.worker.grammar.placed import MAX_PLACED, placed_words
from fuzztui.worker.mutate.operands import Comparison


def _made(text: bytes, comparisons: list[Comparison], max_len: int = 100) -> set[object]:
    return {each for (each,) in placed_words((text,), comparisons, max_len)}


def test_a_word_that_a_list_of_numbers_lacks_comes_in_the_place_of_one_of_them() -> None:
    made = _made(b"evict: [1]", [("in", "lru", (1,))])
    assert b"evict: [lru]" in made
    assert b'evict: ["lru"]' in made


def test_a_word_that_nothing_holds_comes_between_signs() -> None:
    made = _made(b"size:0\nevict:[]", [("lacks", "lru", ())])
    assert b'size:0\nevict:["lru"]' in made
    assert b"size:0\nlru:[]" in made


def test_a_word_that_a_number_was_compared_with_takes_its_place() -> None:
    assert b'{"mode": "fast"}' in _made(b'{"mode": 3}', [("of", 3, ("fast", "slow"))])


def test_words_that_are_there_and_texts_that_are_replaced_as_they_are_are_not_placed() -> None:
    assert not _made(b"lru [1]", [("in", "lru", (1,))])
    assert not _made(b"a b", [("==", "a", "word"), ("in", "word", ("a", "b"))])
    assert not _made(b"\x00\x01", [("lacks", "lru", ())])


def test_there_are_so_many_at_most_and_none_is_too_long() -> None:
    made = list(placed_words((b"a," * 500,), [("lacks", "lru", ())], 4096))
    assert len(made) <= MAX_PLACED
    assert not _made(b"a,b", [("lacks", "lru", ())], max_len=3)
