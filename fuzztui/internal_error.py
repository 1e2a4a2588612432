"""What should not have happened: one sentence for the person, the details for whoever mends it."""

import contextlib
import os
import sys
import tempfile
import traceback
from pathlib import Path

from fuzztui.dependencies import missing_package
from fuzztui.engine.keep import places
from fuzztui.engine.keep.storage import replace
from fuzztui.engine.show.text import Visible, label, one_line, os_error, say
from fuzztui.plain.output import put

DETAILS = "internal-error.log"


def tell(error: BaseException) -> None:
    """Say on standard error what went wrong, and where the details are."""
    if isinstance(error, ImportError) and (sentence := missing_package(error)) is not None:
        put(sys.stderr, say("fuzztui: {}", sentence))
        return
    # What the system refuses is no bug of ours, but nobody could have been expected to foresee it.
    what = os_error(error) if isinstance(error, OSError) else say("internal error: {}", describe(error))
    put(sys.stderr, say("fuzztui: {} ({})", what, _keep(error)))


def describe(error: BaseException | None) -> Visible:
    """An exception in a few words."""
    if error is None:
        return label("unknown error")
    return one_line(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


def _keep(error: BaseException) -> Visible:
    """Write the details where they are found again, and say where, or why there are none."""
    details = "".join(traceback.format_exception(error)).encode("utf-8", "backslashreplace")
    with contextlib.suppress(OSError):
        if folder := places.code_cache_dir():
            replace(Path(folder), DETAILS, details, durable=False)
            return say("details: {}", Path(folder) / DETAILS)
    try:
        descriptor, name = tempfile.mkstemp(prefix="fuzztui-", suffix=f"-{DETAILS}")
        with os.fdopen(descriptor, "wb") as file:
            file.write(details)
    except OSError as why:
        return say("no details: {}", os_error(why))
    return say("details: {}", name)
