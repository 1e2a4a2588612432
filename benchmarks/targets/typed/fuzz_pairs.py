"""A list of pairs, and a number."""


def fuzz_pairs(pairs: list[tuple[int, int]], limit: int) -> None: ...
