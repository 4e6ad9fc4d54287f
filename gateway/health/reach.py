"""Asking a host one question and reading the first bytes of its answer."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable

PATIENCE_S = 4.0


class Unreachable(Exception):
    """`key` names the cause: host_unknown, refused, unreachable, silent, tls_failed."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


async def ask(
    host: str,
    port: int,
    question: bytes,
    *,
    tls: bool | ssl.SSLContext = False,
    look: Callable[[asyncio.StreamWriter], None] = lambda _writer: None,
) -> bytes:
    """Up to 4 KiB of the answer; b"" where the other side hung up. Raises `Unreachable`. `look` is shown the
    connection, for what TLS tells of it."""
    context = ssl.create_default_context() if tls is True else tls or None
    try:
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_connection(host, port, ssl=context)
    except TimeoutError:
        raise Unreachable("unreachable", f"{host}:{port} does not answer at all") from None
    except OSError as error:
        raise _cause(error, host, port) from None
    try:
        look(writer)
        async with asyncio.timeout(PATIENCE_S):
            writer.write(question)
            await writer.drain()
            return await reader.read(4096)
    except TimeoutError:
        raise Unreachable("silent", f"{host}:{port} takes connections but says nothing") from None
    except OSError:
        return b""
    finally:
        writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(1.0):
                await writer.wait_closed()


def _cause(error: OSError, host: str, port: int) -> Unreachable:
    if isinstance(error, socket.gaierror):
        return Unreachable("host_unknown", f"the name {host} is not known")
    if isinstance(error, ssl.SSLError):
        return Unreachable("tls_failed", f"{host}:{port} cannot be trusted: {error.reason or 'TLS failed'}")
    if isinstance(error, ConnectionRefusedError):
        return Unreachable("refused", f"{host} is there, but nothing listens on port {port}")
    return Unreachable("unreachable", f"{host}:{port} cannot be reached: {error.strerror or 'unknown reason'}")
