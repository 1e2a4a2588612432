"""Comma-separated rows under a header that gives each column a name and a type: `name:type`."""

from typing import Any


class PlantedError(Exception):
    """A quoted cell of a boolean column is empty."""


class MalformedError(Exception):
    """The text is no table."""


def cells(text: str) -> list[list[tuple[str, bool]]]:
    """Rows of cells, each with whether it was quoted."""
    rows: list[list[tuple[str, bool]]] = [[]]
    at = 0
    while at <= len(text):
        quoted = text[at : at + 1] == '"'
        if quoted:
            cell, at = quoted_cell(text, at + 1)
        else:
            start = at
            while at < len(text) and text[at] not in ",\n":
                at += 1
            cell = text[start:at]
        rows[-1].append((cell, quoted))
        end = text[at : at + 1]
        if end == "\n":
            rows.append([])
        elif end not in ("", ","):
            raise MalformedError("text after a quoted cell")
        at += 1
    return rows


def quoted_cell(text: str, at: int) -> tuple[str, int]:
    """What is quoted, two quotation marks being one, and where that ends."""
    cell = ""
    while True:
        end = text.find('"', at)
        if end < 0:
            raise MalformedError("no closing quotation mark")
        cell += text[at:end]
        if text[end + 1 : end + 2] != '"':
            return cell, end + 1
        cell += '"'
        at = end + 2


def value(kind: str, cell: str, quoted: bool) -> Any:
    """A cell's value."""
    if kind == "integer":
        return int(cell)
    if kind == "boolean":
        if cell in ("true", "false"):
            return cell == "true"
        if quoted and not cell:
            raise PlantedError
        raise MalformedError("boolean")
    return cell


def fuzz_csv(data: bytes) -> None:
    try:
        header, *rows = cells(data.decode("utf-8"))
        kinds = []
        for title, _ in header:
            name, colon, kind = title.partition(":")
            if not (name and colon) or kind not in ("text", "integer", "boolean"):
                raise MalformedError("header")
            kinds.append(kind)
        for row in rows:
            if len(row) != len(kinds):
                raise MalformedError("row")
            for kind, (cell, quoted) in zip(kinds, row, strict=True):
                value(kind, cell, quoted)
    except (MalformedError, ValueError):
        return
