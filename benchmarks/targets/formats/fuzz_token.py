"""Tokens of three parts in base64 for addresses: a header and claims in JSON, and a signature."""

import base64
import binascii
import json
from typing import Any


class PlantedError(Exception):
    """A token without signature is taken for an administrator's."""


class MalformedError(Exception):
    """The text is no token."""


def part(text: str) -> dict[str, Any]:
    """The object in one part."""
    value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if not isinstance(value, dict):
        raise MalformedError("object")
    return value


def fuzz_token(data: bytes) -> None:
    try:
        parts = data.decode("ascii").split(".")
        if len(parts) != 3:
            raise MalformedError("parts")
        header = part(parts[0])
        if header.get("typ") != "JWT":
            raise MalformedError("type")
        claims = part(parts[1])
        if header.get("alg") == "none" and not parts[2] and claims.get("role") == "admin":
            raise PlantedError
    except (MalformedError, ValueError, binascii.Error, RecursionError):
        return
