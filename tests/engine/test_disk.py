"""What waits for the disk is done in order, on a thread of its own, and whoever ends a run waits for it."""

import asyncio
import threading
from functools import partial

import pytest

from fuzztui.engine.keep.disk import AtOnce, Disk


async def test_jobs_are_done_in_order_off_the_loop_and_told_of_on_it() -> None:
    disk = Disk("disk")
    done: list[tuple[int, str]] = []
    threads: list[str] = []

    def job(number: int) -> int:
        threads.append(threading.current_thread().name)
        return number

    def tell(number: int) -> None:
        done.append((number, threading.current_thread().name))

    for number in range(20):
        disk.do(partial(job, number), tell)
    assert disk.pending == 20
    assert await disk.idle(10)
    assert [number for number, _ in done] == list(range(20))
    assert set(threads) == {"disk"}
    assert {name for _, name in done} == {threading.current_thread().name}
    assert (disk.pending, disk.waits) == (0, 0.0)
    disk.close()


async def test_the_loop_goes_on_while_the_disk_hangs_and_waiting_has_an_end() -> None:
    disk, answers = Disk("disk"), threading.Event()
    done: list[bool] = []
    disk.do(answers.wait, done.append)
    disk.do(lambda: True, done.append)
    assert not await disk.idle(0.05)
    assert (disk.pending, done) == (2, [])
    assert not await disk.idle(0.05), "it has waited long enough already"
    answers.set()
    assert await disk.idle(10)
    assert done == [True, True]
    disk.close()


async def test_who_waits_has_patience_with_a_disk_that_gets_on() -> None:
    disk = Disk("disk")
    gate = threading.Semaphore(0)
    done: list[int] = []

    def job(number: int) -> int:
        assert gate.acquire(timeout=10)
        return number

    for number in range(6):
        disk.do(partial(job, number), done.append)

    async def get_on() -> None:
        for _ in range(6):
            await asyncio.sleep(0.2)
            gate.release()

    getting_on = asyncio.create_task(get_on())
    assert await disk.idle(0.9), "1.2 seconds in all, and never 0.9 without a file"
    assert done == list(range(6))
    await getting_on
    disk.close()


async def test_what_comes_of_a_job_may_give_the_next_one() -> None:
    disk = Disk("disk")
    done: list[str] = []

    def go_on(first: str) -> None:
        done.append(first)
        disk.do(lambda: "second", done.append)

    disk.do(lambda: "first", go_on)
    assert await disk.idle(10)
    assert done == ["first", "second"]
    disk.close()


@pytest.mark.parametrize("where", ["job", "done"])
async def test_a_failure_of_our_own_reaches_the_loop_and_the_next_job_is_done(where: str) -> None:
    disk = Disk("disk")
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failures.append(context["exception"]))

    def fail(_: object = None) -> None:
        raise ZeroDivisionError

    done: list[int] = []
    disk.do(fail if where == "job" else lambda: None, fail if where == "done" else lambda _: None)
    disk.do(lambda: 1, done.append)
    assert await disk.idle(10)
    assert [type(failure) for failure in failures] == [ZeroDivisionError]
    assert done == [1]
    disk.close()


def test_what_a_disk_does_after_the_loop_has_ended_is_told_to_nobody() -> None:
    begun, answers, late = threading.Event(), threading.Event(), threading.Event()
    done: list[None] = []

    def job() -> None:
        begun.set()
        answers.wait(10)
        late.set()

    async def run() -> None:
        disk = Disk("disk of a loop that ends")
        disk.do(job, done.append)
        assert begun.wait(10)
        disk.close()

    asyncio.run(run())
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "disk of a loop that ends"]
    answers.set()
    thread.join(10)
    assert late.is_set()
    assert not thread.is_alive()
    assert done == []


def test_without_a_disk_to_wait_for_each_job_is_done_at_once() -> None:
    done: list[int] = []
    AtOnce().do(lambda: 7, done.append)
    assert (done, AtOnce().pending) == ([7], 0)
