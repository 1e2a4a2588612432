"""A grammar of texts: an expression that is folded wrongly."""

from hypothesis import given
from hypothesis import strategies as st

NUMBER = st.integers(0, 999).map(str)
EXPRESSION = st.recursive(
    NUMBER,
    lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda parts: f"({' '.join(parts)})"),
    max_leaves=12,
)


class Folder:
    """Reads an expression and evaluates it."""

    def __init__(self, text: str) -> None:
        self.tokens = text.replace("(", " ( ").replace(")", " ) ").split()
        self.at = 0

    def value(self) -> int:
        token = self.tokens[self.at]
        self.at += 1
        if token != "(":
            return int(token)
        left = self.value()
        operator = self.tokens[self.at]
        self.at += 1
        right = self.value()
        self.at += 1
        if operator == "+":
            return left + right
        if operator == "-":
            if left == right and left > 900:
                return 1
            return left - right
        return left * right


@given(EXPRESSION)
def test_expression(text: str) -> None:
    assert Folder(text).value() == eval(text)
