"""How large an input is and what it consists of, as people see it: by its values, not by their form in a file."""

from collections.abc import Sequence

from fuzztui.engine.show.text import Visible, label, say, size
from fuzztui.target.choices.value import Choices
from fuzztui.target.values import Value


def size_words(arguments: Sequence[Value]) -> Visible:
    """Bytes of the arguments that are bytes or text (in UTF-8) together: `3 B`; how many arguments there are where
    none is: `2 args`; of a property test how many choices it draws.
    """
    if len(arguments) == 1 and isinstance(arguments[0], Choices):
        if arguments[0].example:
            return label("as it stands")
        count = len(arguments[0].choices)
        return say("{:,} {}", count, "choice" if count == 1 else "choices")
    lengths = [len(content) for value in arguments if (content := _content(value)) is not None]
    if lengths:
        return size(sum(lengths))
    return say("{} {}", len(arguments), "arg" if len(arguments) == 1 else "args")


def content_of(arguments: Sequence[Value]) -> bytes | None:
    """The bytes of an input that is one bytes or text (in UTF-8, a lone surrogate in three); None for any other."""
    return _content(arguments[0]) if len(arguments) == 1 else None


def _content(value: Value) -> bytes | None:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    return value if isinstance(value, bytes) else None
