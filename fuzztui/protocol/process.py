"""What coordinator and worker agree on about the worker's process."""

import signal
import sys
from typing import Final

EXIT_FAILED: Final = 70
"""Exit status of a worker that cannot do its job (EX_SOFTWARE of sysexits.h)."""

DUMP_SIGNAL: Final = signal.SIGRTMIN + 7 if sys.platform == "linux" else signal.SIGUSR1
"""On this signal a worker writes its stack, also while C code holds the interpreter: the handler is C itself."""

LOOP_SIGNAL: Final = signal.SIGRTMIN + 8 if sys.platform == "linux" else None
"""On this signal a worker looks for the call that its execution does not leave, see `worker.loops`."""
