"""A request whose body comes in chunks: sizes in hexadecimal digits, extensions, trailers."""


class PlantedError(Exception):
    """A trailer repeats the length that the chunks have already given."""


class MalformedError(Exception):
    """The bytes are no request."""


def line(data: bytes, at: int) -> tuple[str, int]:
    """A line and where the next begins."""
    end = data.find(b"\r\n", at)
    if end < 0:
        raise MalformedError("line")
    return data[at:end].decode("ascii"), end + 2


def headers(data: bytes, at: int) -> tuple[dict[str, str], int]:
    """Up to an empty line."""
    found: dict[str, str] = {}
    while True:
        text, at = line(data, at)
        if not text:
            return found, at
        name, colon, value = text.partition(":")
        if not colon or not name or name.strip() != name:
            raise MalformedError("header")
        found[name.lower()] = value.strip()


def request(data: bytes) -> bytes:
    """The body."""
    text, at = line(data, 0)
    words = text.split(" ")
    if len(words) != 3 or words[0] not in ("POST", "PUT") or words[2] != "HTTP/1.1":
        raise MalformedError("request line")
    found, at = headers(data, at)
    if "host" not in found:
        raise MalformedError("host")
    if found.get("transfer-encoding") != "chunked":
        return data[at:]
    body = b""
    while True:
        text, at = line(data, at)
        size = int(text.partition(";")[0], 16)
        if size < 0:
            raise MalformedError("size")
        if size == 0:
            break
        if data[at + size : at + size + 2] != b"\r\n":
            raise MalformedError("end of chunk")
        body += data[at : at + size]
        at += size + 2
    trailers, at = headers(data, at)
    if body and "content-length" in trailers:
        raise PlantedError
    return body


def fuzz_chunked(data: bytes) -> None:
    try:
        request(data)
    except (MalformedError, ValueError):
        return
