"""What covers most goes from the corpus to pytest: by the database of examples, or as decorators to paste."""

from pathlib import Path

import pytest

from tests.properties.test_promise import ran

SUBJECT = """
def parse(orders):
    kinds = set()
    for price, is_vip in orders:
        if price == 7741:
            kinds.add("exact")
        if is_vip and price > 9990:
            kinds.add("rich")
        if kinds == {"exact", "rich"}:
            kinds.add("both")
    return kinds
"""

TEST = """
from hypothesis import given, settings, strategies as st
import subject

@given(orders=st.lists(st.tuples(st.integers(0, 10_000), st.booleans())))
def test_parse(orders):
    with open("seen.txt", "a") as stream:
        print("both" in subject.parse(orders), file=stream)

@settings(database=None)
@given(st.integers())
def test_kept_nowhere(n): pass
"""


@pytest.mark.soak
def test_pytest_begins_with_what_was_found(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "subject.py").write_text(SUBJECT)
    test, seen = tmp_path / "test_it.py", tmp_path / "seen.txt"
    test.write_text(TEST)
    run = ("fuzztui", "run", "test_it.py::test_parse", "--headless", "-j1", "--fuzz-time", "4000x", "--seed", "1")
    assert ran(tmp_path, *run)[0] == 0

    code, printed = ran(tmp_path, "fuzztui", "corpus", "export", "test_it.py::test_parse")
    assert code == 0, printed
    assert "inputs: pytest runs them next" in printed
    seen.unlink()
    assert ran(tmp_path, "pytest", "-p", "no:cacheprovider", "-q", "test_it.py")[0] == 0
    assert "True" in seen.read_text().split()[:10]

    code, printed = ran(tmp_path, "fuzztui", "corpus", "export", "test_it.py::test_parse", "--examples")
    lines = [line for line in printed.split("\n") if line.startswith("@example(orders=")]
    assert code == 0, printed
    test.write_text(
        TEST.replace("@given(orders", "\n".join([*lines, "@given(orders"])).replace("given, ", "given, example, ")
    )
    seen.unlink()
    assert ran(tmp_path, "pytest", "-p", "no:cacheprovider", "-q", "test_it.py")[0] == 0
    assert "True" in seen.read_text().split()[: len(lines)]

    code, printed = ran(tmp_path, "fuzztui", "corpus", "export", "test_it.py::test_kept_nowhere")
    assert code == 2, printed
    assert "test_it.py::test_kept_nowhere has no database of examples: --examples prints lines to paste" in printed
