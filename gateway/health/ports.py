"""Is the port of the page free, or is it already ours that listens there?"""

import socket
import ssl

from gateway.config.settings import Settings, Web
from gateway.health.finding import Finding, fail, ok
from gateway.health.reach import Unreachable, ask

WORRY = "ports"
OURS = "port_ours"
HANDED_OVER = (443, 80)
"""Of hearthgate.socket: where these lead to the page, the one in the settings is not used."""
_QUESTION = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


async def check_ports(settings: Settings) -> list[Finding]:
    mqtt = settings.mqtt
    page = await _page(settings.web)
    if not mqtt.embedded:
        return [page]
    running = page.key == OURS
    return [page, await _port(mqtt.listen, mqtt.port, "embedded broker", "mqtt: port", running=running)]


async def _page(web: Web) -> Finding:
    for port in HANDED_OVER:
        if port != web.port and await _is_ours("127.0.0.1", port):
            return ok(WORRY, f"the page is on port {port}, which systemd holds for it", OURS)
    return await _port(web.host, web.port, "page", "web: port")


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
    """The page names itself, over http or https."""
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    for tls in (False, _any_certificate()):
        try:
            answer = await ask(local, port, _QUESTION, tls=tls)
        except Unreachable as error:
            if error.key == "refused":
                return False
            continue
        if b"hearthgate" in answer.lower():
            return True
    return False


def _any_certificate() -> ssl.SSLContext:
    """The page's own, which nobody vouches for."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
