"""A small picture for each event worth one, encoded and stored off the loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from gateway.app.recorder import written
from gateway.flow.board import Counters
from gateway.flow.inbox import Inbox
from gateway.flow.priority import behind_the_rest
from gateway.types import Event, Frame, Kind

Rgb = npt.NDArray[np.uint8]

WIDTH_PX = 640
WAITING = 16

_PICTURED = frozenset({Kind.MOTION_BEGAN})


class Media(Protocol):
    async def put(self, name: str, data: bytes) -> None: ...


class Evidence:
    """Names the picture on the event at once and makes it later: no event waits for a JPEG.

    When pictures come faster than they are made, the oldest is dropped ("evidence.dropped" in the counters); the
    page then shows the event without one.
    """

    def __init__(self, media: Media, counters: Counters) -> None:
        self._media = media
        self._counters = counters
        self._jobs: Inbox[tuple[str, Callable[[], Rgb]]] = Inbox(asyncio.get_running_loop(), WAITING)

    def of_frame(self, event: Event, frame: Frame) -> Event:
        """The event, naming a picture of the whole frame where its kind deserves one."""
        if event.kind not in _PICTURED:
            return event
        return replace(event, evidence=self.keep(event.id, lambda: frame.chroma.rgb(0, 0, *frame.size)))

    def keep(self, event_id: str, picture: Callable[[], Rgb]) -> str:
        """The name under which the RGB `(H, W, 3)` picture will be stored. Thread-safe."""
        name = f"{event_id}.jpg"
        self._jobs.put((name, picture))
        return name

    def close(self) -> None:
        self._jobs.close()

    async def run(self, beat: Callable[[], None]) -> None:
        """Until closed and everything is stored."""
        with ThreadPoolExecutor(1, thread_name_prefix="evidence", initializer=behind_the_rest) as thread:
            async for name, picture in self._jobs:
                beat()
                data = await asyncio.get_running_loop().run_in_executor(thread, _encoded, picture)
                await written("picture", self._media.put(name, data), self._counters)
        self._counters.add("evidence.dropped", self._jobs.dropped)


def _encoded(picture: Callable[[], Rgb]) -> bytes:
    # Here, so that who has no camera loads no codecs.
    from gateway.sources.still import jpeg

    return jpeg(picture(), WIDTH_PX)
