"""Inputs of a program that reads texts are texts, as long as nothing else is wanted."""

from fuzztui.protocol.messages import Found
from fuzztui.worker.grammar.legible import Legible
from tests.worker.world import inhabited

READ = [("in", " ", "\0 \x80"), ("==", "\0", "word")]
"""What a program compares that has decoded its input."""


def test_bytes_that_no_text_has_give_way_to_letters_where_the_program_reads_texts() -> None:
    legible = Legible()
    assert list(legible.forms((b"\0 b",))) == []
    legible.learn((b"\0 \x80",), READ)
    assert list(legible.forms((b"\0 \x80b",))) == [(b"a ab",), (b"1 1b",)]
    assert list(legible.forms(("\xe9 b".encode(),))) == []
    assert list(legible.forms((b"a b",))) == []
    assert list(legible.forms(("\0",))) == []
    assert list(legible.forms((b"\0", b"\0"))) == []


def test_binary_data_stay_as_they_are() -> None:
    legible = Legible()
    legible.learn((b"",), [("in", " ", "")])
    assert list(legible.forms((b"\0",)))
    legible.learn((b"\0\0name\0\0",), [("==", b"\0\0", b"PK"), ("==", "name", "size")])
    assert list(legible.forms((b"\0",))) == []
    legible.learn((b"\1",), [("==", 1, 2)])
    assert list(legible.forms((b"\0",))) == []


FIELDS = """
def fuzz(data):
    words = data.decode("latin-1").split()
    if len(words) == 3:
        return 3
    return 0
"""

BYTES = """
def fuzz(data):
    words = data.split()
    if len(words) == 3:
        return 3
    return 0
"""


def test_what_is_found_is_a_text_if_that_covers_the_same() -> None:
    for source, wanted in ((FIELDS, b"a a a"), (BYTES, b"\0 \1 \2")):
        with inhabited(source) as world:
            executor = world.executor()
            world.fuzz(executor, b"", 10, trace=True)
            executor._suggestions.inputs.clear()
            executor._suggestions.add((b"\0 \1 \2",))
            found = [each.data for each in world.fuzz(executor, b"", 100) if isinstance(each, Found)]
            assert found == [wanted]
