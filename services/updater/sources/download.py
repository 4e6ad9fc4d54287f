"""A download that goes on where it broke off, also after a restart; see `fetch` for who talks to the server."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from gateway.errors import GatewayError, Refused, Transient
from services.updater.installer import Progress
from services.updater.sources.files import MOST_BUNDLE_BYTES, refusal
from services.updater.sources.growing import Growing

_CHUNK = 1 << 20
_STALL_S = 120.0
"""Of the process that fetches; it has a shorter one for the server."""

_T = TypeVar("_T")


class Downloads:
    """`fetcher` is who talks to servers, a user and a group; None is whoever runs this. `threads` is where files are
    written."""

    def __init__(self, threads: Executor, fetcher: tuple[int, int] | None = None) -> None:
        self._threads, self._rights = threads, {} if fetcher is None else _rights(*fetcher)

    async def to_file(self, url: str, sha256: str, file: Path, progress: Progress) -> None:
        """Have `file` whole, on the disk and with this hash; what is in it already is the beginning.

        Raises `Transient("download_failed")` with what came so far in `file`, and `Refused`: "download_failed" (the
        server will not), "download_insecure", "bundle_too_large", "hash_mismatch", "disk_full"."""
        growing = Growing(file)
        try:
            had = await self._threaded(growing.size)
            async with self._fetching(url, had, MOST_BUNDLE_BYTES) as (header, stream):
                begins, total = _extent(header, had)
                await self._threaded(lambda: growing.begin(begins, total))
                digest = await self._append(stream, growing, begins, total, progress)
            if digest != sha256:
                await self._threaded(growing.drop)
        except OSError as error:
            raise refusal(error) from None
        if digest != sha256 and begins:
            raise Transient("download_failed", cause="the parts do not belong together")
        if digest != sha256:
            raise Refused("hash_mismatch", sha256=digest)

    async def _append(
        self, stream: asyncio.StreamReader, growing: Growing, done: int, total: int | None, progress: Progress
    ) -> str:
        try:
            while chunk := await _read(stream):
                done += len(chunk)
                if done > MOST_BUNDLE_BYTES:
                    raise Refused("bundle_too_large", most_bytes=MOST_BUNDLE_BYTES)
                await self._threaded(partial(growing.take, chunk))
                if total:
                    progress(min(done / total, 1.0))
        finally:
            digest = await self._threaded(growing.settle)
        return digest

    async def _threaded(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def to_memory(self, url: str, most: int) -> bytes:
        """Raises as `to_file`."""
        async with self._fetching(url, 0, most) as (_header, stream):
            data = bytearray()
            while chunk := await _read(stream):
                data += chunk
                if len(data) > most:
                    raise Refused("download_too_large", most_bytes=most)
        return bytes(data)

    @asynccontextmanager
    async def _fetching(
        self, url: str, offset: int, most: int
    ) -> AsyncGenerator[tuple[dict[str, Any], asyncio.StreamReader]]:
        """The header and the bytes. What the process complains of is raised at the end, where nothing else was."""
        child = await self._child()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(json.dumps({"url": url, "offset": offset, "most": most}).encode())
            child.stdin.close()
            yield await _header(child), child.stdout
            await _check_end(child)
        finally:
            if child.returncode is None:
                child.kill()
            await child.wait()

    async def _child(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            "services.updater.sources.fetch",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_CHUNK,
            cwd="/",
            **self._rights,
        )


def _rights(user: int, group: int) -> dict[str, Any]:
    return {"user": user, "group": group, "extra_groups": ()}


async def _read(stream: asyncio.StreamReader) -> bytes:
    try:
        async with asyncio.timeout(_STALL_S):
            return await stream.read(_CHUNK)
    except TimeoutError:
        raise Transient("download_failed", cause="nothing comes any more") from None


async def _header(child: asyncio.subprocess.Process) -> dict[str, Any]:
    assert child.stdout is not None
    try:
        async with asyncio.timeout(_STALL_S):
            line = await child.stdout.readline()
        header = json.loads(line) if line else None
    except (TimeoutError, ValueError):
        raise Transient("download_failed", cause="no answer") from None
    if not isinstance(header, dict):
        await _check_end(child)
        raise Transient("download_failed", cause="no answer")
    return header


async def _check_end(child: asyncio.subprocess.Process) -> None:
    """Raises what the process complains of."""
    assert child.stderr is not None
    told = await child.stderr.read()
    if await child.wait():
        raise _complaint(told)


def _complaint(told: bytes) -> GatewayError:
    try:
        trouble = json.loads(told.splitlines()[-1])
        key, cause, again = str(trouble["key"]), str(trouble["cause"])[:200], bool(trouble["again"])
    except (LookupError, TypeError, ValueError):
        key, cause, again = "download_failed", "the fetching process ended", True
    return Transient(key, cause=cause) if again else Refused(key, cause=cause)


def _extent(header: dict[str, Any], had: int) -> tuple[int, int | None]:
    begins, total = header.get("offset"), header.get("total")
    if begins not in {0, had} or not (total is None or isinstance(total, int)):
        raise Transient("download_failed", cause="an answer of another form")
    if total is not None and total > MOST_BUNDLE_BYTES:
        raise Refused("bundle_too_large", bytes=total, most_bytes=MOST_BUNDLE_BYTES)
    return begins, total
