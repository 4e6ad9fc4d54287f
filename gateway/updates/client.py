"""Asking the updater: one connection a question, so that nothing of a lost one is left behind."""

import asyncio
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from gateway.errors import GatewayError, Invalid, Refused, Transient
from gateway.wire.update import MOST_BYTES, SOCKET, Machine, Reply, Request

ANSWER_S = 10.0


class Updater(Protocol):
    """See `UpdaterClient`, and `gateway.testing.updater` for one that only pretends."""

    async def ask(self, request: Request) -> Machine: ...


class UpdaterClient:
    def __init__(self, socket: Path = Path(SOCKET), *, answer_s: float = ANSWER_S) -> None:
        self._socket = socket
        self._answer_s = answer_s

    async def ask(self, request: Request) -> Machine:
        """What the updater knows after it has heard `request`. Raises `Refused("updater_absent")` where this machine
        has none, `Transient("updater_away")` where it does not answer in time, `Invalid("updater_answer")` for what is
        no answer, and `Refused` with the updater's own key where it will not."""
        try:
            async with asyncio.timeout(self._answer_s):
                raw = await self._exchange(request.model_dump_json(exclude_none=True).encode())
        except FileNotFoundError:
            raise Refused("updater_absent", status=404) from None
        except (OSError, ValueError, TimeoutError) as error:  # ValueError: a line without an end
            raise Transient("updater_away", reason=str(error) or type(error).__name__) from None
        return _read(raw)

    async def _exchange(self, line: bytes) -> bytes:
        reader, writer = await asyncio.open_unix_connection(self._socket, limit=MOST_BYTES)
        try:
            writer.write(line + b"\n")
            await writer.drain()
            return await reader.readline()
        finally:
            writer.close()


def _read(raw: bytes) -> Machine:
    if not raw.endswith(b"\n"):
        raise Transient("updater_away", reason="it hung up")
    try:
        reply = Reply.model_validate_json(raw)
    except ValidationError:
        raise Invalid("updater_answer", status=502) from None
    if reply.key is not None:
        raise refused(reply)
    return reply.machine


def refused(reply: Reply) -> GatewayError:
    """As the page and the hub are told."""
    return Refused(reply.key or "updater_refused", status=409, **({"detail": reply.detail} if reply.detail else {}))
