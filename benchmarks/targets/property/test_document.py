"""Recursive JSON: a path through it that is followed wrongly."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


def resolve(document: Any) -> Any:
    if isinstance(document, dict):
        node = document.get("item")
        if isinstance(node, list) and len(node) >= 2:
            last = node[-1]
            if isinstance(last, dict) and "id" in last:
                return last["id"]
    return None


@given(JSON)
def test_document(document: Any) -> None:
    found = resolve(document)
    assert not isinstance(found, int) or isinstance(found, bool) or found >= 0
