"""Why the gateway comes to its end: because it was told to stop, or to go on with other settings."""

import asyncio


class Ending:
    """`begun` is set by either; who was told to stop stops. Called in the loop."""

    def __init__(self, begun: asyncio.Event | None = None) -> None:
        self.begun = begun or asyncio.Event()
        self.anew = False
        self._final = False

    def stop(self) -> None:
        self._final = True
        self.anew = False
        self.begun.set()

    def restart(self) -> None:
        self.anew = not self._final
        self.begun.set()
