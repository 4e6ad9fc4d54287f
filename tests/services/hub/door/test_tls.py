"""Gateways that prove themselves by a key or by a token, over TLS."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.errors import Refused
from services.hub.auth import tokens
from services.hub.door.contract import Claim
from services.hub.door.gatekeeper import Enrolled, key_digest
from services.hub.door.reasons import Reason
from services.hub.door.tls import kept_current, server_context
from services.hub.fleet.enrolment import invite
from services.hub.store import invitations
from services.hub.store.hub import HubStore, database_at
from services.hub.store.words import Enrolment
from tests.integration.certificates import Authority, Files

from .house import Raw, entrance, packet, publish_packet

NOW = datetime.now(UTC)
WAIT_S = 30.0
PUBACK = 0x40


def der(files: Files) -> bytes:
    return x509.load_pem_x509_certificate(files.cert.read_bytes()).public_bytes(Encoding.DER)


def client_context(authority: Authority, shown: Files | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authority.ca)
    if shown is not None:
        context.load_cert_chain(shown.cert, shown.key)
    return context


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ca")


@pytest.fixture
def device(authority: Authority) -> Files:
    return authority.issue("home1")


@pytest.fixture
def tls(authority: Authority) -> ssl.SSLContext:
    hub = authority.issue("hub")
    return server_context(cert_file=hub.cert, key_file=hub.key, ca_file=authority.ca)


@pytest.fixture
async def store(tmp_path: Path, device: Files) -> AsyncGenerator[HubStore]:
    async with HubStore(database_at(tmp_path / "hub.db")) as store:
        await store.enrol(Enrolment(gateway="home1", key_sha256=key_digest(der(device))), NOW)
        await store.enrol(Enrolment(gateway="home2", token_sha256=tokens.digest("token")), NOW)
        await store.enrol(Enrolment(gateway="gone", token_sha256=tokens.digest("other")), NOW)
        await store.revoke("gone", NOW)
        yield store


@pytest.fixture
def gatekeeper(store: HubStore) -> Enrolled:
    return Enrolled(store)


def no_password() -> bytes:
    return packet(0x10, b"\0\4MQTT\5\2\0\x3c\0\0\1c")


async def test_a_key_is_enough(tls: ssl.SSLContext, gatekeeper: Enrolled, authority: Authority, device: Files) -> None:
    async with (
        entrance(tls=tls, gatekeeper=gatekeeper) as here,
        Raw(here.door.port, client_context(authority, device)) as client,
    ):
        client.send(no_password())
        assert (await client.packet())[1][1] == 0


async def test_so_is_a_token(tls: ssl.SSLContext, gatekeeper: Enrolled, authority: Authority) -> None:
    async with (
        entrance(tls=tls, gatekeeper=gatekeeper) as here,
        Raw(here.door.port, client_context(authority, None)) as client,
    ):
        await client.enter("home2", token="token")


async def test_nothing_is_not(tls: ssl.SSLContext, gatekeeper: Enrolled, authority: Authority) -> None:
    async with (
        entrance(tls=tls, gatekeeper=gatekeeper) as here,
        Raw(here.door.port, client_context(authority, None)) as client,
    ):
        client.send(no_password())
        assert (await client.packet())[1][1] == Reason.CREDENTIALS


@pytest.mark.parametrize("of_whom", ["another authority", "last year"])
async def test_a_certificate_that_is_not_good_is_refused_by_tls(
    tls: ssl.SSLContext, gatekeeper: Enrolled, authority: Authority, tmp_path: Path, of_whom: str
) -> None:
    other = Authority(tmp_path / "other") if of_whom == "another authority" else authority
    bad = other.issue("home1", begins_d=-10, ends_d=-1 if other is authority else 30)
    async with (
        entrance(tls=tls, gatekeeper=gatekeeper) as here,
        Raw(here.door.port, client_context(authority, bad)) as client,
    ):
        with pytest.raises((ssl.SSLError, EOFError)):
            client.send(no_password())
            await client.packet()


@pytest.mark.parametrize(
    ("user", "password", "key"),
    [
        ("home2", "guess", "credentials_wrong"),
        ("home2", "", "credentials_wrong"),
        ("home1", "", "credentials_wrong"),
        ("nobody", "token", "credentials_wrong"),
        ("", "token", "credentials_wrong"),
        ("gone", "other", "revoked"),
        ("gone", "guess", "credentials_wrong"),
    ],
)
async def test_who_is_not_let_in(gatekeeper: Enrolled, user: str, password: str, key: str) -> None:
    with pytest.raises(Refused, match=key):
        await gatekeeper.admit(Claim(user=user, password=password))


async def test_a_key_proves_one_gateway_only(gatekeeper: Enrolled, device: Files, authority: Authority) -> None:
    assert await gatekeeper.admit(Claim(user="home1", password=None, certificate=der(device))) == "home1"
    for user, shown in (("home2", device), ("home1", authority.issue("home1b"))):
        with pytest.raises(Refused, match="credentials_wrong"):
            await gatekeeper.admit(Claim(user=user, password="token", certificate=der(shown)))


@pytest.mark.parametrize("said", ["hello", "last will"])
async def test_a_gateway_that_was_replaced_cannot_push_out_its_successor(
    gatekeeper: Enrolled, store: HubStore, said: str
) -> None:
    """It came in while it was the right one, and stayed."""
    again = publish_packet("gw/v1/home2/hello", b"once more", 2)
    async with entrance(gatekeeper=gatekeeper) as here, Raw(here.door.port) as old:
        await old.enter("home2", token="token", will=("gw/v1/home2/hello", b"will"))
        old.send(publish_packet("gw/v1/home2/hello", b"first", 1))
        assert (await old.packet())[0] == PUBACK
        token = await invite(store.database, "home2", {}, by="ida", at=NOW)
        async with store.database.transaction() as session:
            invitation = await invitations.of_digest(session, tokens.digest(token))
            assert invitation is not None
            await invitations.let_in(session, invitation, "1" * 64, NOW)
        old.send(again if said == "hello" else packet(0xE0, b"\x04"))
        left = await old.gone()
        assert left[2:] == (bytes((Reason.NOT_AUTHORISED,)) if said == "hello" else b"")
        assert [arrival.payload for arrival in here.intake.arrivals] == [b"first"]
        assert here.door.counts == ({("home2", "credentials_wrong"): 1} if said == "hello" else {})


def test_files_that_are_not_there_are_told_without_their_content(tmp_path: Path, authority: Authority) -> None:
    with pytest.raises(Refused, match="tls_files"):
        server_context(cert_file=tmp_path / "no", key_file=tmp_path / "no", ca_file=None)
    with pytest.raises(Refused, match="tls_files"):
        server_context(cert_file=authority.ca, key_file=authority.ca, ca_file=None)


async def shown_at(port: int, authority: Authority) -> bytes | None:
    """The certificate that a new connection sees."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client_context(authority, None))
    found = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    assert await reader.read() == b""
    return bytes(found)


async def test_a_certificate_that_is_renewed_is_shown_without_a_restart(authority: Authority) -> None:
    """Half of a new pair changes nothing, and is told."""
    files, told = authority.issue("hub"), asyncio.Queue[str | None]()
    given = {"cert_file": files.cert, "key_file": files.key, "ca_file": authority.ca}
    first, certificate, key = der(files), files.cert.read_bytes(), files.key.read_bytes()
    async with kept_current(given, told.put_nowait, every_s=0.01) as context:
        server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        async with server, asyncio.timeout(WAIT_S):
            renewed = authority.issue("hub")
            second, new_key = der(renewed), files.key.read_bytes()
            files.key.write_bytes(key)
            while await told.get() != "tls_files":
                pass
            assert await shown_at(port, authority) in {first, second}
            files.key.write_bytes(new_key)
            while await told.get() is not None:
                pass
            assert await shown_at(port, authority) == second
    assert certificate != files.cert.read_bytes()


def test_a_claim_does_not_show_its_password() -> None:
    assert "secret" not in repr(Claim(user="home1", password="secret", certificate=b"x"))
