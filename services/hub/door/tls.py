"""The hub's side of TLS."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from gateway.errors import Refused
from gateway.page.written import states

EVERY_S = 60.0

Files = Mapping[str, Any]
"""The arguments of `server_context`."""


def server_context(*, cert_file: Path, key_file: Path, ca_file: Path | None = None) -> ssl.SSLContext:
    """TLS 1.2 and later. With `ca_file` a certificate that a client shows must come from there; whoever shows none
    needs a token. Raises `Refused` ("tls_files")."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _read(context, cert_file=cert_file, key_file=key_file, ca_file=ca_file)
    return context


@asynccontextmanager
async def kept_current(
    files: Files | None, tell: Callable[[str | None], None], *, every_s: float = EVERY_S
) -> AsyncGenerator[ssl.SSLContext | None]:
    """A context that has what is in `files`, whenever they change while the block lasts: who connects later sees the
    new certificate. `tell` hears "tls_files" while they cannot be used; what was there before goes on then. An
    authority that is taken out of `ca_file` is believed until the next start. Raises as `server_context` does."""
    if files is None:
        yield None
        return
    context = await asyncio.to_thread(server_context, **files)
    async with asyncio.TaskGroup() as tasks:
        renewing = tasks.create_task(_renew(context, files, tell, every_s), name="certificates")
        yield context
        renewing.cancel()


async def _renew(context: ssl.SSLContext, files: Files, tell: Callable[[str | None], None], every_s: float) -> None:
    known = await asyncio.to_thread(states, files.values())
    while True:
        await asyncio.sleep(every_s)
        now = await asyncio.to_thread(states, files.values())
        if now != known:
            known = now
            try:
                await asyncio.to_thread(server_context, **files)  # a half-written pair would end the one that serves
                await asyncio.to_thread(_read, context, **files)
            except Refused as error:
                tell(error.key)
            else:
                tell(None)


def _read(context: ssl.SSLContext, *, cert_file: Path, key_file: Path, ca_file: Path | None = None) -> None:
    try:
        context.load_cert_chain(cert_file, key_file, password="")
        if ca_file is not None:
            context.load_verify_locations(ca_file)
            context.verify_mode = ssl.CERT_OPTIONAL
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise Refused("tls_files", reason=getattr(error, "strerror", None) or type(error).__name__) from error
