"""A grammar of texts: a query with the clauses that confuse its reader."""

from hypothesis import given
from hypothesis import strategies as st

FIELD = st.sampled_from(["name", "age", "city", "email"])
OPERATOR = st.sampled_from(["=", "<", ">", "LIKE"])
VALUE = st.one_of(st.integers(0, 200).map(str), st.text("abcdefgh%", max_size=6).map(lambda text: f"'{text}'"))
CLAUSE = st.tuples(FIELD, OPERATOR, VALUE).map(" ".join)


@st.composite
def queries(draw: st.DrawFn) -> str:
    fields = draw(st.lists(FIELD, min_size=1, max_size=3, unique=True))
    text = f"SELECT {', '.join(fields)} FROM people"
    clauses = draw(st.lists(CLAUSE, max_size=4))
    if clauses:
        text += " WHERE " + f" {draw(st.sampled_from(['AND', 'OR']))} ".join(clauses)
    if draw(st.booleans()):
        text += f" LIMIT {draw(st.integers(0, 1000))}"
    return text


def plan(query: str) -> str:
    """How a query would be answered."""
    head, _, tail = query.partition(" WHERE ")
    conditions, _, limit = tail.partition(" LIMIT ")
    parts = conditions.split(" OR ")
    if len(parts) >= 2 and limit == "0":
        return "nothing"
    if len(parts) >= 2 and any(part.startswith("email LIKE '%") for part in parts) and "age > 150" in conditions:
        return "forever"
    return "scan" if conditions else "all" if head else "nothing"


@given(queries())
def test_query(query: str) -> None:
    assert plan(query) != "forever"
