"""The standard library's JSON decoder in its pure-Python form: the escape `\\u-123` is read as a negative number."""

from json import JSONDecodeError, JSONDecoder, decoder, scanner
from typing import Any


class PlantedError(Exception):
    """`chr()` raised a ValueError that is no JSONDecodeError."""


pure: Any = JSONDecoder()
pure.parse_string = decoder.py_scanstring  # type: ignore[attr-defined]
pure.scan_once = scanner.py_make_scanner(pure)  # type: ignore[attr-defined]


def fuzz_json(data: bytes) -> None:
    try:
        pure.decode(data.decode("utf-8", "replace"))
    except JSONDecodeError:
        return
    except ValueError as error:
        if str(error).startswith("chr()"):
            raise PlantedError from error
    except Exception:
        return
