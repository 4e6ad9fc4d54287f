"""Offers are carried out once, through crashes and bad weather, and told until the hub has heard."""

import asyncio
from collections.abc import Awaitable, Callable

from gateway.errors import GatewayError, Refused, Transient
from gateway.flow.board import Counters
from gateway.testing.clock import FakeClock
from gateway.uplink.campaign.carriers import Carrier, Look, NotConcerned, SettingsCarrier
from gateway.uplink.campaign.stage import CampaignStage
from gateway.wire.summary import UpdateState
from gateway.wire.uplink import Offer, Progress, Receipt, Rejected, Reported, Target, dump, load
from tests.unit.uplink.support import until

from .test_book import image, model, settings, word


class FakeLink:
    """`down` fails what is published."""

    def __init__(self) -> None:
        self.handlers: dict[str, Callable[[bytes], None]] = {}
        self.hooks: list[Callable[[], Awaitable[None]]] = []
        self.told: list[Progress] = []
        self.down = False

    def on_message(self, suffix: str, handler: Callable[[bytes], None]) -> None:
        self.handlers[suffix] = handler

    def on_connected(self, hook: Callable[[], Awaitable[None]]) -> None:
        self.hooks.append(hook)

    async def publish(self, suffix: str, payload: bytes, *, retain: bool = False) -> None:
        assert (suffix, retain) == ("campaign/progress", False)
        if self.down:
            raise Transient("uplink_unreachable")
        self.told.append(load(Progress, payload))


class FakeMemory(dict[str, str]):
    full = False

    async def get(self, key: str) -> str | None:  # type: ignore[override]
        return dict.get(self, key)

    async def set(self, key: str, value: str) -> None:
        if self.full:
            raise Transient("disk_full")
        self[key] = value


class FakeCarrier:
    """Does what is scripted: `fails` when begun, in order, then `looks`."""

    def __init__(self, *looks: Look, fails: tuple[GatewayError, ...] = ()) -> None:
        self.looks, self.fails = list(looks), list(fails)
        self.begun: list[Target] = []
        self.taken_back: list[str | None] = []

    async def begin(self, target: Target, _campaign: int) -> str:
        self.begun.append(target)
        if self.fails:
            raise self.fails.pop(0)
        return "mark"

    async def look(self, _target: Target, mark: str) -> Look:
        assert mark == "mark"
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]

    async def take_back(self, _target: Target, mark: str | None) -> bool:
        self.taken_back.append(mark)
        return True


class Desk:
    def __init__(self, **carriers: Carrier) -> None:
        self.link, self.memory, self.carriers = FakeLink(), FakeMemory(), carriers
        self.at_s = 0.0
        self.stage = self.started()

    def started(self) -> CampaignStage:
        """As after a crash: of what was there only the memory is left."""
        self.stage = CampaignStage(
            gateway="home1",
            link=self.link,
            memory=self.memory,
            carriers=self.carriers,
            clock=FakeClock(),
            counters=Counters(),
        )
        return self.stage

    def offer(self, *offers: Offer) -> None:
        for offer in offers:
            self.link.handlers["campaign/offer"](dump(offer))

    async def tick(self, times: int = 1, seconds: float = 5.0) -> None:
        for _ in range(times):
            self.at_s += seconds
            await self.stage.tick(self.at_s)
            await until(lambda: not self.stage.busy)

    @property
    def states(self) -> list[UpdateState]:
        return [word.state for word in self.link.told]


TRYING, CONFIRMED = Look(state=UpdateState.TRYING), Look(state=UpdateState.CONFIRMED)


async def test_it_is_confirmed_only_once_the_carrier_says_so() -> None:
    desk = Desk(model=FakeCarrier(TRYING, TRYING, CONFIRMED))
    desk.offer(model(3))
    await desk.tick(6)
    assert desk.states == [
        UpdateState.DOWNLOADING,
        UpdateState.INSTALLED,
        UpdateState.TRYING,
        UpdateState.CONFIRMED,
    ]


async def test_a_crash_at_any_moment_is_gone_on_from() -> None:
    for crash in range(6):
        carrier = FakeCarrier(TRYING, CONFIRMED)
        desk = Desk(model=carrier)
        desk.offer(model(3))
        for tick in range(8):
            if tick == crash:
                desk.started()
                desk.offer(model(3))  # retained
            await desk.tick()
        assert desk.link.told[-1] == word(3, UpdateState.CONFIRMED)
        assert len(carrier.begun) == 1


async def test_a_word_is_repeated_until_its_own_receipt() -> None:
    desk = Desk(image=FakeCarrier(fails=(Refused("image_unsupported"),)))
    desk.offer(image(2))
    await desk.tick(3)
    last = word(2, UpdateState.FAILED, "image_unsupported")
    assert desk.link.told[-1] == last
    said = len(desk.link.told)
    desk.link.handlers["receipt"](dump(Receipt(progress=(word(2, UpdateState.DOWNLOADING),))))
    await desk.tick(seconds=61)
    assert desk.link.told[said:] == [last]
    await desk.link.hooks[-1]()
    await desk.tick()
    assert desk.link.told[said:] == [last, last]
    desk.link.handlers["receipt"](dump(Receipt(progress=(last,))))
    desk.link.handlers["receipt"](dump(Receipt()))
    await desk.tick(3, seconds=61)
    assert desk.link.told[said:] == [last, last]


