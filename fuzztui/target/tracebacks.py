"""Tracebacks as users want them: their own frames, without those of the fuzzer and the import system."""

import importlib
import os
import traceback

from fuzztui.protocol.private_builtins import PRIVATE_BUILTINS

__builtins__ = PRIVATE_BUILTINS

# Not pathlib: each start of a worker would pay for loading it.
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep  # noqa: PTH100, PTH120


def user_traceback(error: BaseException) -> tuple[str, str]:
    """The error as Python prints it, with its causes and contexts but without frames of ours and the import system's;
    and the one line of it that names type and message.

    Runs code of the error's class, so it may raise anything.
    """
    report = traceback.TracebackException.from_exception(error)
    pending, seen = [report], set[int]()
    while pending:
        one = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        one.stack = traceback.StackSummary.from_list([frame for frame in one.stack if not is_machinery(frame.filename)])
        pending += [nested for nested in (one.__cause__, one.__context__, *(one.exceptions or ())) if nested]
    name = type(error).__name__
    lines = [part.partition("\n")[0] for part in report.format_exception_only()]
    last = next((line for line in lines if line.partition(":")[0].endswith(name)), name)
    return "".join(report.format()), last


def users_places(error: BaseException) -> list[str]:
    """`file:line` of the user's frames that the error came through, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno}" for frame in frames if not is_machinery(frame.filename)]


def place_of(error: BaseException) -> str:
    """`file:line` of the user's code that raised the error, or that it finds wrong; empty if there is none."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno and not is_machinery(error.filename):
        return f"{error.filename}:{error.lineno}"
    places = users_places(error)
    return places[-1] if places else ""


def is_machinery(filename: str) -> bool:
    """Whether a frame of this file is none of the user's business."""
    return filename.startswith(("<frozen importlib", _PACKAGE)) or filename == importlib.__file__
