"""What a value is for a mutator, and how long it counts as being."""

from typing import TypeAlias

from fuzztui.protocol.own import OWN_BUILTINS

__builtins__ = OWN_BUILTINS

Value: TypeAlias = bytes | str | int | float | bool
Arguments: TypeAlias = tuple[Value, ...]


def size(value: Value) -> int:
    """Length that counts towards `max_len`: bytes of `bytes`, UTF-8 bytes of `str` (a lone surrogate has 3), else 0."""
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
    return 0


def clip_bytes(data: bytes, limit: int) -> bytes:
    """The longest prefix of at most `limit` bytes."""
    return data[:limit]


def clip_text(text: str, limit: int) -> str:
    """The longest prefix of whole code points whose UTF-8 form has at most `limit` bytes."""
    if text.isascii():
        return text[:limit]
    encoded = text.encode("utf-8", "surrogatepass")
    if len(encoded) <= limit:
        return text
    while limit and encoded[limit] & 0xC0 == 0x80:  # a continuation byte: its code point would be cut in two
        limit -= 1
    return encoded[:limit].decode("utf-8", "surrogatepass")


def clip(value: Value, limit: int) -> Value:
    """A value of the same type whose `size` is at most `limit`."""
    if isinstance(value, bytes):
        return value[:limit]
    if isinstance(value, str):
        return clip_text(value, limit)
    return value
