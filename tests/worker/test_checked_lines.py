from binascii import crc32, crc_hqx
from collections.abc import Sequence
from functools import reduce
from operator import xor

import pytest

from fuzztui.worker.grammar.checked_lines import CheckedLines
from tests.worker.world import inhabited


def _sentence(body: bytes) -> bytes:
    return b"$%b*%02X" % (body, reduce(xor, body, 0))


def _record(data: bytes) -> bytes:
    return b":" + (data + bytes([-sum(data) & 255])).hex().upper().encode()


def _learned(line: bytes, number: int) -> CheckedLines:
    lines = CheckedLines()
    lines.learn((line,), [("!=", number, number), ("same", number, number)])
    return lines


def test_the_sum_of_each_line_is_put_right() -> None:
    one = _sentence(b"GPGLL,1,2")
    lines = _learned(one, int(one[-2:], 16))
    changed = b"$GPGSV,1*00\nno sum\r\n$GPGLL,*ff\r\n"
    right = _sentence(b"GPGSV,1") + b"\nno sum\r\n" + _sentence(b"GPGLL,") + b"\r\n"
    assert lines.right((changed,)) == (right,)


def test_of_rules_that_explain_a_sum_those_go_that_do_not_explain_the_next() -> None:
    records = [_record(bytes(range(at, at + 5))) for at in (1, 40, 90)]
    lines = CheckedLines()
    for record in records:
        number = int(record[-2:], 16)
        lines.learn((record,), [("same", number, number)])
    for record in records:
        assert lines.right((record[:-2] + b"00",)) == (record,)


def test_sums_may_be_of_four_digits_and_decimal_ones() -> None:
    covered = b"set a 10"
    four = b"%b;%04x" % (covered, crc_hqx(covered, 0))
    assert _learned(four, int(four[-4:], 16)).right((b"set b 7;0000",)) == (b"set b 7;%04x" % crc_hqx(b"set b 7", 0),)
    lines = CheckedLines()
    for text in (covered, b"set xyz 12", b"get a1"):
        number = sum(text) % 100
        assert lines.right((b"set b 7#5",)) == (b"set b 7#5",) or text != covered
        lines.learn((b"%b#%d" % (text, number),), [("same", number, number)])
    assert lines.right((b"set b 7#5",)) == (b"set b 7#%d" % (sum(b"set b 7") % 100),)


def test_digits_without_letters_may_be_of_either_case() -> None:
    lines = CheckedLines()
    for text in (b"set 11", b"set 12"):
        sums = b"%08x" % crc32(text)
        lines.learn((text + b" " + sums,), [("same", int(sums, 16), int(sums, 16))])
    assert (b"%08x" % crc32(b"set 11")).isdigit()
    assert lines.right((b"set xyz 00000000",)) == (b"set xyz %08x" % crc32(b"set xyz"),)


def test_lines_of_a_str_are_put_right_too() -> None:
    line = _sentence(b"GPGLL,1,2").decode()
    lines = CheckedLines()
    number = int(line[-2:], 16)
    lines.learn((line,), [("same", number, number)])
    assert lines.right(("$GPGSV,1*00",)) == (_sentence(b"GPGSV,1").decode(),)


def test_what_is_no_sum_is_left_alone() -> None:
    assert not _learned(b"length 42", 42).is_known
    lines = CheckedLines()
    lines.learn((b"a" * 5000 + b"*41",), [("same", 0x41, 0x41)])
    lines.learn((7, "text"), [("same", 7, 7)])
    lines.learn((b"x",), [])
    assert not lines.is_known
    assert lines.right((b"$A*00",)) == (b"$A*00",)


def test_what_was_a_sum_by_chance_is_forgotten_once_it_is_often_right_and_not_asked_for() -> None:
    lines = _learned(_sentence(b"1::2"), int(_sentence(b"1::2")[-2:], 16))
    assert lines.is_known
    for number in range(10):
        lines.learn(lines.right((b"$1::%d*00" % number,)), [("same", 200, 200)])
    assert not lines.is_known


def test_a_sum_that_is_mostly_not_asked_for_stays_known() -> None:
    one = _sentence(b"GPGLL,1,2")
    lines = _learned(one, int(one[-2:], 16))
    for number in range(60):
        sentence = _sentence(b"GPGLL,%d" % number)
        asked = int(sentence[-2:], 16) if number % 8 == 7 else 7
        lines.learn((sentence + b"\n\nno sum",), [("same", asked, asked)])
        lines.learn((b"no sum",), [])
    assert lines.right((b"$A*00",)) == (b"$A*41",)


def _part_put_right(bodies: Sequence[bytes]) -> float:
    """Of mutated lines, where such sentences have been traced."""
    with inhabited("def fuzz(data):\n    return data\n") as world:
        executor = world.executor()
        exploring = executor._guidance.exploring
        for body in bodies:
            number = int(_sentence(body)[-2:], 16)
            exploring.lines.learn((_sentence(body),), [("same", number, number)])
        mutate = exploring.in_right_lines(lambda value: value, executor._mutator, raw=True)
        return [mutate(b"$A*00") for _ in range(400)].count(b"$A*41") / 400


@pytest.mark.parametrize(
    ("bodies", "part"),
    [((), 0), ((b"GPGLL,1,2",), 0.25), ((b"GPGLL,1,2",) * 2, 0.25), ((b"GPGLL,1,2", b"GPGLL,1,7"), 0.75)],
)
def test_what_may_be_no_sum_is_put_right_less_often(bodies: Sequence[bytes], part: float) -> None:
    assert _part_put_right(bodies) == pytest.approx(part, abs=0.08)


SESSION = """
def fuzz(data):
    state = 0
    for line in data.decode("latin-1").split("\\n"):
        body, star, stated = line.partition("*")
        if not star or not body.startswith("$") or len(body) < 4:
            continue
        total = 0
        for char in body[1:]:
            total ^= ord(char)
        try:
            if total != int(stated, 16):
                continue
        except ValueError:
            continue
        if body[1:] == "OPEN" and state == 0:
            state = 1
        elif body[1:] == "LOCK" and state == 1:
            state = 2
        elif body[1:] == "DROP" and state == 2:
            raise RuntimeError
"""


def test_a_session_of_lines_that_are_checked_is_found() -> None:
    with inhabited(SESSION) as world:
        assert world.search(_sentence(b"OPE"), 60_000) is not None
