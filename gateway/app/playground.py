"""What the demo and the benchmarks put around the gateway: a simulated room, free ports, an end."""

import asyncio
import secrets
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.app.build import Corridor
from gateway.app.run import Companion


def write_credential(file: Path, user: str) -> None:
    """A fresh password in a file that nobody else can read."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(f"{user}:{secrets.token_urlsafe(18)}\n", encoding="utf-8")


@asynccontextmanager
async def house(port: int, credentials: Path, speed: float) -> AsyncGenerator[Companion, None]:
    """The simulated room as a process of its own. It knocks until the broker is up; its companion sends it away
    once the last commands have been answered and before the broker goes. `speed` is simulated seconds a second."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.simhouse", "--port", str(port), "--credentials-file", str(credentials)),
        *("--speed", str(speed), "--report", "1", "--visits", "600"),
    )

    async def leave() -> None:
        if process.returncode is None:
            process.terminate()
        await process.wait()

    async def companion(_corridor: Corridor) -> None:
        try:
            await process.wait()
        finally:
            await leave()

    try:
        yield companion
    finally:
        await leave()


def stop_after(for_s: float, stop: asyncio.Event) -> Companion:
    async def companion(_corridor: Corridor) -> None:
        await asyncio.sleep(for_s)
        stop.set()

    return companion


def is_free(port: int) -> bool:
    """Whether a page could listen there."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
