"""Markup with elements, attributes and namespaces; elements have to end in order."""

import re


class PlantedError(Exception):
    """A script stands in a drawing, under another name of its namespace."""


class MalformedError(Exception):
    """The text is no markup."""


TAG = re.compile(r"<(/?)([\w:]+)((?:\s+[\w:]+=\"[^\"<]*\")*)\s*(/?)>")
ATTRIBUTE = re.compile(r"([\w:]+)=\"([^\"<]*)\"")


def fuzz_markup(data: bytes) -> None:
    try:
        text = data.decode()
        walk(text)
    except (MalformedError, UnicodeDecodeError):
        return


def walk(text: str) -> None:
    """All elements in order."""
    at = 0
    opened: list[tuple[str, dict[str, str]]] = []
    while True:
        start = text.find("<", at)
        if start < 0:
            break
        match = TAG.match(text, start)
        if match is None:
            raise MalformedError("tag")
        at = match.end()
        ending, name, attributes, empty = match.groups()
        if ending:
            if not opened or opened[-1][0] != name:
                raise MalformedError("end")
            opened.pop()
            continue
        names = dict(opened[-1][1]) if opened else {}
        for key, value in ATTRIBUTE.findall(attributes):
            if key.startswith("xmlns:"):
                names[key[6:]] = value
        prefix, colon, local = name.partition(":")
        if colon and prefix not in names:
            raise MalformedError("prefix")
        if colon and local == "script" and names[prefix] == "urn:drawing" and prefix != "svg" and opened:
            raise PlantedError
        if not empty:
            opened.append((name, names))
    if opened:
        raise MalformedError("open")
