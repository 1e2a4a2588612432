"""A call of a method, in elements: `<call><method>x</method><params><value><int>1</int></value></params></call>`."""

import re
from collections.abc import Callable


class PlantedError(Exception):
    """A price is set that is below nothing."""


class MalformedError(Exception):
    """The text is no call."""


TAG = re.compile(r"<(/?)([a-z]+)>")

SIMPLE: dict[str, Callable[[str], object]] = {
    "int": int,
    "double": float,
    "string": str,
    "boolean": lambda text: {"0": False, "1": True}[text],
}


class Reader:
    """Elements, one after the other."""

    def __init__(self, text: str) -> None:
        """From the front."""
        self.text = text
        self.at = 0

    def expect(self, token: str) -> None:
        """A tag that must come now."""
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1
        if not self.text.startswith(token, self.at):
            raise MalformedError(token)
        self.at += len(token)

    def comes(self, token: str) -> bool:
        """Whether a tag is next."""
        return self.text.startswith(token, self.at)

    def content(self, name: str) -> str:
        """Text up to the end of an element."""
        end = self.text.find(f"</{name}>", self.at)
        if end < 0:
            raise MalformedError(name)
        content = self.text[self.at : end]
        self.at = end + len(name) + 3
        return content

    def value(self) -> object:
        """What an element `value` holds."""
        self.expect("<value>")
        match = TAG.match(self.text, self.at)
        if not match or match[1]:
            raise MalformedError("type")
        self.at = match.end()
        found: object
        if match[2] == "array":
            values = []
            while not self.comes("</array>"):
                values.append(self.value())
            self.expect("</array>")
            found = values
        elif match[2] in SIMPLE:
            found = SIMPLE[match[2]](self.content(match[2]))
        else:
            raise MalformedError("type")
        self.expect("</value>")
        return found


def call(text: str) -> None:
    """Carry one out."""
    reader = Reader(text)
    reader.expect("<call>")
    reader.expect("<method>")
    method = reader.content("method")
    reader.expect("<params>")
    arguments = []
    while not reader.comes("</params>"):
        arguments.append(reader.value())
    reader.expect("</params>")
    reader.expect("</call>")
    if method == "shop.setPrice":
        if len(arguments) != 2:
            raise MalformedError("arguments")
        article, price = arguments
        if isinstance(article, str) and isinstance(price, int | float) and price < 0:
            raise PlantedError


def fuzz_rpc(data: bytes) -> None:
    try:
        call(data.decode())
    except (MalformedError, ValueError, KeyError, RecursionError):
        return
