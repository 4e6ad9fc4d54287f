"""Is the port of the page free, or is it already ours that listens there?"""

import socket

from gateway.config.settings import Settings
from gateway.health.finding import Finding, fail, ok
from gateway.health.reach import Unreachable, ask

WORRY = "ports"
OURS = "port_ours"


async def check_ports(settings: Settings) -> list[Finding]:
    web, mqtt = settings.web, settings.mqtt
    page = await _port(web.host, web.port, "page", "web: port")
    if not mqtt.embedded:
        return [page]
    running = page.key == OURS
    return [page, await _port(mqtt.listen, mqtt.port, "embedded broker", "mqtt: port", running=running)]


async def _port(host: str, port: int, what: str, key: str, *, running: bool = False) -> Finding:
    """`running`: a Hearthgate is known to run here, and what it listens on is taken by right."""
    try:
        _bind(host, port)
    except PermissionError:
        hint = f"choose a port from 1024 on under '{key}'"
        return fail(WORRY, "port_privileged", f"port {port} of the {what} is for root only", hint)
    except socket.gaierror:
        return fail(WORRY, "port_address", f"{host} is no address of this machine", f"see '{key}'")
    except OSError as error:
        if running or await _is_ours(host, port):
            return ok(WORRY, f"port {port} of the {what} is in use by a running Hearthgate", OURS)
        message = f"port {port} of the {what} cannot be used: {error.strerror or 'unknown reason'}"
        return fail(WORRY, "port_taken", message, f"ss -tlnp shows by whom; or choose another under '{key}'")
    return ok(WORRY, f"port {port} of the {what} is free")


def _bind(host: str, port: int) -> None:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        probe.listen(1)


async def _is_ours(host: str, port: int) -> bool:
    """The page names itself."""
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    try:
        answer = await ask(local, port, b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    except Unreachable:
        return False
    return b"hearthgate" in answer.lower()
