"""Notices that the machinery of a run itself has failed: its state may be wrong then, so nothing is decided on it."""

import asyncio
from typing import Any


class Breakage:
    """The first failure. Constructed and used on the run's loop, whose callbacks are looked after, too."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._callback_failed)
        self.first: asyncio.Future[BaseException] = loop.create_future()

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self.first.done()

    def note(self, error: BaseException) -> None:
        """Something has failed."""
        if not self.first.done():
            self.first.set_result(error)

    def task_ended(self, task: "asyncio.Task[None]") -> None:
        """A task has come to its end, which may be an exception."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self.note(error)

    def _callback_failed(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.note(context.get("exception") or RuntimeError(context["message"]))
