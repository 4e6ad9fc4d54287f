"""Waking one task of the event loop from any thread."""

import asyncio


class Waker:
    """`wake` from any thread, `wait` in one task; wake-ups before a `wait` are one wake-up."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._woken = asyncio.Event()

    def wake(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._woken.set)
        except RuntimeError:  # the loop is closed: nobody is left to wake
            return

    async def wait(self) -> None:
        await self._woken.wait()
        self._woken.clear()
