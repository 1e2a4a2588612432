"""The standard library's `http.cookies`."""

from http.cookies import CookieError, SimpleCookie


def fuzz_cookies(data: bytes) -> None:
    try:
        SimpleCookie(data.decode("utf-8", "replace")).output()
    except CookieError:
        return
