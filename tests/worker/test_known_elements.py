"""Elements that were read go where a program has read on to the end of a part."""

from fuzztui.worker.guidance.reads import End
from fuzztui.worker.mutate.operands import READS
from fuzztui.worker.structure.known import MAX_ELEMENTS, MAX_HOST, MAX_SIZE, Elements, elements_of
from tests.worker.world import inhabited

NESTED = b"\x30\x08\x06\x01a\xa3\x03\x04\x01b\x05\x00"
EXTENTS = [(2, 10), (4, 5), (7, 10), (9, 10), (12, 12)]


def test_elements_begin_where_the_one_before_ends_or_what_encloses_them_begins() -> None:
    assert list(elements_of(NESTED, [(0, 12), *EXTENTS, *EXTENTS])) == [
        b"\x30\x08\x06\x01a\xa3\x03\x04\x01b",
        b"\x06\x01a",
        b"\xa3\x03\x04\x01b",
        b"\x04\x01b",
        b"\x05\x00",
    ]


def test_what_no_length_precedes_is_no_element_and_what_is_long_is_none() -> None:
    assert list(elements_of(b"\x07\x07ab\x09", [(0, 1), (1, 2), (3, 5)])) == []
    assert list(elements_of(b"T" + bytes((MAX_SIZE,)) + MAX_SIZE * b"x", [(2, 2 + MAX_SIZE)])) == []


def test_an_element_goes_into_what_was_read_to_its_end_and_lengths_grow() -> None:
    elements, data = Elements(), b"\x30\x03\x04\x01a\x01"
    end = End(6, 5, ((2, 5),))
    assert list(elements.learn(data, [(2, 5), (4, 5)], [(READS, end, b"\0"), ("==", 1, 2)])) == [
        b"\x30\x08" + data[2:5] + b"\x30\x03\x04\x01a\x01",
        b"\x30\x06" + data[2:5] + b"\x04\x01a\x01",
    ]
    assert list(elements.added(data, [(READS, end._replace(taken=1), b"x")])) == []
    assert b"\x04\x01a\x30\x03\x04\x01a" in elements.added(b"\x04\x01a", [(READS, End(3, 3), b"\0")])


def test_new_elements_go_into_what_is_known_too() -> None:
    elements = Elements()
    host = b"\x30\x00"
    assert list(elements.learn(host, [(2, 2)], [(READS, End(2, 2, ((2, 2),)), b"\0")])) == [b"\x30\x02\x30\x00"]
    made = list(elements.learn(b"\x07\x01a", [(2, 3)], []))
    assert made == [b"\x30\x03\x07\x01a"]
    assert list(elements.learn(b"\x07\x01a", [(2, 3)], [])) == []


def test_the_latest_elements_and_hosts_of_bounded_size_are_kept() -> None:
    elements = Elements()
    for number in range(2 * MAX_ELEMENTS):
        elements.learn(bytes((number, 1, 9)), [(2, 3)], [])
    assert len(list(elements.added(b"", [(READS, End(0, 0), b"\0")]))) == MAX_ELEMENTS
    long = bytes(MAX_HOST + 1)
    elements.learn(long, [], [(READS, End(len(long), len(long)), b"\0")])
    assert list(elements.learn(b"\xff\x01a", [(2, 3)], [])) == []


READ = """
runs = []

def fuzz(data):
    runs.append(data)
    body = data[2:]
    inner, end = body[2:7], body[7:]
    if len(end) < 1:
        return
"""


def test_what_traced_inputs_had_is_known() -> None:
    with inhabited(READ) as world:
        executor = world.executor()
        world.fuzz(executor, b"\x30\x07\x06\x05abcde", 400, trace=True)
        known = executor._guidance.exploring.following.elements
        assert b"\x06\x05abcde" in known.added(b"", [(READS, End(0, 0), b"\0")])
