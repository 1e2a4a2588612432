"""The standard library's HTML parser."""

from html.parser import HTMLParser

SEEDS = (b"<p class=x>a&amp;b</p>", b"<!DOCTYPE html><!-- c --><br/>", b"<script>if (a < b) x()</script>&#65;")


def fuzz_html(data: bytes) -> None:
    try:
        parser = HTMLParser()
        parser.feed(data.decode("utf-8", "replace"))
        parser.close()
    except Exception:
        return
