"""Reads blocks of a kind, a length and a body."""


def parse(data: bytes) -> int:
    if data[:4] != b"REC1":
        return 0
    at, total = 4, 0
    while at + 6 <= len(data):
        kind = data[at : at + 2]
        length = int.from_bytes(data[at + 2 : at + 6], "big")
        body = data[at + 6 : at + 6 + length]
        if len(body) != length:
            return total
        if kind == b"TX":
            total += body.count(b"a")
        elif kind == b"NM":
            total += len(body.split(b","))
        elif kind == b"ZZ" and body[:7] == b"special":
            total -= 1
        at += 6 + length
    return total


def fuzz_blocks(data: bytes) -> None:
    parse(data)
