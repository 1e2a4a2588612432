"""A property test is a test already: no other one is written for what fails it."""

from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.request.target import python_target
from fuzztui.engine.triage.exporting import export_test
from fuzztui.target.discover import discover
from fuzztui.target.errors import TargetNotFound


def test_failure_of_a_property_test_is_not_exported(tmp_path: Path) -> None:
    file = tmp_path / "test_it.py"
    file.write_text("from hypothesis import given, strategies as st\n@given(st.text())\ndef test_x(x): pass\n")
    (info,) = discover(file).targets
    nothing: Any = None
    data = b"fuzztui choices v1\nseed 0\n'a'\n"
    with pytest.raises(TargetNotFound, match=r"test_x is a test already: .* @example"):
        export_test(python_target(info), nothing, data, nothing, tmp_path / "cache")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["test_it.py"]
