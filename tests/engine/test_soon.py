"""What is asked for is done soon, once for all who have asked meanwhile, and no more after the end."""

import asyncio
import threading

import pytest

from fuzztui.engine.running import soon as module
from fuzztui.engine.running.soon import Soon


def test_it_is_done_once_for_all_who_have_asked_and_again_for_who_asks_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY", 0.0)
    done: list[int] = []

    async def ask() -> None:
        soon = Soon(lambda: done.append(1))
        for _ in range(3):
            soon.ask()
        while not done:
            await asyncio.sleep(0)
        assert len(done) == 1
        thread = threading.Thread(target=soon.ask_from_thread)
        thread.start()
        while len(done) < 2:
            await asyncio.sleep(0.001)
        thread.join()

    asyncio.run(ask())


def test_it_is_put_off_where_it_was_done_just_now_and_never_done_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY", 3600.0)
    done: list[int] = []

    async def ask() -> None:
        soon = Soon(lambda: done.append(1))
        soon.ask()
        while not done:
            await asyncio.sleep(0)
        soon.ask()
        await asyncio.sleep(0.01)
        assert len(done) == 1
        soon.close()
        other = Soon(lambda: done.append(2))
        other.ask()
        other.close()
        other.ask()
        await asyncio.sleep(0.01)
        assert done == [1]

    asyncio.run(ask())
