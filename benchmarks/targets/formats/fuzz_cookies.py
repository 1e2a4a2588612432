"""Headers that set cookies: a name, a value, attributes after semicolons, prefixes that ask for attributes."""

import re


class PlantedError(Exception):
    """A cookie for one host only is accepted for a domain."""


class MalformedError(Exception):
    """The text is no such header."""


TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class Cookie:
    """One of them."""

    def __init__(self, name: str, value: str) -> None:
        """Without attributes."""
        self.name = name
        self.value = value
        self.secure = self.http_only = False
        self.path = self.domain = ""
        self.age: int | None = None
        self.same_site = "lax"

    def attribute(self, name: str, value: str) -> None:
        """One more."""
        match name.strip().lower():
            case "secure":
                self.secure = True
            case "httponly":
                self.http_only = True
            case "path":
                self.path = value if value.startswith("/") else "/"
            case "domain":
                if "." not in value:
                    raise MalformedError("domain")
                self.domain = value.removeprefix(".")
            case "max-age":
                if not re.fullmatch(r"-?\d+", value):
                    raise MalformedError("age")
                self.age = int(value)
            case "samesite":
                self.same_site = value.lower()
                if self.same_site not in ("strict", "lax", "none"):
                    raise MalformedError("site")
            case _:
                pass

    def check(self) -> None:
        """Whether it may be stored."""
        if self.same_site == "none" and not self.secure:
            raise MalformedError("none")
        if self.name.startswith("__Secure-") and not self.secure:
            raise MalformedError("secure")
        if self.name.startswith("__Host-"):
            if not self.secure or self.path != "/":
                raise MalformedError("host")
            if self.domain:
                raise PlantedError


def read(line: str) -> Cookie:
    """The cookie of a header."""
    header, colon, rest = line.partition(":")
    if not colon or header.lower() != "set-cookie":
        raise MalformedError("header")
    first, *attributes = rest.split(";")
    name, equals, value = first.strip().partition("=")
    if not equals or not TOKEN.match(name):
        raise MalformedError("name")
    cookie = Cookie(name, value.strip('"'))
    for text in attributes:
        key, _, value = text.partition("=")
        cookie.attribute(key, value.strip())
    cookie.check()
    return cookie


def fuzz_cookies(data: bytes) -> None:
    try:
        for line in data.decode("ascii").splitlines():
            read(line)
    except (MalformedError, UnicodeDecodeError, ValueError):
        return
