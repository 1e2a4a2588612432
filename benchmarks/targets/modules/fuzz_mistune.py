"""mistune: Markdown."""

import mistune


def fuzz_mistune(data: bytes) -> None:
    try:
        mistune.html(data.decode("utf-8", "replace"))
    except Exception:
        return
