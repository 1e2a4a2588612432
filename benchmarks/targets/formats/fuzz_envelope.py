"""JSON whose payload is base64 of zlib of lines `key:value`."""

import base64
import json
import zlib


class PlantedError(Exception):
    """The payload raises the level for an unknown user."""


class MalformedError(Exception):
    """The text is no envelope."""


def payload(text: str) -> dict[str, str]:
    """What is in the payload."""
    found: dict[str, str] = {}
    for line in zlib.decompress(base64.b64decode(text)).decode().split("\n"):
        key, colon, value = line.partition(":")
        if not colon:
            raise MalformedError("line")
        found[key] = value
    return found


def fuzz_envelope(data: bytes) -> None:
    try:
        message = json.loads(data)
        if not isinstance(message, dict):
            raise MalformedError("object")
        if message.get("version") != 3 or not isinstance(message.get("payload"), str):
            raise MalformedError("version")
        found = payload(message["payload"])
    except (MalformedError, ValueError, zlib.error, RecursionError):
        return
    if found.get("user") == "nobody" and found.get("level") == "9":
        raise PlantedError
