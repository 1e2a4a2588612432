"""A text."""


def fuzz_str(text: str) -> None: ...
