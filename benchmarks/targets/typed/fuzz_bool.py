"""A truth value."""


def fuzz_bool(flag: bool) -> None: ...
