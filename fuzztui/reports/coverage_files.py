"""Writes what was measured where other tools read it: coverage.py's data and pages, LCOV, JSON, a table."""

import tempfile
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fuzztui.engine.show.coverage import Amount, Function, MeasuredFile
from fuzztui.engine.show.text import Visible, label, say

MODULE: str = "(module)"
"""What is in no function, in files that name each function."""


def is_library_there() -> bool:
    """Whether coverage.py is installed, which writes its data and pages."""
    return find_spec("coverage") is not None


def write_data(path: Path, files: Sequence[MeasuredFile]) -> None:
    """Write coverage.py's data, in place of what is there. OSError where it cannot be written."""
    from coverage import CoverageData
    from coverage.exceptions import CoverageException

    folder = Path(tempfile.mkdtemp(prefix=".coverage-", dir=path.parent))
    made = folder / "data"
    try:
        data = CoverageData(basename=str(made))
        data.add_arcs({each.file: list(each.arcs) for each in files})
        data.touch_files([each.file for each in files])
        data.write()
        data.close(force=True)
        made.replace(path)
    except CoverageException as error:
        raise OSError(0, str(error), str(path)) from None
    finally:
        for left in folder.iterdir():
            left.unlink()
        folder.rmdir()


def write_html(folder: Path, files: Sequence[MeasuredFile]) -> None:
    """Write coverage.py's pages. OSError where they cannot be written."""
    from coverage import Coverage
    from coverage.exceptions import CoverageException

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fuzztui-") as temporary:
        path = Path(temporary) / "data"
        write_data(path, files)
        coverage = Coverage(data_file=str(path), branch=True, config_file=False, messages=False)
        coverage.load()
        try:
            coverage.html_report(directory=str(folder), ignore_errors=True)
        except CoverageException as error:
            raise OSError(0, str(error), str(folder)) from None


def write_lcov(path: Path, files: Iterable[MeasuredFile]) -> None:
    """Write LCOV's form. OSError where it cannot be written."""
    path.write_text(lcov(files), encoding="utf-8", errors="surrogateescape")


def lcov(files: Iterable[MeasuredFile]) -> str:
    """The tracefile of LCOV: functions, branches and lines with how often each was executed."""
    return "".join(f"{line}\n" for each in files for line in _lcov_of(each))


def _lcov_of(file: MeasuredFile) -> Iterable[str]:
    times = dict(file.lines)
    yield "TN:"
    yield f"SF:{file.file}"
    functions = file.functions[1:]
    for function in functions:
        yield f"FN:{function.first},{function.last},{function.name}"
    for function in functions:
        yield f"FNDA:{1 if function.amount.covered else 0},{function.name}"
    yield f"FNF:{len(functions)}"
    yield f"FNH:{sum(function.amount.covered > 0 for function in functions)}"
    for line, to, taken in file.ways:
        way = f"jump to line {to}" if to > 0 else "return from function"
        yield f"BRDA:{line},0,{way},{taken if times.get(line) else '-'}"
    if file.ways:
        yield f"BRF:{file.amount.branches}"
        yield f"BRH:{file.amount.taken}"
    for line, count in file.lines:
        yield f"DA:{line},{count}"
    yield f"LF:{file.amount.statements}"
    yield f"LH:{file.amount.covered}"
    yield "end_of_record"


def fields(files: Iterable[MeasuredFile]) -> list[dict[str, Any]]:
    """Files in the form of the JSON output."""
    return [
        {
            "file": each.file,
            "module": each.module,
            **_amount(each.amount),
            "missing_lines": [line for line, times in each.lines if not times],
            "missing_branches": [[line, to] for line, to, times in each.ways if not times],
            "left_out": [str(name) for name in each.left_out],
            "changed": each.is_changed,
            "functions": [
                {"name": one.name or MODULE, "first": one.first, "last": one.last, **_amount(one.amount)}
                for one in each.functions
            ],
        }
        for each in files
    ]


def _amount(amount: Amount) -> dict[str, Any]:
    return {
        "statements": amount.statements,
        "covered": amount.covered,
        "branches": amount.branches,
        "taken": amount.taken,
        "partial": amount.partial,
        "percent": round(100 * amount.share, 2),
    }


def table(files: Sequence[MeasuredFile]) -> list[Visible]:
    """A line for each file, and one for all, as coverage.py reports them."""
    rows = [(each.place, each.amount) for each in files]
    total = (label("total"), sum((amount for _, amount in rows), Amount()))
    width = max(len(name) for name, _ in (*rows, total))
    words = ("statements", "missing", "branches", "partial", "covered")
    head = say("{}  {:>10}  {:>7}  {:>8}  {:>7}  {:>7}", "file".ljust(width), *words)
    return [head, *[_row(name, amount, width) for name, amount in (*rows, total)]]


def _row(name: Visible, amount: Amount, width: int) -> Visible:
    return say(
        "{}{}  {:>10,}  {:>7,}  {:>8,}  {:>7,}  {:>6.1f}%",
        name,
        " " * (width - len(name)),
        amount.statements,
        amount.missing,
        amount.branches,
        amount.partial,
        100 * amount.share,
    )


def most_missing(files: Iterable[MeasuredFile], most: int) -> list[Function]:
    """The functions with the most statements and branches that no input reaches."""
    found = [each for file in files for each in file.functions[1:] if _missing(each)]
    return sorted(found, key=lambda each: (-_missing(each), each.place, each.first))[:most]


def _missing(function: Function) -> int:
    return function.amount.missing + function.amount.missing_branches
