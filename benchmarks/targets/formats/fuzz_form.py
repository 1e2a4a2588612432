"""Forms as addresses have them: percent-encoded pairs with brackets in their names."""

from urllib.parse import unquote_plus


class PlantedError(Exception):
    """A member of the array of users has a name with a control character."""


class MalformedError(Exception):
    """The text is no form."""


def path(name: str) -> list[str]:
    """`a[b][c]` as its parts."""
    head, bracket, rest = name.partition("[")
    if not bracket:
        return [head]
    if not rest.endswith("]"):
        raise MalformedError("bracket")
    return [head, *rest[:-1].split("][")]


def form(text: str) -> dict[str, object]:
    """Nested values."""
    found: dict[str, object] = {}
    for pair in text.split("&"):
        name, equals, value = pair.partition("=")
        if not equals:
            raise MalformedError("pair")
        parts = path(unquote_plus(name))
        place: dict[str, object] = found
        for part in parts[:-1]:
            inner = place.setdefault(part, {})
            if not isinstance(inner, dict):
                raise MalformedError("value and array")
            place = inner
        place[parts[-1]] = unquote_plus(value)
    return found


def fuzz_form(data: bytes) -> None:
    try:
        found = form(data.decode("ascii"))
    except (MalformedError, UnicodeDecodeError):
        return
    users = found.get("users")
    if isinstance(users, dict):
        for user in users.values():
            if isinstance(user, dict) and "\x00" in str(user.get("name", "")):
                raise PlantedError
