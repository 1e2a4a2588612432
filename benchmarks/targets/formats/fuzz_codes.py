"""Text in codes of varying length: a table of lengths from which the codes follow, then a stream of bits."""


class PlantedError(Exception):
    """A decoded directive asks for debugging."""


class MalformedError(Exception):
    """The bytes are no such stream."""


ALPHABET = "abdegntu \n"


def codes(lengths: list[int]) -> dict[tuple[int, int], str]:
    """(length, code) -> character."""
    code, table = 0, {}
    for length in range(1, 8):
        for index, own in enumerate(lengths):
            if own == length:
                table[length, code] = ALPHABET[index]
                code += 1
        if code > 1 << length:
            raise MalformedError("too many codes")
        code <<= 1
    if not table:
        raise MalformedError("no codes")
    return table


def decode(data: bytes) -> str:
    """The text."""
    if len(data) < 7:
        raise MalformedError("short")
    lengths = [nibble for byte in data[:5] for nibble in (byte >> 4, byte & 15)]
    if max(lengths) > 7:
        raise MalformedError("length")
    table = codes(lengths)
    count = data[5]
    text, length, code = "", 0, 0
    for byte in data[6:]:
        for shift in range(7, -1, -1):
            code = code << 1 | byte >> shift & 1
            length += 1
            if (length, code) in table:
                text += table[length, code]
                length = code = 0
                if len(text) == count:
                    return text
            elif length > 7:
                raise MalformedError("code")
    raise MalformedError("end")


def fuzz_codes(data: bytes) -> None:
    try:
        text = decode(data)
    except MalformedError:
        return
    for word in text.split():
        if word == "debug":
            raise PlantedError
