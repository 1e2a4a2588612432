"""Projects for pytest to run."""

from pathlib import Path

import pytest

from tests.testing.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '-ra'\n", encoding="utf-8")
    return Site(tmp_path)
