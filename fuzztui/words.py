"""Sentences and figures that the dashboard, the plain lines and the command line say alike. Pure functions."""

from fuzztui.engine import text
from fuzztui.engine.snapshot import CrasherKind, Outcome, Snapshot

ENDED_BY_CRASHER = frozenset({"crasher", CrasherKind.TIMEOUT.value, CrasherKind.MEMORY.value})
"""Why a process ends with its input: the crasher is told by itself, and the process is replaced in any case."""

MESSAGE_CHARACTERS = 300
TRACEBACK_LINES = 60
TRACEBACK_HEAD = 5
"""Lines kept of a longer traceback's beginning: the header and two frames."""

TRACEBACK_CHARACTERS = 4_000


def plural(number: int, noun: str) -> str:
    """`1 hit`, `2 hits`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def account(outcome: Outcome, failing_seeds: int) -> str:
    """What became of the crashers that workers reported. Failing seeds were there before the run: they are no part of
    that sum, and named apart.
    """
    new = "new " if failing_seeds else ""
    sum_up = (
        f"{plural(outcome.received, f'{new}crasher')} received = "
        f"{outcome.stored} stored + {plural(outcome.duplicates, 'duplicate')}"
    )
    if outcome.unsaved:
        sum_up += f" + {outcome.unsaved} NOT STORED"
    return f"{plural(failing_seeds, 'failing seed')}; {sum_up}" if failing_seeds else sum_up


def run_rate(snapshot: Snapshot) -> float | None:
    """Executions per second: of the last seconds while the run goes on, of all of it where there is no such figure."""
    if snapshot.rate is not None and snapshot.outcome is None:
        return snapshot.rate
    return snapshot.executions / snapshot.elapsed if snapshot.elapsed > 0 else None


def short_message(message: str) -> str:
    """A crasher's message where many are listed; its record has all of it."""
    return text.visible(message, MESSAGE_CHARACTERS)


def short_traceback(traceback: str) -> list[str]:
    """Lines of a traceback as many as are read: its beginning, and the end that names the failing line; its record has
    all of it.
    """
    lines = [text.visible(line, MESSAGE_CHARACTERS) for line in traceback.rstrip().splitlines()]
    if len(lines) <= TRACEBACK_LINES and sum(map(len, lines)) <= TRACEBACK_CHARACTERS:
        return lines
    head = lines[:TRACEBACK_HEAD]
    rest = lines[TRACEBACK_HEAD:]
    room = TRACEBACK_CHARACTERS - sum(map(len, head))
    kept = 0
    for line in reversed(rest):
        room -= len(line)
        if room < 0 or kept == TRACEBACK_LINES - TRACEBACK_HEAD - 1:
            break
        kept += 1
    left_out = len(rest) - kept
    note = [f"… {plural(left_out, 'line')} left out: the crash record has all of them"] if left_out else []
    return [*head, *note, *rest[left_out:]]
