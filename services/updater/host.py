"""What the updater asks of systemd, and of the page."""

import asyncio
import ssl
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from dbus_fast import Message
from dbus_fast.aio import MessageBus

from gateway.errors import Transient
from services.updater.bus import Fault, call, get, system_bus

SERVICE = "hearthgate.service"
PAGE = "https://127.0.0.1/"
_SYSTEMD = "org.freedesktop.systemd1"
_PAGE_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the daemon looks from outside: `restarts` since systemd has started it first, None where that is not known;
    `page` whether it answers."""

    active: bool
    restarts: int | None
    page: bool


class Host(Protocol):
    async def look(self) -> Health:
        """Never raises: what cannot be asked is not well."""
        ...

    async def restart(self) -> None:
        """Have the machine restarted; returns when that has begun. Raises `Transient`."""
        ...


class SystemdHost:
    """`page` is asked without regard to its certificate: it is our own, and made by the machine itself."""

    def __init__(self, page: str = PAGE, service: str = SERVICE) -> None:
        self._page, self._service = page, service

    async def look(self) -> Health:
        (active, restarts), page = await asyncio.gather(self._unit(), _answers(self._page))
        return Health(active=active, restarts=restarts, page=page)

    async def restart(self) -> None:
        async with system_bus() as bus:
            try:
                await call(bus, _manager("StartUnit", "ss", "reboot.target", "replace-irreversibly"))
            except Fault as fault:
                raise Transient("restart_refused", cause=fault.text) from None

    async def _unit(self) -> tuple[bool, int | None]:
        try:
            async with system_bus() as bus:
                [path] = await call(bus, _manager("GetUnit", "s", self._service))
                return await _active(bus, path), await _restarts(bus, path)
        except (Transient, Fault, ValueError):  # no bus, no such unit, an answer of another form
            return False, None


async def _active(bus: MessageBus, path: str) -> bool:
    return bool(await get(bus, _SYSTEMD, path, f"{_SYSTEMD}.Unit", "ActiveState") == "active")


async def _restarts(bus: MessageBus, path: str) -> int:
    return int(await get(bus, _SYSTEMD, path, f"{_SYSTEMD}.Service", "NRestarts"))


def _manager(member: str, signature: str, *body: object) -> Message:
    return Message(
        destination=_SYSTEMD,
        path="/org/freedesktop/systemd1",
        interface=f"{_SYSTEMD}.Manager",
        member=member,
        signature=signature,
        body=list(body),
    )


async def _answers(page: str) -> bool:
    """Whether an HTTP server says anything but that it failed."""
    try:
        async with asyncio.timeout(_PAGE_S):
            status = await _status(page)
    except (OSError, ValueError, TimeoutError, EOFError):
        return False
    return 200 <= status < 500


async def _status(page: str) -> int:
    parts = urlsplit(page)
    tls = _any_certificate() if parts.scheme == "https" else None
    port = parts.port or (443 if tls else 80)
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=tls)
    try:
        request = f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.hostname}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode("ascii"))
        await writer.drain()
        version, status, *_ = (await reader.readline()).decode("ascii").split(" ", 2)
        return int(status) if version.startswith("HTTP/") else 0
    finally:
        writer.transport.abort()


def _any_certificate() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
