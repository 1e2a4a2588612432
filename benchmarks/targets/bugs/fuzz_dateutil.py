"""python-dateutil 2.8.2: what only looks like a number is no Decimal."""

import warnings
from decimal import InvalidOperation

from dateutil import parser  # type: ignore[import-untyped]

warnings.simplefilter("ignore")  # an unknown time zone is warned of


class PlantedError(Exception):
    """The error of the decimal module has come through."""


def fuzz_dateutil(data: bytes) -> None:
    try:
        parser.parse(data.decode("utf-8", "replace"))
    except InvalidOperation as error:
        raise PlantedError from error
    except Exception:
        return
