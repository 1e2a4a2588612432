"""All processes are replaced at once: none is started before the last of the old ones has ended."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from fuzztui.engine.crew.current_code import CurrentCode
from fuzztui.engine.crew.member import HELPER, Intent, Member
from fuzztui.engine.crew.replacing import Replacing
from fuzztui.engine.crew.scout import Scouted
from fuzztui.engine.crew.versions import Loaded
from fuzztui.engine.crew.workplace import Workplace


class Place:
    """A workplace of three members whose processes end when the test says so."""

    def __init__(self) -> None:
        self.members = {worker: self._at_work(worker) for worker in range(3)}
        self.helper = Member(HELPER)
        self.is_replacing = False
        self.state = SimpleNamespace(is_ending=False)
        self.asked: list[int] = []
        """Whose process was asked to end."""

    @staticmethod
    def _at_work(worker: int) -> Member:
        member = Member(worker)
        member.stint = cast(Any, SimpleNamespace())
        return member

    @property
    def everybody(self) -> tuple[Member, ...]:
        return *self.members.values(), self.helper

    def end_process(self, member: Member) -> None:
        if member.stint is not None:
            self.asked.append(member.id)

    def wake(self, *_: object) -> None:
        """They see for themselves."""

    def end_if_all_have(self) -> None:
        """Nobody has."""


async def _turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def replaced(is_ending: bool = False) -> list[str]:
    """What was done, in order, when processes end one after the other."""
    done: list[str] = []

    async def run() -> None:
        place = Place()
        code = SimpleNamespace(switch=lambda _loaded: done.append(f"version, {place.is_replacing=}"))
        replacing = Replacing(cast(Workplace, place), cast(CurrentCode, code), lambda _member: None)

        async def settle() -> None:
            done.append("settle")

        scouted = Scouted(Loaded())
        task = asyncio.create_task(replacing.replace_all(scouted, settle, lambda: done.append("switch")))
        await _turns()
        assert place.asked == [0, 1, 2]
        assert all(member.intent is Intent.RELOAD for member in place.members.values())
        for member in place.members.values():
            done.append(f"{member.id} ends, {place.is_replacing=}")
            member.stint = None
            place.state.is_ending = is_ending
            replacing.left()
            await _turns()
        assert await task is not is_ending
        done.append(f"over, {place.is_replacing=}")

    asyncio.run(run())
    return done


def test_nothing_is_switched_before_the_last_process_has_ended() -> None:
    assert replaced() == [
        "0 ends, place.is_replacing=True",
        "1 ends, place.is_replacing=True",
        "2 ends, place.is_replacing=True",
        "settle",
        "version, place.is_replacing=False",
        "switch",
        "over, place.is_replacing=False",
    ]


def test_a_run_that_has_come_to_its_end_switches_nothing() -> None:
    assert replaced(is_ending=True)[-2:] == ["settle", "over, place.is_replacing=False"]
