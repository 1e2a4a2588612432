"""Two plain arguments."""


def fuzz_mixed(number: int, text: str) -> None: ...
