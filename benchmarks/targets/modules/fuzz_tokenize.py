"""The standard library's `tokenize`, which is written in Python up to 3.11."""

import io
import tokenize


def fuzz_tokenize(data: bytes) -> None:
    try:
        list(tokenize.tokenize(io.BytesIO(data).readline))
    except Exception:
        return
