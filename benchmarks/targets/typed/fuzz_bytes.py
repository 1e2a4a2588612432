"""Bytes."""


def fuzz_bytes(data: bytes) -> None: ...
