"""Messages on the wire: varint tags of field number and type, zigzag integers, nested messages."""


class PlantedError(Exception):
    """An order of a customer has a position with a discount below -100."""


class MalformedError(Exception):
    """The bytes are no message."""


def varint(data: bytes, at: int) -> tuple[int, int]:
    """An integer, and where it ends."""
    value = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if not byte & 128:
            return value, at
        shift += 7
        if shift > 63:
            break
    raise MalformedError("varint")


def fields(data: bytes) -> dict[int, list[int | bytes]]:
    """All values by the numbers of their fields."""
    found: dict[int, list[int | bytes]] = {}
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        kind = tag & 7
        value: int | bytes
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 2:
            length, at = varint(data, at)
            if at + length > len(data):
                raise MalformedError("length")
            value = data[at : at + length]
            at += length
        elif kind in (1, 5):
            width = 8 if kind == 1 else 4
            if at + width > len(data):
                raise MalformedError("fixed")
            value = int.from_bytes(data[at : at + width], "little")
            at += width
        else:
            raise MalformedError("kind")
        found.setdefault(tag >> 3, []).append(value)
    return found


def zigzag(value: int) -> int:
    """The signed integer."""
    return (value >> 1) ^ -(value & 1)


def order(data: bytes) -> int:
    """The sum of an order."""
    message = fields(data)
    if 1 not in message or not isinstance(message[1][0], bytes):
        raise MalformedError("customer")
    if not message[1][0].decode().startswith("cust-"):
        raise MalformedError("customer's name")
    total = 0
    for body in message.get(4, []):
        if not isinstance(body, bytes):
            raise MalformedError("position")
        position = fields(body)
        amount = position.get(2, [0])[0]
        discount = position.get(3, [0])[0]
        if not isinstance(amount, int) or not isinstance(discount, int):
            raise MalformedError("numbers")
        if amount and zigzag(discount) < -100:
            raise PlantedError
        total += amount
    return total


def fuzz_wire(data: bytes) -> None:
    try:
        order(data)
    except (MalformedError, UnicodeDecodeError):
        return
