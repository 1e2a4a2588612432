"""Workers of programs that write files of fixed names or bind ports are kept apart, or there is one."""

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fuzztui.engine.request import privacy
from fuzztui.engine.request.options import Limit, RunOptions
from fuzztui.engine.request.target import LoadOrder, PythonTarget
from fuzztui.target.forms import Form
from fuzztui.target.programs import may_collide
from tests.support import Project

MakeProject = Callable[..., Project]

COLLIDING = [
    "open('/tmp/x.txt', 'wb')",
    "path = '/tmp/random_file.txt'",
    "open('here.txt', mode='a')",
    "open(name, 'w+')",
    "Path(name).open('w')",
    "Path('x').write_bytes(data)",
    "workbook.save('test.xlsx')",
    "server.bind(('', 8001))",
    "HTTPServer(('localhost', 8001), Handler)",
    "zipfile.ZipFile('a.zip', 'w')",
]
HARMLESS = [
    "open('x.txt')",
    "open('x', 'rb')",
    "parse('/tmpl')",
    "b'/tmp/x'",
    "open(x, 'utf-8')",
    "text = 'w'",
    "f(a, 'w')",
]


def test_what_may_collide_is_told_by_the_source() -> None:
    assert [each for each in COLLIDING if not may_collide(ast.parse(each))] == []
    assert [each for each in HARMLESS if may_collide(ast.parse(each))] == []


def options_for(folder: Path, *, workers: int, is_exclusive: bool = True) -> RunOptions:
    target = PythonTarget(folder / "h.py", "h", folder, form=Form.ATHERIS, is_exclusive=is_exclusive)
    return RunOptions(target, folder / ".fuzztui", workers=workers)


@pytest.mark.parametrize(
    ("workers", "is_exclusive", "expected"), [(2, True, True), (1, True, False), (2, False, False)]
)
def test_only_workers_that_could_disturb_each_other_are_kept_apart(
    tmp_path: Path, workers: int, is_exclusive: bool, expected: bool
) -> None:
    options = options_for(tmp_path, workers=workers, is_exclusive=is_exclusive)
    load = options.target.load(options, LoadOrder(str(tmp_path), 1, 100, True))
    assert load.private is expected


def test_where_workers_cannot_be_kept_apart_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy, "why_not", lambda: "namespaces: Operation not permitted")
    options = privacy.undisturbed(options_for(tmp_path, workers=3))
    assert options.workers == 1
    (remark,) = options.remarks
    assert "one worker instead of 3: h.py seems to write files of fixed names" in remark
    assert "Operation not permitted" in remark
    alone = options_for(tmp_path, workers=1)
    assert privacy.undisturbed(alone) is alone


is_possible = pytest.mark.skipif(bool(privacy.why_not()), reason="the system does not allow it")


@is_possible
def test_what_a_private_process_writes_nobody_else_sees(tmp_path: Path) -> None:
    (tmp_path / "cwd").mkdir()
    (tmp_path / "cwd" / "there").write_text("before")
    (tmp_path / "cwd" / "shared").mkdir()
    marker = f"/var/tmp/{tmp_path.parent.name}-{tmp_path.name}"
    code = f"""
import os, socket
from fuzztui.worker.process.privacy import make_private
make_private({str(tmp_path / "cwd")!r}, [{str(tmp_path / "cwd" / "shared")!r}])
assert open("there").read() == "before"
for name in ("there", "here", "shared/one", {marker!r}):
    with open(name, "w") as file: file.write("after")
assert open("there").read() == "after"
with socket.create_server(("127.0.0.1", 8001)) as server:
    socket.create_connection(("127.0.0.1", 8001)).close()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "cwd" / "there").read_text() == "before"
    assert not (tmp_path / "cwd" / "here").exists()
    assert (tmp_path / "cwd" / "shared" / "one").read_text() == "after"
    assert not Path(marker).exists()


@is_possible
def test_two_workers_with_one_port_and_one_file_find_no_failure(project: MakeProject, tmp_path: Path) -> None:
    source = f"""
import atheris, socket
def TestOneInput(data):
    with socket.create_server(("127.0.0.1", 8001)), open("{tmp_path}/fixed", "wb") as file:
        file.write(data)
        file.flush()
        with open("{tmp_path}/fixed", "rb") as again:
            if again.read() != data:
                raise RuntimeError("another's")
atheris.Setup([""], TestOneInput)
atheris.Fuzz()
"""
    made = project(source)
    target = PythonTarget(made.folder / "fuzz_it.py", "fuzz_it", made.folder, form=Form.ATHERIS, is_exclusive=True)
    run = made.run(target=target, workers=2, limit=Limit(executions=1_000))
    assert run.outcome.exit_code == 0, run.outcome
    assert not run.crashers
    assert not (tmp_path / "fixed").exists()
