"""Looking up the text of an expression reads files that are read to an end, and no others."""

import linecache
import os
from pathlib import Path
from traceback import format_exception

import pytest

from fuzztui.worker.failures import expressions
from fuzztui.worker.failures.expressions import Expressions


@pytest.fixture
def endless(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if request.param == "pipe":
        os.mkfifo(tmp_path / "pipe.py")
        return str(tmp_path / "pipe.py")
    if request.param == "huge":
        (tmp_path / "huge.py").touch()
        os.truncate(tmp_path / "huge.py", expressions.LONGEST_FILE + 1)
        return str(tmp_path / "huge.py")
    if request.param == "folder":
        return str(tmp_path)
    return "/dev/zero"


@pytest.mark.parametrize("endless", ["pipe", "device", "huge", "folder"], indirect=True)
def test_code_that_bears_the_name_of_what_cannot_be_read_to_its_end_has_no_source(endless: str) -> None:
    found = Expressions(lambda: None)
    assert not found.has_source(endless)
    code = compile("raise ValueError('here')", endless, "exec")
    with pytest.raises(ValueError, match="here") as raised:
        exec(code)
    assert "line 1" in "".join(format_exception(raised.value)), "which would read it, too"
    innermost = raised.value.__traceback__
    assert innermost is not None
    assert innermost.tb_next is not None
    assert found.text(code, innermost.tb_next.tb_lasti) == "+0,0"
    linecache.cache.pop(endless, None)


def test_a_file_has_its_lines(tmp_path: Path) -> None:
    (tmp_path / "it.py").write_text("raise ValueError('here')\n")
    assert Expressions(lambda: None).has_source(str(tmp_path / "it.py"))
    assert not Expressions(lambda: None).has_source(str(tmp_path / "other.py"))
    assert not Expressions(lambda: None).has_source("a\0b")
