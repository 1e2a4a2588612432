"""A message of parts with a boundary; a part in base64 holds lines of settings."""

import base64
import binascii


class PlantedError(Exception):
    """An attached setting switches the filter off for everybody."""


class MalformedError(Exception):
    """The text is no message."""


def headers(text: str) -> tuple[dict[str, str], str]:
    """Headers and body."""
    head, blank, body = text.partition("\n\n")
    if not blank:
        raise MalformedError("no body")
    found: dict[str, str] = {}
    for line in head.split("\n"):
        name, colon, value = line.partition(":")
        if not colon:
            raise MalformedError("header")
        found[name.strip().lower()] = value.strip()
    return found, body


def boundary(kind: str) -> str:
    """Of a content type."""
    main, _, rest = kind.partition(";")
    if main.strip().lower() != "multipart/mixed":
        raise MalformedError("type")
    name, _, value = rest.strip().partition("=")
    if name != "boundary" or not value:
        raise MalformedError("boundary")
    return value.strip('"')


def settings(text: str) -> None:
    """Apply them."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if not equals:
            raise MalformedError("setting")
        found[key] = value
    if found.get("filter") == "off" and found.get("scope") == "all":
        raise PlantedError


def message(text: str) -> None:
    """Read one."""
    found, body = headers(text)
    mark = "--" + boundary(found.get("content-type", ""))
    for part in body.split(mark)[1:]:
        if part.startswith("--"):
            break
        inner, content = headers(part.lstrip("\n"))
        if inner.get("content-transfer-encoding") == "base64":
            settings(base64.b64decode(content.strip(), validate=True).decode())


def fuzz_mail(data: bytes) -> None:
    try:
        message(data.decode())
    except (MalformedError, UnicodeDecodeError, binascii.Error):
        return
