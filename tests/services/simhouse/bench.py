"""The simulated house as a real process on a real Mosquitto, and a person with an MQTT client beside it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt

from tests.integration.mosquitto import Mosquitto

_ROOT = Path(__file__).parents[3]
_DEADLINE_S = 20.0


@asynccontextmanager
async def simhouse(broker: Mosquitto, directory: Path, *extra: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Ended with SIGTERM, as systemd would."""
    file = directory / "simhouse-credentials"
    file.write_text(f"{broker.username}:{broker.password}")
    file.chmod(0o600)
    arguments = ["--port", str(broker.port), "--credentials-file", str(file), "--report", "0.5", *extra]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.simhouse", *arguments, cwd=_ROOT, env=environment
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), _DEADLINE_S)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise


class Listener:
    """Everything that was said on the broker, and by when."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.heard: list[tuple[str, bytes, bool]] = []
        self._news = asyncio.Event()

    async def listen(self) -> None:
        async for message in self.client.messages:
            self.heard.append((message.topic.value, message.payload, message.retain))
            self._news.set()

    def last(self, topic: str) -> bytes | None:
        return next((payload for told, payload, _ in reversed(self.heard) if told == topic), None)

    def count(self, topic: str, payload: bytes) -> int:
        return sum((told, said) == (topic, payload) for told, said, _ in self.heard)

    async def until(self, condition: Callable[[], object]) -> None:
        """Raises `TimeoutError` with nothing but the test to blame."""
        async with asyncio.timeout(_DEADLINE_S):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def until_last(self, topic: str, payload: bytes) -> None:
        await self.until(lambda: self.last(topic) == payload)

    async def say(self, topic: str, payload: bytes | str, *, retain: bool = False) -> None:
        await self.client.publish(topic, payload, qos=1, retain=retain)


@asynccontextmanager
async def listener(broker: Mosquitto, *topics: str) -> AsyncIterator[Listener]:
    async with aiomqtt.Client("127.0.0.1", broker.port, username=broker.username, password=broker.password) as client:
        for topic in topics or ("simhouse/#", "homeassistant/#"):
            await client.subscribe(topic, qos=1)
        one = Listener(client)
        task = asyncio.create_task(one.listen())
        try:
            yield one
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    housekeeping = client._misc_task  # cancelled by aiomqtt on leaving, but not waited for
    if housekeeping is not None:
        await asyncio.gather(housekeeping, return_exceptions=True)
