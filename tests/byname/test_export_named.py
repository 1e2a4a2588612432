"""The test that is written of a crasher calls the function by its name, and fails as it does."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fuzztui.engine.request.target import NamedTarget, python_target
from fuzztui.engine.triage.exporting import Limits, export_test
from fuzztui.target.named.source import find_named
from fuzztui.target.named.spec import named, roots
from fuzztui.target.values import encode
from tests.engine.work.scripted import failure


def written(package: Path, spec: str, values: Sequence[Any], *raises: str, all_parameters: bool = False) -> Path:
    one = named(spec)
    assert one is not None
    one = replace(one, all_parameters=all_parameters, raises=raises)
    target = python_target(find_named(one, roots(package, package)))
    assert isinstance(target, NamedTarget)
    limits = Limits(10.0, None)
    return export_test(target, failure(), encode(tuple(values)), limits, package / ".fuzztui").path


def outcome(file: Path) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # none is needed, and all take most of the time
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout.splitlines()[-1] if done.returncode < 2 else done.stdout + done.stderr


CALLS = [
    ("pkg.mod:parse", ("a",), (), False, 'parse("a")'),
    ("pkg.mod:parse", ("a", True, 5), (), True, 'parse("a", True, depth=5)'),
    ("pkg:parse", ("a",), ("docstring",), False, "except Wrong:"),
    ("pkg.mod:by_name", (b"x",), ("docstring", "KeyError"), False, "except (Wrong, KeyError):"),
    ("pkg.mod:Parser.parse", (True, "x"), (), False, 'Parser(True).parse("x")'),
    ("pkg.mod:Parser.make", ("x",), (), False, 'Parser.make("x")'),
    ("pkg.mod:Parser", (True,), (), False, "Parser(True)"),
    ("pkg.mod:later", (b"x",), (), False, 'asyncio.run(later(b"x"))'),
    ("pkg.mod:endless", (1,), (), False, "list(itertools.islice(endless(1), 10000))"),
    ("pkg.mod:Order.total", ("x", 2.0), (), False, "Order.total(*values, **by_name)"),
]


@pytest.mark.parametrize(("spec", "values", "raises", "all_parameters", "line"), CALLS, ids=lambda each: str(each))
def test_call_is_written_as_the_source_has_it(
    package: Path, spec: str, values: tuple[Any, ...], raises: tuple[str, ...], all_parameters: bool, line: str
) -> None:
    file = written(package, spec, values, *raises, all_parameters=all_parameters)
    assert line in file.read_text()
    compile(file.read_text(), str(file), "exec")


def test_written_tests_run(package: Path) -> None:
    (package / "tests").mkdir()
    for spec, values, raises, all_parameters, _ in CALLS:
        one = written(package, spec, values, *raises, all_parameters=all_parameters)
        one.rename(one.with_stem(f"{one.stem}_{len(values)}{len(raises)}"))
    module = package / "src/pkg/mod.py"
    module.write_text(module.read_text().replace("        return self.strict, self.size", "        1 / 0"))
    assert outcome(package / "tests").startswith("1 failed, 9 passed")
