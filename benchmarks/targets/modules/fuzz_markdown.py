"""markdown-it-py: CommonMark."""

from markdown_it import MarkdownIt

PARSER = MarkdownIt()


def fuzz_markdown(data: bytes) -> None:
    try:
        PARSER.render(data.decode("utf-8", "replace"))
    except Exception:
        return
