"""The standard library's `shlex`."""

import shlex


def fuzz_shlex(data: bytes) -> None:
    try:
        shlex.split(data.decode("utf-8", "replace"), comments=True)
    except ValueError:
        return
