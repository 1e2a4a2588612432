"""When an app in a test has nothing more to do: told by its event loop, which knows, and at once.

Textual's own pilot looks at the processor's time and waits 20 ms for each look, at least three times for a key. That is
most of the time of a test, and on a busy machine it may be wrong.
"""

import asyncio
from typing import Final

from textual._context import active_app

SOON: Final = 0.03
"""Seconds: what a timer does within them is waited for, as the drawing of what has changed is; an app's own clock ticks
less often, mostly.
"""

PATIENCE: Final = 10.0
"""Seconds after which an app that is never quiet is taken as it is. On a busy machine one that draws may take some."""

ROUNDS: Final = 3
"""Times in a row that nothing may be left to do: what another thread has handed over is seen in the next one."""

LEAVING: Final = 0.5
"""Seconds after which an app that leaves is taken as it is: what it has begun to draw may stay begun for ever."""


async def until_quiet(least: float = 0.0, most: float = PATIENCE) -> None:
    """Return once no callback of the running loop is due, nor will be soon. Both limits are in seconds."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    quiet = 0
    while quiet < ROUNDS or loop.time() - start < least:
        pause = _next_pause(loop)
        if loop.time() - start >= (most if not _has_left() else min(most, LEAVING)):
            return
        quiet = quiet + 1 if pause is None else 0
        await asyncio.sleep(pause or 0)


def _has_left() -> bool:
    app = active_app.get(None)
    return app is not None and app._exit


def _next_pause(loop: asyncio.AbstractEventLoop) -> float | None:
    """Seconds until the loop has something to do; None if that is not soon."""
    if loop._ready:  # type: ignore[attr-defined]  # there is no other way to ask
        return 0.0
    due: float | None = min((timer.when() for timer in loop._scheduled if not timer.cancelled()), default=None)  # type: ignore[attr-defined]
    left = due - loop.time() if due is not None else SOON
    return max(0.0, left) if left < SOON else None
