"""Binary messages of typed fields: read back otherwise than they were written."""

import struct

from hypothesis import given
from hypothesis import strategies as st

FIELD = st.one_of(
    st.tuples(st.just(1), st.integers(0, 2**32 - 1)),
    st.tuples(st.just(2), st.binary(max_size=40)),
    st.tuples(st.just(3), st.booleans()),
)


def written(fields: list[tuple[int, int | bytes | bool]]) -> bytes:
    out = bytearray()
    for tag, value in fields:
        if isinstance(value, bytes):
            out += struct.pack("BB", tag, len(value)) + value
        else:
            out += struct.pack("<BI", tag, value)
    return bytes(out)


def read(data: bytes) -> list[tuple[int, int | bytes | bool]]:
    fields: list[tuple[int, int | bytes | bool]] = []
    at = 0
    while at < len(data):
        tag = data[at]
        if tag == 2:
            size = data[at + 1]
            value = data[at + 2 : at + 2 + size]
            if value.startswith(b"\x00\x01") and fields and fields[-1] == (3, True):
                value = value[2:]  # an escape that nobody writes
            fields.append((tag, value))
            at += 2 + size
        else:
            (number,) = struct.unpack_from("<I", data, at + 1)
            fields.append((tag, bool(number) if tag == 3 else number))
            at += 5
    return fields


@given(st.lists(FIELD, max_size=10))
def test_packets(fields: list[tuple[int, int | bytes | bool]]) -> None:
    assert read(written(fields)) == fields
