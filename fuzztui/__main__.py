"""The program: `python -m fuzztui`, and the command `fuzztui`."""

import os
import signal
import sys
from types import FrameType


def main() -> None:
    """Be the program, from its first signal to its exit status. Does not return."""
    _fill_standard_descriptors()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
    try:
        _run()
    except BaseException as error:  # parts of the program are missing, those that tell of it among them
        sys.excepthook(type(error), error, error.__traceback__)
    os._exit(70)


def _run() -> None:
    # Loaded only now: all the rest of the program takes a quarter of a second, in which a signal may arrive.
    from fuzztui.signals import ATTENDANT

    try:
        ATTENDANT.begin()
        from fuzztui.cli import command_line
        from fuzztui.plain.output import take_over

        take_over()
        status = command_line()
    except BaseException as error:
        status = _told(error)
    ATTENDANT.leave(status)


def _end(number: int, _frame: FrameType | None) -> None:
    """End the process, which has nothing to lose yet."""
    os._exit(128 + number)


def _told(error: BaseException) -> int:
    """Tell of what should not have happened, in one sentence; the exit status."""
    from fuzztui.engine.show.exit_status import FAILED
    from fuzztui.internal_error import tell

    tell(error)
    return FAILED


def _fill_standard_descriptors() -> None:
    """Open what was closed before the program began: otherwise a file of ours would get a standard stream's number,
    and a child process would write there.

    Standard output takes nothing then, and whoever prints there learns of it. Who has closed standard error has said
    that nobody is to be told.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if descriptor == 1 else os.O_RDWR)  # the lowest free number: this one
            if descriptor == 1:
                sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - a stream


if __name__ == "__main__":
    main()
