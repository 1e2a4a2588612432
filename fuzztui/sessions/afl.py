"""A run's figures in the form of AFL++, for the tools that read it: `afl-whatsup`, `afl-plot`, dashboards.

The names and their order are those of AFL++ 4.35. What fuzztui has no figure for is 0, as AFL++ has it where nothing
was counted.
"""

import os
import sys
import time
from typing import Final

from fuzztui import __version__
from fuzztui.engine.keep.storage import Folder, begin_file, remove, remove_folder, replace
from fuzztui.engine.request.options import RunOptions
from fuzztui.engine.show.failure import CrasherKind
from fuzztui.engine.show.snapshot import Snapshot
from fuzztui.engine.show.text import command, visible

STATS: Final = "fuzzer_stats"
PLOT: Final = "plot_data"

PLOT_FIELDS: Final = (
    "relative_time, cycles_done, cur_item, corpus_count, pending_total, pending_favs, map_size, saved_crashes, "
    "saved_hangs, max_depth, execs_per_sec, total_execs, edges_found, total_crashes, servers_count"
)

PLOT_EVERY: Final = 5.0
"""Seconds between two lines, as AFL++ has it; and so many parts of the run's length when that is more."""

PLOT_SHARE: Final = 2_000


class AflFiles:
    """Both files of one run, in a folder beside its recording. OSError as files have it."""

    def __init__(self, folder: Folder, stamp: str, options: RunOptions) -> None:
        """`stamp`: name of the recording, without its suffix."""
        self._folder = Folder(folder.root, (*folder.parts, stamp))
        self._options = options
        self._started = time.time()
        self._next = 0.0
        self._plot: int | None = None
        """Descriptor of the second file."""
        self._peak = 0
        self._minute: tuple[float, int] = (0.0, 0)
        self._last_minute = 0.0

    def write(self, snapshot: Snapshot) -> None:
        """Bring both up to date."""
        self._peak = max([self._peak, *(row.rss or 0 for row in snapshot.workers)])
        elapsed, executions = self._minute
        if snapshot.elapsed - elapsed >= 60:
            self._last_minute = (snapshot.executions - executions) / (snapshot.elapsed - elapsed)
            self._minute = snapshot.elapsed, snapshot.executions
        stats = fuzzer_stats(
            snapshot, self._options, started=self._started, now=time.time(), peak=self._peak, minute=self._last_minute
        )
        replace(self._folder, STATS, stats.encode(), durable=False)
        if snapshot.elapsed >= self._next:
            self._next = snapshot.elapsed + max(PLOT_EVERY, snapshot.elapsed / PLOT_SHARE)
            self._append(plot_line(snapshot))

    def _append(self, line: str) -> None:
        if self._plot is None:
            self._plot = begin_file(self._folder, PLOT)
            line = f"# {PLOT_FIELDS}\n{line}"
        os.write(self._plot, line.encode())

    def close(self) -> None:
        """Nothing is written any more."""
        if self._plot is not None:
            os.close(self._plot)

    @staticmethod
    def remove(folder: Folder, stamp: str) -> None:
        """Remove those of an earlier run."""
        own = Folder(folder.root, (*folder.parts, stamp))
        for name in (STATS, PLOT):
            remove(own, name)
        remove_folder(folder, stamp)


def plot_line(snapshot: Snapshot) -> str:
    """One line of `plot_data`."""
    edges = 100 * snapshot.edges / snapshot.edges_total if snapshot.edges_total else 0.0
    fields = [
        int(snapshot.elapsed),
        snapshot.queue.cycles,
        snapshot.queue.turn,
        snapshot.corpus,
        snapshot.queue.pending,
        0,
        f"{edges:.2f}%",
        _saved(snapshot) - _hangs(snapshot),
        _hangs(snapshot),
        0,
        f"{snapshot.rate or 0.0:.2f}",
        snapshot.executions,
        snapshot.edges,
        snapshot.hits,
        sum(row.state.is_live for row in snapshot.workers),
    ]
    return ", ".join(map(str, fields)) + "\n"


def fuzzer_stats(
    snapshot: Snapshot, options: RunOptions, *, started: float, now: float, peak: int, minute: float
) -> str:
    """The file `fuzzer_stats`; `started` and `now` in seconds since 1970, `peak` in bytes, `minute`: executions per
    second in the last one.
    """
    found = [crasher.elapsed for crasher in snapshot.crashers if crasher.failure.kind is not CrasherKind.TIMEOUT]
    hung = [crasher.elapsed for crasher in snapshot.crashers if crasher.failure.kind is CrasherKind.TIMEOUT]
    edges = 100 * snapshot.edges / snapshot.edges_total if snapshot.edges_total else 0.0
    since_new = snapshot.last_new if snapshot.last_new is not None else snapshot.elapsed
    last_crash = max((crasher.executions for crasher in snapshot.crashers), default=0)
    values: dict[str, object] = {
        "start_time": int(started),
        "last_update": int(now),
        "run_time": int(snapshot.elapsed),
        "fuzzer_pid": os.getpid(),
        "cycles_done": snapshot.queue.cycles,
        "cycles_wo_finds": 0,
        "time_wo_finds": int(since_new),
        "fuzz_time": int(snapshot.elapsed),
        "calibration_time": 0,
        "cmplog_time": 0,
        "sync_time": 0,
        "trim_time": 0,
        "execs_done": snapshot.executions,
        "execs_per_sec": f"{snapshot.average_rate or 0.0:.2f}",
        "execs_ps_last_min": f"{minute or snapshot.rate or 0.0:.2f}",
        "corpus_count": snapshot.corpus,
        "corpus_favored": 0,
        "corpus_found": snapshot.corpus_new,
        "corpus_imported": 0,
        "corpus_variable": 0,
        "max_depth": 0,
        "cur_item": snapshot.queue.turn,
        "pending_favs": 0,
        "pending_total": snapshot.queue.pending,
        "stability": f"{100.0 * snapshot.queue.stability:.2f}%",
        "bitmap_cvg": f"{edges:.2f}%",
        "saved_crashes": len(found),
        "saved_hangs": len(hung),
        "total_tmout": sum(one.hits for one in snapshot.crashers if one.failure.kind is CrasherKind.TIMEOUT),
        "last_find": int(now - snapshot.last_new) if snapshot.last_new is not None else 0,
        "last_crash": int(started + max(found)) if found else 0,
        "last_hang": int(started + max(hung)) if hung else 0,
        "execs_since_crash": snapshot.executions - last_crash if found else snapshot.executions,
        "exec_timeout": int(options.timeout * 1000),
        "slowest_exec_ms": 0,
        "peak_rss_mb": peak >> 20,
        "cpu_affinity": -1,
        "edges_found": snapshot.edges,
        "total_edges": snapshot.edges_total,
        "var_byte_count": 0,
        "havoc_expansion": 0,
        "auto_dict_entries": 0,
        "testcache_size": 0,
        "testcache_count": 0,
        "testcache_evict": 0,
        "afl_banner": visible(options.target.name, 200),
        "afl_version": f"fuzztui {__version__}",
        "target_mode": "python",
        "target_command": command(*options.target.command_words),
        "command_line": command(*sys.argv),
    }
    return "".join(f"{name:<18}: {value}\n" for name, value in values.items())


def _hangs(snapshot: Snapshot) -> int:
    return sum(crasher.failure.kind is CrasherKind.TIMEOUT for crasher in snapshot.crashers)


def _saved(snapshot: Snapshot) -> int:
    return len(snapshot.crashers)
