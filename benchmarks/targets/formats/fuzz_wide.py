"""A registry in UTF-16: a mark, a first line, keys in brackets, values in quotes."""


class PlantedError(Exception):
    """A program is started at log-in from a temporary folder."""


class MalformedError(Exception):
    """The bytes are no registry."""


def registry(text: str) -> dict[str, dict[str, str]]:
    """Keys and their values."""
    lines = text.split("\n")
    if lines[0] != "Registry 5.00":
        raise MalformedError("first line")
    found: dict[str, dict[str, str]] = {}
    key: dict[str, str] | None = None
    for line in lines[1:]:
        if not line:
            continue
        if line.startswith("[HKEY_") and line.endswith("]"):
            key = found.setdefault(line[1:-1], {})
        elif key is not None and line.startswith('"'):
            name, quote, value = line[1:].partition('"=')
            if not quote:
                raise MalformedError("value")
            key[name] = value
        else:
            raise MalformedError("line")
    return found


def fuzz_wide(data: bytes) -> None:
    if data[:2] != b"\xff\xfe":
        return
    try:
        found = registry(data[2:].decode("utf-16-le"))
    except (MalformedError, UnicodeDecodeError):
        return
    run = found.get("HKEY_USER\\Run", {})
    if "\\temp\\" in run.get("updater", "").lower():
        raise PlantedError
