"""The standard library's HTML parser, which promises to cope with any text at all: every exception is a finding.

Known to be found on CPython 3.11.7, 3.12.1 and 3.13.0: `<![` and an unknown name end in an AssertionError.
"""

from html.parser import HTMLParser


def fuzz_html(data: bytes) -> None:
    parser = HTMLParser()
    parser.feed(data.decode("utf-8", "replace"))
    parser.close()
