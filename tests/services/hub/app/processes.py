"""The hub as processes, and gateways that talk to it."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import aiomqtt

from gateway.wire.envelope import Envelope, ParcelId
from gateway.wire.envelope import dump as dump_envelope
from gateway.wire.summary import Presence, Stream
from gateway.wire.uplink import Hello, Receipt, UplinkTopics, dump, load

ROOT = Path(__file__).parents[4]
WAIT_S = 30.0
EPOCH = 7
INSTANCE = "ab" * 16


def hub(*arguments: str) -> str:
    """What a command of the hub printed."""
    command = [sys.executable, "-m", "services.hub", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


async def enrol(config: Path, gateway: str, *more: str) -> str:
    """The token of it."""
    printed = await asyncio.to_thread(hub, "enrol", gateway, "--config", str(config), *more)
    return printed.partition(":")[2]


@asynccontextmanager
async def running_hub(config: Path, sign: bytes) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A hub that has logged `sign`; it is ended by SIGTERM and must end well."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.hub", "run", "--config", str(config), cwd=ROOT, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        said = b""
        async with asyncio.timeout(WAIT_S):
            while sign not in (line := await process.stderr.readline()):
                said += line
                assert line, f"the hub ended early: {said.decode()}"
        yield process
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGTERM)  # Popen's own would reap a killed one behind asyncio's back
        async with asyncio.timeout(WAIT_S):
            left = await process.stderr.read()
            assert await process.wait() in {0, -signal.SIGKILL}, left
    finally:
        if process.returncode is None:
            os.kill(process.pid, signal.SIGKILL)
            await process.wait()


def summary(gateway: str, seq: int, *, epoch: int = EPOCH) -> bytes:
    parcel = ParcelId(gateway=gateway, stream=Stream.PRESENCE, epoch=epoch, seq=seq)
    data = Presence(hour=1_800_000_000 - 1_800_000_000 % 3600, room="hall", minutes=1.0)
    return dump_envelope(Envelope(id=parcel, time=datetime(2026, 11, 21, tzinfo=UTC), data=data))


class Gateway:
    """Enough of one to be believed."""

    def __init__(self, port: int, gateway: str, token: str, *, instance: str = INSTANCE) -> None:
        self.topics = UplinkTopics(gateway=gateway)
        self._hello = Hello(online=True, instance=instance, epoch=EPOCH, version="1.0.0")
        will = aiomqtt.Will(self.topics.hello, dump(self._hello.model_copy(update={"online": False})), qos=1)
        self._client = aiomqtt.Client(
            "127.0.0.1",
            port,
            username=gateway,
            password=token,
            will=will,
            identifier=f"{gateway}-{instance[:8]}",
            protocol=aiomqtt.ProtocolVersion.V5,
        )
        self.kept: set[int] = set()
        self.refused: dict[int, str] = {}
        self.notices: list[str] = []

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        for topic in (self.topics.receipt, self.topics.notice):
            await self._client.subscribe(topic)
        return self

    async def __aexit__(self, *exc: object) -> None:
        housekeeping = self._client._misc_task
        await self._client.__aexit__(None, None, None)
        if housekeeping is not None:  # it has been cancelled and is to hear of it
            await asyncio.wait((housekeeping,))

    async def hello(self) -> None:
        await self._client.publish(self.topics.hello, dump(self._hello), qos=1, retain=True)

    async def send(self, *seqs: int, epoch: int = EPOCH) -> None:
        for seq in seqs:
            payload = summary(self.topics.gateway, seq, epoch=epoch)
            await self._client.publish(self.topics.stream(Stream.PRESENCE), payload, qos=1)

    async def publish(self, topic: str, payload: bytes) -> None:
        await self._client.publish(topic, payload, qos=1)

    async def until(self, *, kept: int = 0, refused: int = 0, notices: int = 0) -> None:
        """Listen until so many have been heard in all."""
        async with asyncio.timeout(WAIT_S):
            while len(self.kept) < kept or len(self.refused) < refused or len(self.notices) < notices:
                self._hear(await anext(self._client.messages))

    def _hear(self, message: aiomqtt.Message) -> None:
        assert isinstance(message.payload, bytes)
        if message.topic.value == self.topics.notice:
            self.notices.append(message.payload.decode())
            return
        receipt: Receipt = load(Receipt, message.payload)
        for run in receipt.kept:
            self.kept.update(range(run.first, run.last + 1))
        self.refused.update({refusal.seq: refusal.key for refusal in receipt.refused})
