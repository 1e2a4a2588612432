"""Sequences of choices as files."""

import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzztui.target import values
from fuzztui.target.choices.form import MOST
from fuzztui.target.choices.value import CHOICES, Choices
from fuzztui.target.errors import MalformedInput

PARAMETERS = (CHOICES,)
ONE = b"fuzztui choices v1\nseed 7\n3\n'key'\nTrue\n"


def bits(value: object) -> object:
    return struct.pack("<d", value) if isinstance(value, float) else (type(value), value)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # on a busy machine
@given(
    st.integers(0, 2**63),
    st.lists(st.integers() | st.text() | st.binary() | st.floats() | st.booleans() | st.integers(10**5000, 10**5001)),
)
def test_every_sequence_comes_back_bitwise(seed: int, choices: list[object]) -> None:
    plain = (seed, *choices)
    data = values.stored((plain,), PARAMETERS)
    assert values.encoder(PARAMETERS)((plain,)) == data  # type: ignore[arg-type]
    (read,) = values.decode(data, PARAMETERS)
    assert isinstance(read, Choices)
    assert [*map(bits, read.plain)] == [*map(bits, plain)]
    assert values.encode((read,)) == data


def test_it_is_one_literal_a_line_with_room_for_notes() -> None:
    (read,) = values.decode(b"fuzztui choices v1\n# orders=[3]\n\nseed 7\n 3 \n# a key\n'key'\nTrue", PARAMETERS)
    assert isinstance(read, Choices)
    assert read.plain == (7, 3, "key", True)
    assert values.encode((read,)) == ONE


def test_fuzzing_begins_with_no_choice() -> None:
    assert values.encode(values.zero(PARAMETERS)) == b"fuzztui choices v1\nseed 0\n"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"fuzztui v1\n3\n", "line 1: 'fuzztui v1', want 'fuzztui choices v1'"),
        (b"fuzztui choices v2\nseed 0\n", "line 1: 'fuzztui choices v2', want 'fuzztui choices v1'"),
        (b"fuzztui choices v1\n", "line 2: '', want 'seed' or 'example' and a number"),
        (b"fuzztui choices v1\n# a note\n3\n", "line 3: '3', want 'seed' or 'example' and a number"),
        (b"fuzztui choices v1\nseed -1\n", "line 2: 'seed -1', want 'seed' or 'example' and a number"),
        (ONE + b"[1]\n", "line 6: '[1]' is not a literal of int, bool, str, float or bytes"),
        (ONE + b"'\\ud800'x\n", "line 6: \"'\\\\ud800'x\" is not a literal of int, bool, str, float or bytes"),
        (ONE + b"9" * 5000 + b"\n", "line 6: an int of 5000 decimal digits, write it in hexadecimal"),
        (ONE + b"'\xff'\n", "line 6: byte 0xff is not ASCII"),
        (b"fuzztui choices v1\nseed 0\n" + b"1\n" * (MOST + 1), "65,537 choices, want at most 65,536"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(data: bytes, sentence: str) -> None:
    with pytest.raises(MalformedInput) as caught:
        values.decode(data, PARAMETERS)
    assert str(caught.value) == sentence


def test_its_form_is_told_by_its_first_line() -> None:
    assert values.form_of(ONE) == PARAMETERS
    assert values.is_parameter(CHOICES)
    assert not values.is_vague(PARAMETERS)


def test_choices_are_shown_as_a_call_has_them_and_cut_with_their_number() -> None:
    (read,) = values.decode(ONE, PARAMETERS)
    assert values.show((read,)) == "3, 'key', True"
    assert values.show((Choices((0, *range(100))),), 20) == "0, 1, 2, 3, 4, 5, 6… (100 choices)"


def test_what_is_no_choice_is_not_stored() -> None:
    with pytest.raises(TypeError, match="cannot store a choice of type list"):
        values.stored(((0, [1]),), PARAMETERS)
