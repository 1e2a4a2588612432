"""Lists in parentheses that are evaluated: definitions, quotes, conditions, the head and the rest of a list."""

import re


class PlantedError(Exception):
    """The head of a list that was defined and is empty."""


class MalformedError(Exception):
    """The text is no program."""


TOKENS = re.compile(r"""\s*([()']|[^\s()']+)""")

Form = int | str | list["Form"]


def parse(tokens: list[str]) -> Form:
    """The next form; its tokens are taken."""
    if not tokens:
        raise MalformedError("end")
    token = tokens.pop(0)
    if token == "'":
        return ["quote", parse(tokens)]
    if token == "(":
        form: list[Form] = []
        while tokens and tokens[0] != ")":
            form.append(parse(tokens))
        if not tokens:
            raise MalformedError("open")
        tokens.pop(0)
        return form
    if token == ")":
        raise MalformedError("close")
    try:
        return int(token)
    except ValueError:
        return token


class Interpreter:
    """Knows definitions."""

    def __init__(self) -> None:
        """Knows none."""
        self.names: dict[str, Form] = {"nil": 0}

    def evaluate(self, form: Form) -> Form:
        """What it comes to."""
        if isinstance(form, int):
            return form
        if isinstance(form, str):
            if form not in self.names:
                raise MalformedError("name")
            return self.names[form]
        if not form or not isinstance(form[0], str):
            raise MalformedError("call")
        handler = getattr(self, f"do_{form[0]}", None)
        if handler is None:
            raise MalformedError("function")
        result: Form = handler(*form[1:])
        return result

    def do_quote(self, form: Form) -> Form:
        return form

    def do_define(self, name: Form, form: Form) -> Form:
        if not isinstance(name, str):
            raise MalformedError("define")
        self.names[name] = self.evaluate(form)
        return self.names[name]

    def do_if(self, condition: Form, then: Form, otherwise: Form) -> Form:
        return self.evaluate(then if self.evaluate(condition) else otherwise)

    def do_rest(self, form: Form) -> Form:
        value = self.evaluate(form)
        if not isinstance(value, list):
            raise MalformedError("rest")
        return value[1:]

    def do_head(self, form: Form) -> Form:
        value = self.evaluate(form)
        if not isinstance(value, list):
            raise MalformedError("head")
        if not value:
            if isinstance(form, str):
                raise PlantedError
            raise MalformedError("empty")
        return value[0]


def fuzz_lisp(data: bytes) -> None:
    try:
        tokens = TOKENS.findall(data.decode())
        interpreter = Interpreter()
        while tokens:
            interpreter.evaluate(parse(tokens))
    except (MalformedError, ValueError, TypeError, RecursionError):
        return
