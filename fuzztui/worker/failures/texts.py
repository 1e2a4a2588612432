"""Makes texts of the target's fit to be sent."""

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS


def encodable(text: str) -> str:
    """Text that UTF-8 can hold: lone surrogates written out."""
    return text.encode("utf-8", "backslashreplace").decode()
