"""A list."""


def fuzz_numbers(numbers: list[int]) -> None: ...
