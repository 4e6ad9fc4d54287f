"""A worker of a Mosquitto that speaks TLS and wants to see a certificate."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.certificates import Authority, Files
from tests.integration.mosquitto import USER
from tests.integration.uplink_end import HUB, HUB_PASSWORD, TlsMosquitto
from tests.services.hub.app.processes import WAIT_S, Gateway, enrol, running_hub

pytestmark = pytest.mark.integration

IN = b"broker is well"


@dataclass(frozen=True, kw_only=True)
class Site:
    broker: TlsMosquitto
    authority: Authority
    config: Path

    def worker(self, shown: Files | None, *, believes: Authority | None = None) -> Path:
        """The hub's file, with a certificate to show."""
        files = f"ca_file: {(believes or self.authority).ca}"
        if shown is not None:
            files += f", cert_file: {shown.cert}, key_file: {shown.key}"
        at = f"broker:\n  host: localhost\n  port: {self.broker.port}\n  credential: broker\n  tls: {{{files}}}\n"
        self.config.write_text(f"data_dir: data\nsecrets_dir: {self.config.parent}\n{at}")
        return self.config


@pytest.fixture
async def site(tmp_path: Path) -> AsyncGenerator[Site]:
    """Gateways come in by the other port, without TLS."""
    authority = Authority(tmp_path / "certificates")
    secret = tmp_path / "broker"
    secret.touch(mode=0o600)
    secret.write_text(f"{HUB}:{HUB_PASSWORD}")
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    broker = TlsMosquitto(folder, authority, authority.issue("server"), mutual=True)
    await asyncio.to_thread(broker.start)
    yield Site(broker=broker, authority=authority, config=tmp_path / "hub.yaml")
    broker.kill()


@asynccontextmanager
async def gateway(site: Site) -> AsyncGenerator[Gateway]:
    async with Gateway(site.broker.plain, USER, site.broker.password) as one:
        yield one


async def test_a_worker_that_shows_its_certificate_takes_what_comes(site: Site) -> None:
    config = site.worker(site.authority.issue("hub"))
    await enrol(config, USER)
    async with running_hub(config, IN), gateway(site) as home:
        await home.hello()
        await home.send(1, 2, 3)
        await home.until(kept=3)
    assert home.kept == {1, 2, 3}


@pytest.mark.parametrize("shown", ["none", "expired", "another's"])
async def test_a_worker_without_a_good_certificate_is_not_let_in(site: Site, shown: str, tmp_path: Path) -> None:
    files = {
        "none": None,
        "expired": site.authority.issue("old", begins_d=-9, ends_d=-1),
        "another's": Authority(tmp_path / "other", "other").issue("hub"),
    }[shown]
    async with running_hub(site.worker(files), b"broker: broker_lost"):
        pass
    assert "New client connected" not in site.broker.log()


async def test_a_broker_of_another_authority_is_not_believed(site: Site, tmp_path: Path) -> None:
    config = site.worker(site.authority.issue("hub"), believes=Authority(tmp_path / "other", "other"))
    async with running_hub(config, b"broker: broker_unreachable"):
        pass
    assert "unknown ca" in site.broker.log()


async def test_a_worker_shows_a_renewed_certificate_at_the_next_connection(site: Site) -> None:
    shown = site.authority.issue("hub")
    async with running_hub(site.worker(shown), IN) as process:
        assert process.stderr is not None
        shown.cert.unlink()
        await asyncio.to_thread(site.broker.kill)
        await asyncio.to_thread(site.broker.start)
        async with asyncio.timeout(WAIT_S):
            await said(process.stderr, b"broker: tls_files")
            site.authority.issue("hub")
            await said(process.stderr, IN)


async def said(log: asyncio.StreamReader, sign: bytes) -> None:
    while sign not in (line := await log.readline()):
        assert line, "the hub has ended"
