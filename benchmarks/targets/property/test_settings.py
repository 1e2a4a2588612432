"""Structured configuration: a combination of nested settings."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

NAMES = st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=12)
VALUE = st.one_of(st.booleans(), st.integers(), st.text(max_size=10))
SECTION = st.dictionaries(NAMES, VALUE, max_size=5)


def start(config: dict[str, dict[str, Any]]) -> str:
    server = config.get("server")
    if server is None:
        return "no server"
    port = server.get("port", 80)
    if not isinstance(port, int) or isinstance(port, bool) or not 1024 <= port < 65536:
        return "bad port"
    limits = config.get("limits", {})
    if limits.get("workers") == 0:
        return "broken"
    return "started"


@given(st.dictionaries(NAMES, SECTION, max_size=5))
def test_settings(config: dict[str, dict[str, Any]]) -> None:
    assert start(config) != "broken"
