"""Calls the generated module beside this file."""

import records  # type: ignore[import-not-found]  # it is written when it is needed


def fuzz_records(data: bytes) -> None:
    records.parse(data)
