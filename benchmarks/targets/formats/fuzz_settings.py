"""Settings in tables: `[table]`, `key = value`, where values are texts, numbers, booleans, lists."""

import re


class PlantedError(Exception):
    """A server listens on a port that its own firewall denies."""


class MalformedError(Exception):
    """The text is none."""


KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")

Value = str | int | bool | list["Value"]


def value(text: str) -> Value:
    """One value."""
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1]
    if text in ("true", "false"):
        return text == "true"
    if text.startswith("["):
        if not text.endswith("]"):
            raise MalformedError("list")
        inner = text[1:-1].strip()
        return [value(part) for part in inner.split(",")] if inner else []
    if text.lstrip("-").isdigit():
        return int(text)
    raise MalformedError("value")


def tables(text: str) -> dict[str, dict[str, Value]]:
    """All of them."""
    found: dict[str, dict[str, Value]] = {}
    table: dict[str, Value] = {}
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            if not line.endswith("]"):
                raise MalformedError("table")
            table = found.setdefault(line[1:-1].strip(), {})
            continue
        key, equals, rest = line.partition("=")
        if not equals or not KEY.match(key.strip()):
            raise MalformedError("key")
        table[key.strip()] = value(rest)
    return found


def check(found: dict[str, dict[str, Value]]) -> None:
    """Whether they fit."""
    server = found.get("server")
    if server is None:
        return
    port = server.get("port")
    if not isinstance(port, int) or not 1024 <= port < 65536:
        raise MalformedError("port")
    denied = found.get("firewall", {}).get("deny")
    if isinstance(denied, list) and port in denied:
        raise PlantedError


def fuzz_settings(data: bytes) -> None:
    try:
        check(tables(data.decode()))
    except (MalformedError, UnicodeDecodeError):
        return
