"""What an input has right is mostly left as it is: words of the program, and sums."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from typing import Any

import pytest

from fuzztui.protocol.messages import Done
from fuzztui.worker.guidance.held import LONGEST, MOST, Held
from fuzztui.worker.mutate import Dictionary
from fuzztui.worker.mutate.operands import Comparison
from tests.worker.world import inhabited

ENTRY = b"MAGIC\0kind=word"


def held(*comparisons: Comparison, words: Sequence[bytes | str] = (b"MAGIC", b"kind", b"word", b"=")) -> Held:
    dictionary = Dictionary()
    for word in words:
        dictionary.add(word)
    made = Held(dictionary, None)
    made.learn((ENTRY,), comparisons)
    return made


def making(*values: bytes) -> Callable[[Any], Any]:
    made: Iterator[bytes] = cycle(values)
    return lambda _: next(made)


@pytest.mark.parametrize(
    "comparison",
    [
        ("==", b"MAGIC", b"MAGIC"),
        ("!=", "MAGIC", "MAGIC"),
        ("of", b"MAGIC", (b"MAGIC", b"OTHER")),
        ("startswith", b"MAGIC and", b"MAGIC"),
        ("endswith", "it is MAGIC", ("so", "MAGIC")),
        ("in", b"MAGIC", b"MAGIC kind"),
        ("not in", "MAGIC", ("MAGIC", "other")),
    ],
)
def test_a_word_that_was_as_wanted_is_left_as_it_is(comparison: Comparison) -> None:
    mutate = making(b"MAG IC kind", b"MAGI kind", b"MAGIC knd")
    kept = held(comparison).keeping(mutate, (ENTRY,), lambda _: 1, raw=True)
    assert [kept(ENTRY) for _ in range(3)] == 3 * [b"MAGIC knd"]


@pytest.mark.parametrize(
    "comparison",
    [
        ("==", b"MAGIC", b"WORD"),
        ("==", b"=", b"="),
        ("==", b"none", b"none"),
        ("startswith", b"kind", b"MAGIC"),
        ("of", b"MAGIC", (b"OTHER",)),
        ("in", b"MAGIC", b"kind"),
        ("in", b"MAGIC", "MAGIC"),
        ("<", b"MAGIC", b"MAGIC"),
        ("==", 1, 1),
    ],
)
def test_nothing_else_is(comparison: Comparison) -> None:
    mutate = making(b"")
    assert held(comparison).keeping(mutate, (ENTRY,), lambda _: 1, raw=True) is mutate


def test_words_of_the_input_that_the_program_does_not_have_are_not_its_own() -> None:
    mutate = making(b"")
    made = held(("==", b"kind", b"kind"), words=[b"MAGIC"])
    assert made.keeping(mutate, (ENTRY,), lambda _: 1, raw=True) is mutate


def test_one_of_eight_mutations_may_break_anything_and_so_may_one_that_cannot_but() -> None:
    made = held(("==", b"MAGIC", b"MAGIC"))
    kept = made.keeping(making(b"broken", b"MAGIC"), (ENTRY,), lambda _: 0, raw=True)
    assert kept(ENTRY) == b"broken"
    assert made.keeping(making(b"broken"), (ENTRY,), lambda _: 1, raw=True)(ENTRY) == b"broken"


def test_a_word_that_is_there_twice_is_wanted_twice_and_arguments_are_taken_whole() -> None:
    dictionary = Dictionary()
    dictionary.add("word")
    made = Held(dictionary, None)
    made.learn((b"word\0word",), [("==", "word", "word")])
    values = iter([(b"word\0wor",), (b"word word",)])
    kept = made.keeping(lambda _: next(values), (b"word\0word",), lambda _: 1, raw=False)
    assert kept((b"word\0word",)) == (b"word word",)


@pytest.mark.parametrize("entry", [b"MAGIC kind=word", "MAGIC\0kind"])
def test_in_texts_words_come_and_go(entry: bytes | str) -> None:
    mutate = making(b"")
    made = held()
    made.learn((entry,), [("==", "MAGIC", "MAGIC")])
    assert made.keeping(mutate, (entry,), lambda _: 1, raw=True) is mutate


def test_long_inputs_and_several_arguments_are_not_looked_at_and_few_words_are() -> None:
    dictionary = Dictionary()
    words = [b"w%02d" % number for number in range(MOST + 1)]
    for word in words:
        dictionary.add(word)
    made, mutate = Held(dictionary, None), making(b" ".join(words[:MOST]))
    comparisons: list[Comparison] = [("==", word, word) for word in words]
    whole, long = b"\0".join(words), b"\0".join(words).ljust(LONGEST + 1)
    for entry in ((whole,), (long,), (whole, 1), (b"",)):
        made.learn(entry, comparisons)
    assert made.keeping(mutate, (whole,), lambda _: 1, raw=True)(whole) == b" ".join(words[:MOST])
    for entry in ((long,), (whole, 1), (b"",)):
        assert made.keeping(mutate, entry, lambda _: 1, raw=True) is mutate


FRAMES = """
import zlib
SEEN = []
def fuzz(data):
    SEEN.append(data)
    if data[:4] != b"FRMS":
        return 1
    at = 4
    while at < len(data):
        size = data[at]
        body, sum = data[at + 1 : at + 1 + size], data[at + 1 + size : at + 5 + size]
        if zlib.crc32(body) != int.from_bytes(sum, "big"):
            return 2
        at += 5 + size
    return 3
"""


def framed(*bodies: bytes) -> bytes:
    return b"FRMS" + b"".join(bytes((len(body),)) + body + zlib.crc32(body).to_bytes(4, "big") for body in bodies)


def test_most_mutations_of_what_has_sums_keep_them_right() -> None:
    entry = framed(b"first", b"second")
    with inhabited(FRAMES) as world:
        executor = world.executor()
        executor._dictionary.add(b"FRMS")
        world.fuzz(executor, entry, 2000, trace=True)
        executor._suggestions.inputs.clear()
        seen = world.namespace["SEEN"]
        seen.clear()
        world.fuzz(executor, entry, 4000)
        results = [world.function(data) for data in seen.copy()]
    assert results.count(1) < 0.12 * len(results), "the word at the front"
    assert results.count(3) > 0.3 * len(results), "the sums"


def test_what_was_made_in_vain_is_no_try_of_what_has_made_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made = held(("==", b"MAGIC", b"MAGIC"))
    kept = made.keeping(making(b"broken", b"broken", b"MAGIC"), (ENTRY,), lambda _: 1, raw=True)
    assert kept(ENTRY) == b"MAGIC"
    assert [made.take_again(), made.take_again()] == [2, 0]
    entry, tries = framed(b"first", b"second"), []
    for again in (0, 30_000):
        with inhabited(FRAMES) as world:
            executor = world.executor()
            world.fuzz(executor, entry, 2000, trace=True)
            monkeypatch.setattr(Held, "take_again", lambda _, again=again: again)
            [done] = [each for each in world.fuzz(executor, entry, 3000) if isinstance(each, Done)]
            tries.append(done.yields["change_parts"][0])
    assert 0 < 5 * tries[1] < tries[0] <= 3000
