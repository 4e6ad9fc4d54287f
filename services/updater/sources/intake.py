"""From wherever a bundle is to where only root can exchange it."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from gateway.errors import Refused
from gateway.wire.update import FileName, Origin
from services.updater.installer import Progress
from services.updater.memory import Attempt, Release
from services.updater.provision import disk
from services.updater.sources import files, index
from services.updater.sources.download import Downloads
from services.updater.sources.sticks import Sticks

_T = TypeVar("_T")


class BundleIntake:
    """See `parts.Intake`. `folder` is root's alone, `inbox` the daemon's; `fetcher` as in `Downloads`."""

    def __init__(self, folder: Path, inbox: Path, sticks: Sticks, fetcher: tuple[int, int] | None = None) -> None:
        self.bundle = folder / "bundle.raucb"
        self._folder, self._inbox, self._sticks = folder, inbox, sticks
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="updater-files")
        # Apart, so that whoever asks how far a copy has come does not wait for its end.
        self._looks = ThreadPoolExecutor(1, thread_name_prefix="updater-sticks")
        self._downloads = Downloads(self._threads, fetcher)

    def check(self, attempt: Attempt) -> None:
        if attempt.name is not None and not files.is_there(self._folder_of(attempt), attempt.name):
            raise Refused("bundle_missing", file=attempt.name)

    async def bring(self, attempt: Attempt, progress: Progress) -> None:
        part = self._folder / f"{attempt.sha256 or 'copy'}.part"
        await self._threaded(lambda: self._keep_only(part))
        if attempt.url is not None and attempt.sha256 is not None:
            await self._downloads.to_file(attempt.url, attempt.sha256, part, progress)
        else:
            await self._threaded(lambda: self._copy(attempt, part, progress))
        await self._threaded(lambda: self._settle(part))

    async def took(self, attempt: Attempt) -> None:
        name = attempt.name
        if attempt.origin is Origin.UPLOAD and name is not None:
            await self._threaded(lambda: files.drop(self._inbox, name))

    async def tidy(self) -> None:
        await self._threaded(lambda: self._keep_only(None))

    async def sticks(self) -> Sequence[FileName]:
        return await asyncio.get_running_loop().run_in_executor(self._looks, self._sticks.names)

    async def look(self, index_url: str, board: str) -> Release:
        index.check_index(index_url)
        return index.offered(await self._downloads.to_memory(index_url, index.MOST_BYTES), index_url, board)

    def close(self) -> None:
        self._threads.shutdown(wait=False)
        self._looks.shutdown(wait=False)

    def _copy(self, attempt: Attempt, part: Path, progress: Progress) -> None:
        assert attempt.name is not None, attempt
        digest = files.take_over(self._folder_of(attempt), attempt.name, part, progress)
        if attempt.sha256 not in {None, digest}:
            part.unlink()
            raise Refused("hash_mismatch", sha256=digest)

    def _folder_of(self, attempt: Attempt) -> Path:
        assert attempt.name is not None, attempt
        return self._inbox if attempt.origin is Origin.UPLOAD else self._sticks.folder_of(attempt.name)

    def _keep_only(self, part: Path | None) -> None:
        disk.folder(self._folder, mode=0o700)
        for file in self._folder.iterdir():
            if file != part:
                file.unlink()

    def _settle(self, part: Path) -> None:
        part.replace(self.bundle)
        disk.sync(self._folder)

    async def _threaded(self, work: Callable[[], _T]) -> _T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except OSError as error:
            raise files.refusal(error) from None
