"""A table read by the csv module, whose header says what the columns are: ids, amounts with a currency, dates."""

import csv
import io
from datetime import date


class PlantedError(Exception):
    """A refund is dated before the payment that it belongs to."""


class MalformedError(Exception):
    """The text is no such table."""


COLUMNS = ("id", "kind", "day", "of")


def rows(text: str) -> None:
    """Read all of them."""
    reader = csv.reader(io.StringIO(text), delimiter=";", quotechar="'", strict=True)
    header = next(reader, None)
    if header is None or sorted(header) != sorted(COLUMNS):
        raise MalformedError("header")
    payments: dict[str, date] = {}
    for row in reader:
        if len(row) != len(header):
            raise MalformedError("row")
        cells = dict(zip(header, row, strict=True))
        day = date.fromisoformat(cells["day"])
        if cells["kind"] == "payment":
            payments[cells["id"]] = day
        elif cells["kind"] == "refund":
            if cells["of"] not in payments:
                raise MalformedError("payment")
            if day < payments[cells["of"]]:
                raise PlantedError
        else:
            raise MalformedError("kind")


def fuzz_dialect(data: bytes) -> None:
    try:
        rows(data.decode())
    except (MalformedError, ValueError, csv.Error):
        return
