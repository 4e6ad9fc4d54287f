"""What every updater must keep to on its socket; run on the fake and on the real one alike."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

from gateway.wire.update import MOST_BYTES, Reply

PATIENCE_S = 20.0


async def check_updater(socket: Path) -> None:
    """All checks, on an updater with slots, with nothing in its inbox and no index. Raises `AssertionError` with the
    promise that was broken."""
    async with asyncio.timeout(6 * PATIENCE_S):
        await check_answers(socket)
        await check_refusals(socket)
        await check_report(socket)
        await check_strangeness(socket)


async def check_answers(socket: Path) -> None:
    first, second = await asked(socket, {"ask": "status"}), await asked(socket, {"ask": "status"})
    assert first.key is None, "how it is may always be asked"
    assert first.machine.version == second.machine.version, "asking changes nothing"


async def check_refusals(socket: Path) -> None:
    install = {"ask": "install", "origin": "upload", "name": "nowhere.raucb"}
    assert (await asked(socket, install)).key is not None, "what is not there is not installed"
    assert (await asked(socket, {"ask": "look"})).key is not None, "without an index there is nowhere to look"


async def check_report(socket: Path) -> None:
    version = (await asked(socket, {"ask": "status"})).machine.version
    reply = await asked(socket, {"ask": "report", "version": version, "failing": ["store", "page"]})
    assert reply.key is None, "a report is taken"
    assert reply.machine.failing == ("store", "page"), "what fails is told to whoever asks"
    reply = await asked(socket, {"ask": "report", "version": version, "stable_s": 300})
    assert reply.machine.failing == (), "and so is that nothing fails any more"


async def check_strangeness(socket: Path) -> None:
    for line in (b"{}", b"[]", b"not json", b'{"ask": "status", "path": "/etc/shadow"}', b'{"ask": "run"}'):
        reply = await _exchange(socket, line)
        assert reply is not None, "what is no request gets an answer too"
        assert reply.key is not None, "what is no request is refused"
    reply = await _exchange(socket, b"x" * (2 * MOST_BYTES))
    assert reply is None or reply.key is not None, "what is too long is refused, or hung up on"
    assert (await asked(socket, {"ask": "status"})).key is None, "the next one is answered as ever"


async def asked(socket: Path, request: Mapping[str, object]) -> Reply:
    reply = await _exchange(socket, json.dumps(request).encode())
    assert reply is not None, "a request gets an answer"
    return reply


async def _exchange(socket: Path, line: bytes) -> Reply | None:
    """None where the other end hung up."""
    reader, writer = await asyncio.open_unix_connection(socket, limit=MOST_BYTES)
    try:
        writer.write(line + b"\n")
        await writer.drain()
        raw = await reader.readline()
    except ConnectionError:
        return None
    finally:
        writer.close()
    return Reply.model_validate_json(raw) if raw else None
