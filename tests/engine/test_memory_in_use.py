"""Memory in use is what only swapping could give back: not what is reserved, not what the kernel can read again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fuzztui.engine.crew import procfs
from fuzztui.engine.crew.usage import UsageSampler, memory_in_use
from fuzztui.protocol.memory import RECORD, SharedMemory, create

MIB = 1 << 20

PRELUDE = """
import ctypes, mmap, multiprocessing, os, subprocess, sys, tempfile, threading, time
from multiprocessing import shared_memory
def touch(m):
    for i in range(0, len(m), 4096): m[i] = 1
def tell(): print(flush=True); sys.stdin.readline()
tell()
"""


@contextmanager
def process(code: str) -> Iterator["tuple[int, subprocess.Popen[str]]"]:
    """A process that waits for a line before it runs this code, and for another one at its end."""
    child = subprocess.Popen(
        [sys.executable, "-c", f"{PRELUDE}{code}\ntell()\n"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with child:
        try:
            assert child.stdout is not None
            child.stdout.readline()
            yield child.pid, child
        finally:
            os.killpg(child.pid, signal.SIGKILL)  # with those that it has forked


def growth(code: str) -> float:
    """MiB that a process has more in use after it has run this code."""
    with process(code) as (pid, child):
        before = memory_in_use(pid, 0, exact=True)
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write("\n")
        child.stdin.flush()
        assert child.stdout.readline() == "\n", "the code has failed"
        after = memory_in_use(pid, 0, exact=True)
    assert before is not None
    assert after is not None
    return (after.size - before.size) / MIB


UNUSED = {
    "a sparse mapping": "m = mmap.mmap(-1, 3 << 30); m[0] = 1",
    "reserved without swap": "m = mmap.mmap(-1, 3 << 30, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000); m[5] = 1",
    "zeroed by calloc": "b = bytes(2 << 30)",
    "stacks of idle threads": "e = threading.Event()\n"
    "for _ in range(300): threading.Thread(target=e.wait, daemon=True).start()",
    "given back": "b = bytearray(b'x') * (300 << 20); del b",
    "a file that is mapped and read": "f = tempfile.TemporaryFile(dir='.'); f.write(b'x' * (200 << 20)); f.flush()\n"
    "m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ); sum(m[::4096])",
    "an address space without access": "m = mmap.mmap(-1, 8 << 30, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 0)",
    "children that share what was there": "b = bytearray(b'x') * (100 << 20)\n"
    "for _ in range(6):\n    if not os.fork(): time.sleep(99)\ntime.sleep(.1)",
}


@pytest.mark.parametrize("code", UNUSED.values(), ids=UNUSED.keys())
@pytest.mark.mostly_soak(3)
def test_what_is_not_in_use_does_not_count(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert growth(code) < 140


USED = {
    "a list": "x = [bytearray(b'x') * MIB for MIB in [1 << 20] * 300]",
    "small objects": "x = [str(i) * 20 for i in range(2_000_000)]",
    "a mapping that is touched": "m = mmap.mmap(-1, 300 << 20); touch(m)",
    "zeroed by malloc": "b = bytearray(300 << 20)",
    "shared memory": "s = shared_memory.SharedMemory(create=True, size=300 << 20); s.unlink(); touch(s.buf)",
    "a file in memory": "fd = os.memfd_create('x'); os.ftruncate(fd, 300 << 20)\n"
    "m = mmap.mmap(fd, 300 << 20); touch(m)",
    "a child": "p = subprocess.Popen([sys.executable, '-c', 'x = bytearray(b\"x\") * (300 << 20); print(); input()'], "
    "stdin=subprocess.PIPE, stdout=subprocess.PIPE); p.stdout.readline()",
    "a thread of C": "l = ctypes.CDLL(None); l.malloc.restype = ctypes.c_void_p\n"
    "t = threading.Thread(target=lambda: ctypes.memset(l.malloc(ctypes.c_size_t(300 << 20)), 1, 300 << 20))\n"
    "t.start(); t.join()",
}


@pytest.mark.parametrize("code", USED.values(), ids=USED.keys())
@pytest.mark.mostly_soak(2)
def test_what_is_in_use_counts_wherever_it_is(code: str) -> None:
    assert 200 < growth(code) < 500


def test_children_are_counted_roughly_where_that_will_do() -> None:
    with process("") as (pid, _):
        alone = memory_in_use(pid, 0, exact=False)
        assert alone is not None
        assert not alone.may_be_less
    me = memory_in_use(procfs.tasks(1)[0], 0, exact=False)
    assert me is None or me.may_be_less


def test_the_engines_own_memory_is_not_the_targets() -> None:
    fd = create(64 * MIB)
    memory = SharedMemory(fd, 64 * MIB)
    code = f"m = mmap.mmap({fd}, {RECORD + 64 * MIB}); touch(m)"
    child = subprocess.Popen(
        [sys.executable, "-c", f"{PRELUDE}{code}\ntell()\n"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        pass_fds=[fd],
    )
    with child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.readline()
        child.stdin.write("\n")
        child.stdin.flush()
        child.stdout.readline()
        counted = memory_in_use(child.pid, 0, exact=False)
        left_out = memory_in_use(child.pid, 64 * MIB, exact=False)
        child.kill()
    memory.close()
    assert counted is not None
    assert left_out is not None
    assert counted.size - left_out.size == 64 * MIB


def test_a_process_that_is_gone_uses_nothing_and_breaks_nothing() -> None:
    with process("") as (pid, _):
        pass
    assert memory_in_use(pid, 0, exact=False) is None
    assert memory_in_use(pid, 0, exact=True) is None
    assert UsageSampler(pid).sample() is None
    assert procfs.waited(pid) == {}


def test_a_process_that_cannot_be_looked_at_closely_is_limited_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(procfs, "share_of_memory", lambda _pid: None)
    code = "p = subprocess.Popen(['sleep', '99']); x = bytearray(b'x') * (100 << 20)"
    assert growth(code) > 90


STATUS = """Name:\tpython VmSwap:	 7 kB
VmRSS:\t    5000 kB
RssAnon:\t    3000 kB
RssFile:\t    1500 kB
RssShmem:\t     500 kB
VmSwap:\t     200 kB
Threads:\t1
HugetlbPages:\t    2048 kB
"""


def test_swapped_and_huge_pages_are_in_use_and_pages_of_files_are_not() -> None:
    assert procfs.parse_memory(STATUS) == procfs.Memory((3000 + 200 + 2048) << 10, 500 << 10)
    assert procfs.parse_memory("Name:\tx VmSwap:\t 7 kB\nRssAnon:\t 9 kB\n") == procfs.Memory(9 << 10, 0)
    assert procfs.parse_memory("VmRSS:\t 10 kB\nVmSwap:\t 1 kB\n") == procfs.Memory(11 << 10, 0)
    assert procfs.parse_memory("Name:\tgone\nState:\tZ (zombie)\n") == procfs.Memory(0, 0)


def test_a_share_is_that_of_pages_which_several_processes_use() -> None:
    rollup = "Rss: 900 kB\nPss: 800 kB\nPss_Anon: 300 kB\nPss_File: 400 kB\nPss_Shmem: 100 kB\nSwapPss: 50 kB\n"
    assert procfs.parse_share(rollup) == procfs.Memory(350 << 10, 100 << 10)
    assert procfs.parse_share("Pss: 800 kB\nSwapPss: 50 kB\n") == procfs.Memory(850 << 10, 0)


def test_the_name_of_a_program_may_hold_anything() -> None:
    fields = " ".join(map(str, range(4, 53)))
    stat = procfs.parse_stat(f"77 (a) R (b c) T {fields}")
    assert (stat.state, stat.major_faults) == ("T", 12)
    assert stat.is_stopped
