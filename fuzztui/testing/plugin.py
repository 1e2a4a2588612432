"""The hooks of the pytest plugin, loaded with every pytest in whose environment fuzztui is installed.

Whoever has no targets pays for one look at the name, and at most the text, of each file that pytest collects.
"""

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from fuzztui.testing.collecting import TargetFile

MODES: Final = ("auto", "worker", "off")

_FILES: Final = ["fuzz_*.py"]

MARK: Final = "fuzztui"

_NAMED_TARGET: Final = re.compile(rb"\bdef\s+fuzz_|atheris|FuzzerRunOne|pythonfuzz|\bafl\b")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options and settings of ours."""
    group = parser.getgroup("fuzztui", "fuzz targets")
    group.addoption(
        "--fuzztui",
        choices=MODES,
        default=None,
        dest="fuzztui_mode",
        help="where seeds and stored inputs of fuzz targets run: in this process, but for those known to end it "
        "(auto); each in a worker process (worker); nowhere (off)",
    )
    parser.addini("fuzztui", "the same as --fuzztui", default="auto")
    parser.addini(
        "fuzztui_files",
        "names of files to look for fuzz targets in, besides those of python_files",
        type="args",
        default=_FILES,
    )
    parser.addini("fuzztui_timeout", "the longest that one input may take: 1m30s, or 10s where none is set", default="")


def pytest_configure(config: pytest.Config) -> None:
    """The mark that all our tests bear, so that `-m` can choose them or leave them out."""
    config.addinivalue_line("markers", f"{MARK}: a seed or a stored input of a fuzz target")
    mode = _mode(config)
    if mode not in MODES:
        raise pytest.UsageError(f"fuzztui = {mode}: want one of {', '.join(MODES)}")
    timeout: str = config.getini("fuzztui_timeout")
    if timeout:
        from fuzztui.words.units import parse_seconds

        try:
            parse_seconds(timeout)
        except ValueError as error:
            raise pytest.UsageError(f"fuzztui_timeout: {error}") from None


def _mode(config: pytest.Config) -> str:
    mode: str = config.getoption("fuzztui_mode") or config.getini("fuzztui")
    return mode


@pytest.hookimpl(trylast=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "TargetFile | None":
    """The tests of a file's targets. The file is read, and not imported."""
    is_wanted = _is_named(file_path, parent, "fuzztui_files", "python_files") or parent.session.isinitpath(file_path)
    return _collected(file_path, parent) if is_wanted else None


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """A file of targets alone, given on the command line: that it cannot be imported is told by the targets' tests."""
    if not _is_named(module_path, parent, "fuzztui_files") or _is_named(module_path, parent, "python_files"):
        return None
    if _collected(module_path, parent) is None:
        return None
    from fuzztui.testing.collecting import HarnessModule

    module: pytest.Module = HarnessModule.from_parent(parent, path=module_path)
    return module


def _collected(file: Path, parent: pytest.Collector) -> "TargetFile | None":
    if file.suffix != ".py" or _mode(parent.config) == "off":
        return None
    try:
        source = file.read_bytes()
    except OSError:
        return None  # pytest tells of it, if it wants the file
    if b"fuzztui" not in source and _NAMED_TARGET.search(source) is None:
        return None
    from fuzztui.testing.collecting import collected  # the first file that may have targets pays for all of it

    return collected(file, parent, source)


def _is_named(file: Path, parent: pytest.Collector, *settings: str) -> bool:
    """Whether a file is called as one of these settings says."""
    return any(_matches(file, pattern) for setting in settings for pattern in parent.config.getini(setting))


def _matches(file: Path, pattern: str) -> bool:
    """By its name, or by the end of its path where the pattern has folders."""
    return fnmatch(str(file), f"*/{pattern}") if "/" in pattern else fnmatch(file.name, pattern)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, name: str) -> list[pytest.Item] | None:
    """A target that is named as a test is none of pytest's own, whose arguments would be fixtures."""
    if not isinstance(collector, pytest.Module):
        return None
    from_ours = collector.config.stash.get(TARGETS, None)
    if from_ours is None or name not in from_ours.get(collector.path, ()):
        return None
    return []


TARGETS: Final = pytest.StashKey[dict[Path, frozenset[str]]]()
"""Names of the targets of each file that has any."""