async def test_without_a_connection_it_is_carried_out_and_told_later() -> None:
    desk = Desk(model=FakeCarrier(CONFIRMED))
    desk.link.down = True
    desk.offer(model(3))
    await desk.tick(4)
    assert desk.link.told == []
    desk.link.down = False
    await desk.link.hooks[0]()
    await desk.tick()
    assert desk.link.told == [word(3, UpdateState.CONFIRMED)]


async def test_weather_is_waited_out_and_a_refusal_is_told() -> None:
    weather, refusal = Transient("model_download_failed"), Refused("manifest_signature")
    carrier = FakeCarrier(CONFIRMED, fails=(weather, weather, refusal))
    desk = Desk(model=carrier)
    desk.offer(model(3))
    await desk.tick(3)
    assert len(carrier.begun) == 1
    await desk.tick(2, seconds=61)
    assert len(carrier.begun) == 2
    await desk.tick(seconds=61)
    assert len(carrier.begun) == 3
    await desk.tick()
    assert desk.link.told[-1] == word(3, UpdateState.FAILED, "manifest_signature")


async def test_a_renewed_link_is_tried_at_once() -> None:
    carrier = FakeCarrier(CONFIRMED, fails=(Transient("link_refused"),) * 3)
    desk = Desk(model=carrier)
    desk.offer(model(3))
    await desk.tick(2)
    desk.offer(model(3))
    await desk.tick()
    assert len(carrier.begun) == 1
    desk.offer(model(3, link="renewed"))
    await desk.tick()
    assert carrier.begun[1:] == [model(3, link="renewed").target]


async def test_what_is_of_no_use_here_is_no_failure() -> None:
    desk = Desk(model=FakeCarrier(fails=(NotConcerned("model_unused"),)))
    desk.offer(model(3))
    await desk.tick(2)
    assert desk.link.told[-1] == word(3, UpdateState.IDLE, "model_unused")


async def test_what_was_carried_out_is_taken_back() -> None:
    carrier = FakeCarrier(CONFIRMED)
    desk = Desk(model=carrier)
    desk.offer(model(3))
    await desk.tick(3)
    desk.offer(model(3, rollback=True))
    await desk.tick(2)
    assert carrier.taken_back == ["mark"]
    assert desk.link.told[-1] == word(3, UpdateState.ROLLED_BACK)


async def test_a_full_disk_holds_everything_up_and_loses_nothing() -> None:
    carrier = FakeCarrier(CONFIRMED)
    desk = Desk(model=carrier)
    desk.memory.full = True
    desk.offer(model(3))
    running = asyncio.create_task(desk.stage.run())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert carrier.begun == []
    assert desk.link.told == []
    running.cancel()
    await asyncio.wait({running})
    desk.memory.full = False
    await desk.tick(3)
    assert desk.link.told[-1] == word(3, UpdateState.CONFIRMED)


class Home:
    """Settings that took effect at `version`, and whether all is well with them."""

    def __init__(self) -> None:
        self.told = Reported(version=0, sources={}, settings={})
        self.well = True
        self.clock = FakeClock()
        self.carrier = SettingsCarrier(lambda: self.told, lambda: self.well, self.clock)

    async def look(self, seconds: float = 0.0) -> Look:
        await self.clock.advance(seconds)
        return await self.carrier.look(settings(1, 5).target, "5")


async def test_settings_count_once_all_has_been_well_for_a_minute() -> None:
    home = Home()
    assert await home.look() == Look(state=UpdateState.INSTALLED)
    home.told = Reported(version=5, sources={}, settings={})
    assert await home.look() == TRYING
    home.well = False
    assert await home.look(59) == TRYING
    home.well = True
    assert await home.look(10) == TRYING
    assert await home.look(59) == TRYING
    assert await home.look(2) == CONFIRMED


async def test_settings_with_which_nothing_works_have_failed() -> None:
    home = Home()
    home.told, home.well = Reported(version=6, sources={}, settings={}), False
    assert await home.look() == TRYING
    assert await home.look(601) == Look(state=UpdateState.FAILED, key="unwell")


async def test_settings_that_were_not_taken_have_failed() -> None:
    home = Home()
    rejected = (Rejected(path="cameras", key="setting_local"),)
    home.told = Reported(version=5, sources={}, settings={}, rejected=rejected)
    assert await home.look() == Look(state=UpdateState.FAILED, key="setting_local")
    assert not await home.carrier.take_back(settings(1, 6).target, None)
    assert await home.carrier.take_back(settings(1, 5).target, None)
