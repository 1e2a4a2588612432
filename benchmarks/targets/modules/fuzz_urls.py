"""The standard library's `urllib.parse`."""

from urllib import parse


def fuzz_urls(data: bytes) -> None:
    try:
        parts = parse.urlsplit(data.decode("utf-8", "replace"))
        parse.parse_qsl(parts.query)
        parse.urljoin("http://a/b/c", parts.geturl())
        _ = parts.port, parts.hostname
    except ValueError:
        return
