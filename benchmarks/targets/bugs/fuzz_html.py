"""The standard library's HTML parser: a marked section with an unknown name ends in an AssertionError."""

from html.parser import HTMLParser


class PlantedError(Exception):
    """The parser, which promises to cope with any text, has asserted something of it."""


def fuzz_html(data: bytes) -> None:
    try:
        parser = HTMLParser()
        parser.feed(data.decode("utf-8", "replace"))
        parser.close()
    except AssertionError as error:
        raise PlantedError from error
    except Exception:
        return
