"""A gateway's own command against a hub's own door."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import ClientSession
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.app.cli import main
from services.hub.door.contract import Claim
from services.hub.door.gatekeeper import Enrolled
from tests.services.hub.fleet.requests import fresh_key, request_of
from tests.services.hub.web.site import Page, site


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "gateway.yaml"
    file.write_text(f"version: 1\ngateway:\n  id: home1\n  data_dir: {tmp_path}/data\n")
    return file


async def expected(page: Page, home: str = "home1") -> str:
    status, made = await page.send("POST", "/invitations", {"home": home})
    assert status == 201
    return str(made["token"])


async def command(config: Path, *arguments: str) -> int:
    return await asyncio.to_thread(main, ["uplink", "enrol", *arguments, "--config", str(config)])


async def test_it_ends_with_lines_for_the_configuration(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with site(tmp_path) as page:
        assert await command(config, page.base, await expected(page)) == 0
        folder = tmp_path / "data" / "uplink"
        assert capsys.readouterr().out == (
            f"uplink:\n  host: 127.0.0.1\n  tls:\n    cert_file: {folder}/home.pem\n    key_file: {folder}/home.key\n"
        )
        assert (folder / "home.key").stat().st_mode & 0o777 == 0o600
        assert (folder / "homes.pem").read_text() == page.parts.authority.pem
        der = x509.load_pem_x509_certificate((folder / "home.pem").read_bytes()).public_bytes(Encoding.DER)
        claim = Claim(user=None, password=None, certificate=der)
        assert await Enrolled(page.store).admit(claim) == "home1"


async def test_a_second_gateway_is_refused_in_words(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with site(tmp_path) as page:
        token = await expected(page)
        assert await command(config, page.base, token) == 0
        assert await command(config, page.base, token) == 0  # the same gateway asks again
        (tmp_path / "data" / "uplink" / "home.key").unlink()
        assert await command(config, page.base, token) == 1
        told = capsys.readouterr().err
        assert "enrolment_used" in told
        assert token not in told
        audit = (await page.read("/audit"))["audit"]
        assert (audit[0]["who"], audit[0]["what"], audit[0]["subject"]) == ("stranger", "enrolment_reused", "home1")


@pytest.mark.parametrize(
    ("url", "token", "key"),
    [
        (None, "guess", "enrolment_wrong"),
        (None, None, "enrolment_other_home"),
        ("http://hub.example.org", None, "enrolment_insecure"),
        ("ftp://127.0.0.1", None, "enrolment_insecure"),
        ("http://127.0.0.1:9", None, "hub_unreachable"),
    ],
)
async def test_what_goes_wrong_has_a_key(
    config: Path, capsys: pytest.CaptureFixture[str], url: str | None, token: str | None, key: str
) -> None:
    """The hub expects another home than this one."""
    async with site(config.parent) as page:
        assert await command(config, url or page.base, token or await expected(page, "home2")) == 1
    assert key in capsys.readouterr().err
    assert not (config.parent / "data" / "uplink" / "home.pem").exists()


async def test_tokens_cannot_be_guessed_at_will(tmp_path: Path) -> None:
    async with site(tmp_path) as page, ClientSession() as http:
        body = {"token": "guess", "request": request_of(fresh_key())}
        keys = []
        for _ in range(12):
            async with http.post(f"{page.base}/enrol", json=body) as answer:
                keys.append((await answer.json())["key"])
        assert keys == ["enrolment_wrong"] * 10 + ["too_many_attempts"] * 2
        page.time.pass_by(seconds=31)
        async with http.post(f"{page.base}/enrol", json={**body, "token": await expected(page)}) as answer:
            assert answer.status == 201
