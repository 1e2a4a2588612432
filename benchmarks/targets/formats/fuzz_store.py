"""Requests to a store: arrays of texts with their lengths, `*2\\r\\n$3\\r\\nGET...`, several in a row."""


class PlantedError(Exception):
    """A list is renamed to the name of a counter, which is then incremented."""


class MalformedError(Exception):
    """The bytes are no request."""


def number(data: bytes, at: int, mark: bytes) -> tuple[int, int]:
    """The number behind a mark, and where the next line begins."""
    end = data.find(b"\r\n", at)
    if end < 0 or data[at : at + 1] != mark:
        raise MalformedError("number")
    return int(data[at + 1 : end]), end + 2


def requests(data: bytes) -> list[list[str]]:
    """All of them."""
    at, found = 0, []
    while at < len(data):
        count, at = number(data, at, b"*")
        words = []
        for _ in range(count):
            length, at = number(data, at, b"$")
            if length < 0 or data[at + length : at + length + 2] != b"\r\n":
                raise MalformedError("text")
            words.append(data[at : at + length].decode())
            at += length + 2
        found.append(words)
    return found


def execute(wanted: list[list[str]]) -> None:
    """One after the other."""
    store: dict[str, str | list[str]] = {}
    for words in wanted:
        match words:
            case ["SET", key, value]:
                store[key] = value
            case ["LPUSH", key, value]:
                items = store.setdefault(key, [])
                if not isinstance(items, list):
                    raise MalformedError("type")
                items.insert(0, value)
            case ["RENAME", key, new]:
                if key not in store:
                    raise MalformedError("key")
                store[new] = store.pop(key)
            case ["INCR", key]:
                before = store.get(key, "0")
                if isinstance(before, list):
                    raise PlantedError if key == "counter" else MalformedError("type")
                store[key] = str(int(before) + 1)
            case _:
                raise MalformedError("request")


def fuzz_store(data: bytes) -> None:
    try:
        execute(requests(data))
    except (MalformedError, ValueError):
        return
