"""A request's query: `action=restore&state=...`, percent signs, a member that is base64 of settings."""

import base64
import binascii


class PlantedError(Exception):
    """A state that was restored asks for what only administrators see."""


class MalformedError(Exception):
    """The request is none."""


def unquote(text: str) -> str:
    """Without percent signs."""
    first, *rest = text.replace("+", " ").split("%")
    parts = [first.encode()]
    for item in rest:
        parts.append(bytes.fromhex(item[:2]) + item[2:].encode())
    return b"".join(parts).decode()


def parameters(query: str) -> dict[str, list[str]]:
    """All values of each name."""
    found: dict[str, list[str]] = {}
    for pair in query.split("&"):
        name, equals, value = pair.partition("=")
        if equals:
            found.setdefault(unquote(name), []).append(unquote(value))
    return found


def state(text: str) -> dict[str, str]:
    """Settings that went to the browser and came back."""
    padding = "=" * (-len(text) % 4)
    settings = {}
    for line in base64.urlsafe_b64decode(text + padding).decode().split(";"):
        key, _, value = line.partition(":")
        settings[key] = value
    return settings


def restore(asked: dict[str, list[str]]) -> str:
    """A page, as it was."""
    if "state" not in asked:
        raise MalformedError("state")
    settings = state(asked["state"][-1])
    page = settings.get("page", "home")
    if page not in ("home", "list", "audit"):
        raise MalformedError("page")
    if page == "audit" and settings.get("sort") == "-time":
        raise PlantedError
    return page


def search(asked: dict[str, list[str]]) -> str:
    """A page of results."""
    if not asked.get("q"):
        raise MalformedError("q")
    return f"results for {asked['q'][0]}"


ACTIONS = {"restore": restore, "search": search}


def fuzz_query(data: bytes) -> None:
    try:
        path, mark, query = data.decode("ascii").partition("?")
        if not mark or not path.startswith("/"):
            raise MalformedError("path")
        asked = parameters(query)
        action = asked.get("action", ["search"])[0]
        if action not in ACTIONS:
            raise MalformedError("action")
        ACTIONS[action](asked)
    except (MalformedError, UnicodeDecodeError, ValueError, binascii.Error):
        return
