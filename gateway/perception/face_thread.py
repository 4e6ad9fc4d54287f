"""The one thread that owns the face models; recognising and enrolling take turns on it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

from gateway.perception.faces import FacePipeline

Result = TypeVar("Result")


class FaceThread:
    """`async with FaceThread(open_pipeline) as faces: await faces.call(lambda pipeline: ...)`.

    `open_pipeline` runs on the thread at entry, since a backend has one owner thread for its whole life; what it
    raises comes out of `__aenter__`. Work of a cancelled caller still runs to its end.
    """

    def __init__(self, open_pipeline: Callable[[], FacePipeline]) -> None:
        self._open = open_pipeline
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="faces")
        self._pipeline: FacePipeline | None = None

    async def __aenter__(self) -> Self:
        try:
            self._pipeline = await self._on_thread(self._open)
        except BaseException:  # also a cancellation: the thread must not be left behind
            self._thread.shutdown(wait=False)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._pipeline is not None:
            await self._on_thread(self._pipeline.close)
        await asyncio.to_thread(self._thread.shutdown)

    async def call(self, work: Callable[[FacePipeline], Result]) -> Result:
        """The result of `work` on the thread; what it raises goes through."""
        pipeline = self._pipeline
        if pipeline is None:
            raise RuntimeError("the face thread has not been entered")
        return await self._on_thread(lambda: work(pipeline))

    async def _on_thread(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
