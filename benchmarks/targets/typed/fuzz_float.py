"""A number with a fraction."""


def fuzz_float(number: float) -> None: ...
