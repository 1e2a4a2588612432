"""The kind `datetime.date`. A day is written `{'date': '2024-02-29'}`, with four digits of the year."""

import re
from typing import TYPE_CHECKING

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS
from fuzztui.target.kinds.kind import Kind, late

if TYPE_CHECKING:
    from datetime import date

__builtins__ = PRIVATE_BUILTINS

_PATTERN = re.compile(r"\{'date': '([0-9]{4}-[0-9]{2}-[0-9]{2})'\}")

date_class = late("datetime", "date")
"""Returns the class `datetime.date`."""


def _zero() -> "date":
    day: date = date_class()(1970, 1, 1)
    return day


def _write(value: "date") -> str:
    return f"{{'date': '{value.isoformat()}'}}"


def _read(line: str) -> "date":
    try:
        day: date = date_class().fromisoformat(line[10:20])
    except ValueError as error:
        raise ValueError(f"{line}: {error}") from None
    return day


def _show(value: "date", _room: int) -> str:
    return repr(value)


DATE = Kind("date", date_class, _zero, _PATTERN, _write, _read, _show, is_ascii_repr=False, module="datetime")
