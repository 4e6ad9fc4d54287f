"""The memory on the disk."""

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pydantic import ValidationError

from gateway.errors import Invalid
from services.updater.memory import Memory
from services.updater.provision import disk

_MOST_BYTES = 1 << 20


class Keeper:
    """Of `file` alone, on a thread of its own. A power cut leaves the memory of before or after, never half of it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="updater-disk")

    async def load(self) -> Memory:
        """An empty memory where there is none. One that cannot be read is set aside as `*.bad`: a machine that has
        forgotten its updates still runs, and its boot loader still knows which slots are good."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, load, self._file)

    async def save(self, memory: Memory) -> None:
        """On the disk when it returns. Raises `OSError`."""
        await asyncio.get_running_loop().run_in_executor(self._thread, save, self._file, memory)

    def close(self) -> None:
        self._thread.shutdown(wait=False)


def load(file: Path) -> Memory:
    """See `Keeper.load`."""
    try:
        disk.sweep(file.parent)
        return Memory.model_validate_json(disk.read(file, _MOST_BYTES))
    except FileNotFoundError:
        return Memory()
    except (OSError, ValidationError, Invalid):
        with contextlib.suppress(OSError):
            file.replace(file.with_suffix(".bad"))
        return Memory()


def save(file: Path, memory: Memory) -> None:
    """See `Keeper.save`."""
    disk.put(file, memory.model_dump_json(exclude_defaults=True).encode(), mode=0o600)
