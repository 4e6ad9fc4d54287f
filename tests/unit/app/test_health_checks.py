"""Each check of the health gate can fail, and passes where what it looks at works."""

from concurrent.futures import Future

import pytest

from gateway.app import health_checks as checks
from gateway.config.settings import Settings
from gateway.errors import GatewayError, Refused, Transient
from gateway.flow.beat import Beats
from gateway.models.rollout.shadow import Golden
from gateway.models.vectors import VectorReport
from gateway.testing.clock import FakeClock
from tests.unit.web.conftest import house
from tests.unit.web.fakes import MemoryKeyValue


async def test_the_page_is_asked_as_a_browser_would() -> None:
    async with house(FakeClock()) as page:
        check = checks.page(f"{page.base}/")
        assert await check()
        base = page.base
        assert not await checks.page(f"{base}/nowhere/")()
    assert not await check(), "nobody is there any more"


class Broken:
    """A store, or an outbox, that gives way."""

    def __init__(self, *, writable: bool) -> None:
        self.kept = MemoryKeyValue()
        self.writable = writable

    async def get(self, key: str) -> str | None:
        return await self.kept.get(key)

    async def set(self, key: str, value: str) -> None:
        if not self.writable:
            raise Transient("disk_full")
        await self.kept.set(key, value)

    async def waiting(self) -> object:
        raise Refused("store_schema_newer")


async def test_the_store_has_to_take_one_write() -> None:
    store = Broken(writable=False)
    check = checks.store(store)
    with pytest.raises(Transient, match="disk_full"):
        await check()
    store.writable = True
    assert await check()
    store.writable = False
    assert await check(), "after that it is only read: a card is not worn by being looked at"
    store.kept.values.clear()
    assert not await check()


async def test_an_outbox_that_does_not_open_fails() -> None:
    assert not await checks.outbox(None)()
    with pytest.raises(Refused):
        await checks.outbox(Broken(writable=True))()


async def test_every_stage_has_to_report_and_go_on() -> None:
    clock = FakeClock()
    beats = Beats(clock)
    check = checks.stages(beats)
    beat = beats.register("camera", 60.0)
    assert not await check()
    beat()
    assert await check()
    await clock.advance(61.0)
    assert not await check()


async def test_all_rules_come_to_a_decision() -> None:
    rule = {
        "name": "light",
        "when": {"event": "motion.began", "source": "door"},
        "then": [{"switch": {"target": "lamp", "on": True}}],
    }
    settings = Settings.model_validate({"rules": [rule]})
    assert await checks.rules(settings, FakeClock())()


class Desk:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[Golden] = []
        self.there = False

    def golden(self, model: str) -> Golden | None:
        if not self.there:
            return None
        self.asked.append(Future())
        return self.asked[-1]

    def answer(self, told: VectorReport | GatewayError | None) -> None:
        if isinstance(told, GatewayError):
            self.asked[-1].set_exception(told)
        else:
            self.asked[-1].set_result(told)


def report(*, holds: bool) -> VectorReport:
    return VectorReport(cases=3, worst_abs=0.0, cosine=1.0, holds=holds)


async def test_models_pass_once_they_have_answered() -> None:
    desk = Desk()
    check = checks.models(("detector", "embedder"), desk)
    assert not await check(), "nobody knows yet which version serves"
    desk.there = True
    assert not await check()
    desk.asked[0].set_result(report(holds=True))
    assert not await check()
    desk.asked[1].set_result(None)
    assert await check()
    assert await check()
    assert len(desk.asked) == 2, "what has passed is not asked again"


async def test_wrong_answers_fail_and_what_could_not_be_asked_is_asked_again() -> None:
    desk = Desk()
    desk.there = True
    check = checks.models(("detector",), desk)
    await check()
    desk.answer(Refused("model_tensors"))
    with pytest.raises(Refused, match="model_tensors"):
        await check()
    await check()
    desk.answer(report(holds=False))
    assert not await check()
    assert not await check()
    assert len(desk.asked) == 2


async def test_a_model_that_nobody_ever_fetched_is_no_fault_of_the_system() -> None:
    desk = Desk()
    desk.there = True
    check = checks.models(("detector",), desk)
    await check()
    desk.answer(Refused("model_missing"))
    assert await check()


async def test_without_models_there_is_nothing_to_ask() -> None:
    assert await checks.models((), Desk())()
