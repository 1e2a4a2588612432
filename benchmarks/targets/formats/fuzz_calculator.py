"""A calculator with variables: assignments and expressions, statements end with a semicolon."""

import re


class PlantedError(Exception):
    """A variable that was set is divided by an expression that is zero."""


class MalformedError(Exception):
    """The text is no program."""


TOKEN = re.compile(r"\s*(?:(\d+)|([a-z]\w*)|([-+*/()=;]))")


class Calculator:
    """Its tokens and variables."""

    def __init__(self, text: str) -> None:
        """Cut the text into tokens."""
        self.tokens: list[str] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            match = TOKEN.match(text, at)
            if match is None:
                raise MalformedError("token")
            self.tokens.append(match[0].strip())
            at = match.end()
        self.at = 0
        self.variables: dict[str, int] = {}

    def peek(self) -> str:
        """The next token."""
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        """The next token, which is taken."""
        token = self.peek()
        self.at += 1
        return token

    def program(self) -> None:
        """All statements."""
        while self.peek():
            if self.take() != "let":
                raise MalformedError("let")
            name = self.take()
            if not name.isidentifier() or self.take() != "=":
                raise MalformedError("name")
            self.variables[name] = self.sum()
            if self.take() != ";":
                raise MalformedError("semicolon")

    def sum(self) -> int:
        """Of products."""
        value = self.product()
        while self.peek() in ("+", "-"):
            value = value + self.product() if self.take() == "+" else value - self.product()
        return value

    def product(self) -> int:
        """Of factors."""
        is_variable = self.peek().isidentifier()
        value = self.factor()
        while self.peek() in ("*", "/"):
            if self.take() == "*":
                value *= self.factor()
            else:
                below = self.factor()
                if below == 0:
                    if is_variable and value:
                        raise PlantedError
                    raise MalformedError("division")
                value //= below
        return value

    def factor(self) -> int:
        """A number, a variable, a sum in parentheses."""
        token = self.take()
        if token.isdigit():
            return int(token[:50])
        if token == "(":
            value = self.sum()
            if self.take() != ")":
                raise MalformedError("parenthesis")
            return value
        if token in self.variables:
            return self.variables[token]
        raise MalformedError("factor")


def fuzz_calculator(data: bytes) -> None:
    try:
        Calculator(data.decode()).program()
    except (MalformedError, UnicodeDecodeError, RecursionError):
        return
