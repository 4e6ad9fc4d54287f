"""An image that a hub offers counts once the updater has confirmed it, whatever happens on the way."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.app.image_carrier import ImageCarrier
from gateway.errors import GatewayError, Refused, Transient
from gateway.testing.clock import FakeClock
from gateway.testing.updater import FakeUpdater, answering, machine
from gateway.updates.client import UpdaterClient
from gateway.uplink.campaign.carriers import Look
from gateway.wire.summary import UpdateState
from gateway.wire.update import GoBack, Install, Origin
from gateway.wire.uplink import ImageTarget

TARGET = ImageTarget(url="https://hub.example/2.raucb", sha256="ab" * 32, version="2.0.0")
CAMPAIGN = 7
INSTALL = Install(origin=Origin.HUB, url=TARGET.url, sha256=TARGET.sha256, campaign=CAMPAIGN)


class Site:
    """A home whose updater does as it is told, and the carrier between it and a hub."""

    def __init__(self, socket: Path) -> None:
        self.updater = FakeUpdater()
        self.clock = FakeClock()
        self.carrier = ImageCarrier(UpdaterClient(socket), self.clock)

    async def begun(self, key: str | None = None) -> str:
        """As `begin`, while the installation ends, with `key` where it fails."""
        beginning = asyncio.create_task(self.carrier.begin(TARGET, CAMPAIGN))
        async with asyncio.timeout(10):
            while not self.clock.slept:  # noqa: ASYNC110  # it waits for a socket
                await asyncio.sleep(0.01)
        self.updater.install_finishes(key)
        await self.clock.advance(60.0)
        return await beginning

    async def look(self) -> Look:
        return await self.carrier.look(TARGET, str(CAMPAIGN))


@asynccontextmanager
async def a_site(folder: Path) -> AsyncGenerator[Site]:
    site = Site(folder / "socket")
    async with answering(site.updater, folder / "socket"):
        yield site


async def test_it_is_installed_started_and_confirmed(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site:
        assert await site.begun() == str(CAMPAIGN)
        assert INSTALL in site.updater.heard
        assert await site.look() == Look(state=UpdateState.INSTALLED)
        site.updater.boot()
        assert await site.look() == Look(state=UpdateState.TRYING)
        site.updater.confirm()
        assert await site.look() == Look(state=UpdateState.CONFIRMED)


async def test_a_system_that_was_not_well_is_rolled_back(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site:
        await site.begun()
        site.updater.boot()
        site.updater.fall_back("store")
        assert await site.look() == Look(state=UpdateState.ROLLED_BACK, key="store")


async def test_after_a_crash_it_is_not_installed_twice(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site:
        await site.begun()
        for state in (UpdateState.INSTALLED, UpdateState.TRYING, UpdateState.CONFIRMED):
            site.updater.machine = site.updater.machine.model_copy(update={"state": state})
            assert await site.carrier.begin(TARGET, CAMPAIGN) == str(CAMPAIGN)
    assert site.updater.heard.count(INSTALL) == 1


async def test_what_runs_already_is_a_success(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site:
        site.updater.machine = machine(version="2.0.0")
        await site.carrier.begin(TARGET, CAMPAIGN)
        assert await site.look() == Look(state=UpdateState.CONFIRMED)
        assert INSTALL not in site.updater.heard


@pytest.mark.parametrize(
    ("key", "kind"),
    [("bundle_signature", Refused), ("wrong_board", Refused), ("download_failed", Transient), ("disk_full", Transient)],
)
async def test_the_updaters_own_key_is_told(tmp_path: Path, key: str, kind: type[GatewayError]) -> None:
    async with a_site(tmp_path) as site:
        with pytest.raises(kind, match=key):
            await site.begun(key)
        assert await site.look() == Look(state=UpdateState.FAILED, key=key)


async def test_a_bundle_with_another_version_is_given_up(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site:
        site.updater.newest = "3.0.0"  # what the bundle at the address holds
        with pytest.raises(Refused, match="bundle_other"):
            await site.begun()
        assert site.updater.machine.state is UpdateState.IDLE


async def test_another_update_under_way_is_waited_for(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site:
        site.updater.machine = machine(state=UpdateState.DOWNLOADING, origin=Origin.UPLOAD)
        with pytest.raises(Transient, match="busy"):
            await site.carrier.begin(TARGET, CAMPAIGN)


async def test_a_person_who_installs_something_else_overtakes_it(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site:
        await site.begun()
        site.updater.machine = machine(state=UpdateState.INSTALLED, origin=Origin.UPLOAD, target="3.0.0")
        assert await site.look() == Look(state=UpdateState.FAILED, key="image_overtaken")
        assert await site.carrier.take_back(TARGET, str(CAMPAIGN)), "what people did stays"
        assert not any(isinstance(one, GoBack) for one in site.updater.heard)


async def test_where_there_is_nothing_to_update_that_is_said(tmp_path: Path) -> None:
    carrier = ImageCarrier(UpdaterClient(tmp_path / "nowhere"), FakeClock())
    with pytest.raises(Refused, match="image_unsupported"):
        await carrier.begin(TARGET, CAMPAIGN)
    async with a_site(tmp_path) as site:
        site.updater.machine = machine(slot=None)
        with pytest.raises(Refused, match="image_unsupported"):
            await site.carrier.begin(TARGET, CAMPAIGN)


async def test_what_is_only_installed_is_given_up(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site:
        mark = await site.begun()
        assert await site.carrier.take_back(TARGET, mark)
        assert site.updater.machine.state is UpdateState.IDLE


async def test_what_runs_is_gone_back_from(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site:
        mark = await site.begun()
        site.updater.boot()
        assert not await site.carrier.take_back(TARGET, mark), "a trial is waited for"
        site.updater.confirm()
        assert not await site.carrier.take_back(TARGET, mark)
        assert isinstance(site.updater.heard[-1], GoBack)
        now = site.updater.machine
        site.updater.machine = now.model_copy(update={"origin": Origin.BACK, "state": UpdateState.INSTALLED})
        assert not await site.carrier.take_back(TARGET, mark), "on its way"
        site.updater.machine = machine(version="1.0.0", origin=Origin.BACK, state=UpdateState.CONFIRMED)
        assert await site.carrier.take_back(TARGET, mark)


async def test_what_never_came_is_taken_back_at_once(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site:
        assert await site.carrier.take_back(TARGET, None)
