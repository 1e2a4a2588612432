"""A number."""


def fuzz_int(number: int) -> None: ...
