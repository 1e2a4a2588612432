"""The standard library's HTML parser, which promises to cope with any text at all: every exception is a finding.

Known to be found on older releases of CPython: `<![` followed by an unknown name ends in an AssertionError.
"""

from html.parser import HTMLParser


def fuzz_html(data: bytes) -> None:
    parser = HTMLParser()
    parser.feed(data.decode("utf-8", "replace"))
    parser.close()
