"""On sockets that were handed over the page is on https, and http leads there."""

import socket
import ssl
from contextlib import ExitStack
from pathlib import Path

import pytest
from aiohttp import ClientSession

from gateway.errors import Refused
from gateway.testing.clock import FakeClock
from gateway.web.auth import Auth
from gateway.web.listen import Handed
from gateway.web.server import serve
from gateway.web.tls import made_up_context, page_context
from tests.unit.web.fakes import MemoryKeyValue, make_parts
from tests.unit.web.test_tls import self_signed


def opened(stack: ExitStack) -> socket.socket:
    return stack.enter_context(socket.create_server(("127.0.0.1", 0)))


async def test_http_leads_to_https_with_the_same_host(clock: FakeClock, tmp_path: Path) -> None:
    file = self_signed(tmp_path)
    with ExitStack() as sockets:
        https, http = opened(sockets), opened(sockets)
        handed = Handed(https=[https], http=[http])
        port, open_port = https.getsockname()[1], http.getsockname()[1]
        async with (
            Auth(MemoryKeyValue(), clock) as auth,
            serve(make_parts(auth, clock), tls=page_context(file, file), handed=handed) as running,
            ClientSession() as browser,
        ):
            assert running.url == running.local == f"https://127.0.0.1:{port}/"
            place = f"http://127.0.0.1:{open_port}"
            answer = await browser.get(f"{place}/login?next=system", allow_redirects=False)
            assert (answer.status, answer.headers["Location"]) == (
                308,
                f"https://127.0.0.1:{port}/login?next=system",
            )
            names = {"Host": "hearthgate-1234.local:80"}
            answer = await browser.get(place, headers=names, allow_redirects=False)
            assert answer.headers["Location"] == f"https://hearthgate-1234.local:{port}/"
            answer = await browser.post(f"{place}/api/v1/login", json={"user": "u", "password": "p"})
            assert answer.status == 405, "what was posted in the open is not passed on"
            answer = await browser.get(f"https://127.0.0.1:{port}/login", ssl=False)
            assert answer.status == 200


async def test_without_a_certificate_the_page_is_on_http(clock: FakeClock) -> None:
    with ExitStack() as sockets:
        http = opened(sockets)
        async with (
            Auth(MemoryKeyValue(), clock) as auth,
            serve(make_parts(auth, clock), handed=Handed(http=[http])) as running,
            ClientSession() as browser,
        ):
            assert running.port == http.getsockname()[1]
            assert (await browser.get(f"{running.url}login")).status == 200


async def test_sockets_that_are_of_no_use_are_as_if_there_were_none(clock: FakeClock) -> None:
    with ExitStack() as sockets:
        handed = Handed(https=[opened(sockets)])
        async with Auth(MemoryKeyValue(), clock) as auth, serve(make_parts(auth, clock), handed=handed) as running:
            assert running.url.startswith("http://")
            assert running.port != handed.https[0].getsockname()[1]


def test_a_made_up_certificate_serves(tmp_path: Path) -> None:
    here, there = made_up_context(), ssl.create_default_context()
    there.check_hostname, there.verify_mode = False, ssl.CERT_NONE
    toward, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    server, client = here.wrap_bio(toward, back, server_side=True), there.wrap_bio(back, toward)
    for _ in range(3):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert client.getpeercert(binary_form=True)
    assert client.version() == "TLSv1.3"


def test_a_certificate_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    file = self_signed(tmp_path)
    damaged = tmp_path / "damaged.pem"
    damaged.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    for cert, key in ((tmp_path / "nowhere", file), (file, tmp_path / "nowhere"), (damaged, file)):
        with pytest.raises(Refused, match="page_certificate"):
            page_context(cert, key)
