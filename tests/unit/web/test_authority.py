"""Who saves the house's authority and believes it, believes the gateway."""

import hashlib
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar, TCPConnector

from gateway.testing.clock import FakeClock
from gateway.web.auth import Auth
from gateway.web.authority import authority_in
from gateway.web.server import serve
from gateway.web.tls import page_context
from services.updater.provision import disk, tls
from services.updater.provision.identity import Names
from services.updater.provision.places import Places
from tests.services.updater.provision.home import ME
from tests.unit.web.conftest import PASSWORD, USER, Page, house
from tests.unit.web.fakes import MemoryKeyValue, make_parts
from tests.unit.web.test_tls import self_signed

PLACE = "/api/v1/authority"


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    """What a first start of an image makes."""
    places = Places(root=tmp_path)
    disk.folder(places.tls)
    tls.ensure(places, ME, Names(host="hearthgate-ab12"), datetime.now(UTC))
    return places.tls / "gateway.crt"


async def test_who_believes_what_was_saved_is_not_warned(clock: FakeClock, chain: Path) -> None:
    key = chain.with_name("gateway.key")
    async with (
        Auth(MemoryKeyValue(), clock) as auth,
        serve(make_parts(auth, clock, authority=lambda: authority_in(chain)), tls=page_context(chain, key)) as running,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as http,
    ):
        page = Page(http, running.url)
        body = {"code": auth.claim_code(), "user": USER, "password": PASSWORD}
        await page.post("/api/v1/claim", json=body, ssl=False)
        saved = await page.get(f"{PLACE}.crt", ssl=False)
        believing = ssl.create_default_context(cadata=(await saved.read()).decode())
        async with ClientSession(connector=TCPConnector(ssl=believing, force_close=True)) as other:
            answer = await other.get(f"{running.url}login", server_hostname="hearthgate-ab12.local")
            assert answer.status == 200
    assert saved.content_type == "application/x-x509-ca-cert"
    assert saved.headers["Content-Disposition"] == 'attachment; filename="hearthgate-ab12-house-authority.crt"'


async def test_it_is_told_apart_by_its_fingerprint(clock: FakeClock, chain: Path) -> None:
    saved = ssl.PEM_cert_to_DER_cert(chain.with_name("ca.crt").read_text())
    async with house(clock, authority=lambda: authority_in(chain)) as page:
        told = await (await page.get(PLACE)).json()
    assert told["name"] == "hearthgate-ab12 house authority"
    assert datetime.fromisoformat(told["until"]).year >= datetime.now(UTC).year + 29
    assert bytes.fromhex(told["sha256"].replace(":", "")) == hashlib.sha256(saved).digest()


async def test_no_key_is_given_away(clock: FakeClock, chain: Path) -> None:
    """Also where key and certificate are in one file."""
    both = chain.with_name("both.pem")
    both.write_bytes(chain.with_name("gateway.key").read_bytes() + chain.read_bytes())
    async with house(clock, authority=lambda: authority_in(both)) as page:
        saved = await (await page.get(f"{PLACE}.crt")).read()
    assert saved == chain.with_name("ca.crt").read_bytes()


async def test_a_certificate_of_a_public_authority_offers_none(clock: FakeClock, chain: Path, tmp_path: Path) -> None:
    leaf = tmp_path / "leaf.pem"
    leaf.write_text(chain.read_text().split("-----END", 1)[0] + "-----END CERTIFICATE-----\n")
    for file in (leaf, self_signed(tmp_path)):
        async with house(clock, authority=lambda file=file: authority_in(file)) as page:
            answer = await page.get(PLACE)
            assert (answer.status, (await answer.json())["key"]) == (404, "part_off")


@pytest.mark.parametrize("damage", [None, b"", b"-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n"])
async def test_a_damaged_file_is_told_of(clock: FakeClock, tmp_path: Path, damage: bytes | None) -> None:
    file = tmp_path / "gateway.crt"
    if damage is not None:
        file.write_bytes(damage)
    async with house(clock, authority=lambda: authority_in(file)) as page:
        answer = await page.get(f"{PLACE}.crt")
        assert (answer.status, (await answer.json())["key"]) == (403, "page_certificate")


async def test_nobody_else_is_let_in(clock: FakeClock, chain: Path) -> None:
    async with house(clock, claimed=False, authority=lambda: authority_in(chain)) as page:
        assert (await page.get(PLACE)).status == 401
        assert (await page.get(f"{PLACE}.crt")).status == 401
    async with house(clock) as page:
        assert (await (await page.get(PLACE)).json())["key"] == "part_off"
