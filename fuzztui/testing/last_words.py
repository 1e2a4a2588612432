"""Says what pytest cannot say: which test has ended its process.

A shell that reads the name of each test as it begins, and an empty line as it ends, prints the last name if its input
ends after one. It has a session of its own, so that Ctrl-C does not end it first.
"""

import contextlib
import subprocess
from typing import Final

_PROGRAM: Final = """
while IFS= read -r line; do last=$line; done
[ -z "$last" ] || printf '\\nfuzztui: %s has ended the process of pytest; %s\\n' "$last" "$0" >&2
"""


class LastWords:
    """Nothing here is worth failing for: where there is no shell nothing is said."""

    def __init__(self, advice: str) -> None:
        """`advice` is the end of the sentence. The shell's standard error is what this process has now."""
        self._shell: subprocess.Popen[bytes] | None = None
        with contextlib.suppress(OSError):
            self._shell = subprocess.Popen(
                ["/bin/sh", "-c", _PROGRAM, advice],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )

    def begin(self, test: str) -> None:
        """The test runs from now on."""
        self._write(test.replace("\n", " ").encode("utf-8", "backslashreplace") + b"\n")

    def end(self) -> None:
        """It does not any more."""
        self._write(b"\n")

    def _write(self, line: bytes) -> None:
        if self._shell is not None and self._shell.stdin is not None:
            with contextlib.suppress(OSError, ValueError):
                self._shell.stdin.write(line)
                self._shell.stdin.flush()

    def close(self) -> None:
        """The process ends in order."""
        if self._shell is not None:
            with contextlib.suppress(OSError):
                self._shell.communicate(timeout=5)
