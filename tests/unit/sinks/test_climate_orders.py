"""Orders become commands; what is in force already is only renewed; what a device forgets is repeated."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.config.devices import Lease
from gateway.flow.board import Counters
from gateway.sinks.climate_orders import ANSWER_S, Orders, action_of
from gateway.testing.clock import FakeClock
from gateway.types import Command, Origin, Outcome, Result, SetLevel, SetTemperature, Switch
from gateway.types.climate import Order
from tests.unit.sinks.test_device import settle


class House:
    """What was journalled and what was only renewed."""

    def __init__(self, *, result: Result = Result.DONE) -> None:
        self.clock = FakeClock()
        self.counters = Counters()
        self.result = result
        self.journalled: list[Command] = []
        self.renewed: list[Command] = []
        self.orders = Orders(
            carry_out=lambda command: self._answer(self.journalled, command),
            renew=lambda command: self._answer(self.renewed, command),
            leases={"boiler": Lease(kind="otgw"), "relay": Lease(kind="tasmota_pulsetime"), "bare": None},
            clock=self.clock,
            counters=self.counters,
        )

    async def _answer(self, heard: list[Command], command: Command) -> Outcome:
        heard.append(command)
        return Outcome(command=command.id, result=self.result, took_s=0.0)

    async def send(self, *orders: Order) -> None:
        await self.orders.send(orders, cause="reading-1", trigger=self.clock.now())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.orders.run())
        await asyncio.sleep(0)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def relay(*, on: bool, lease_s: float = 900.0) -> Order:
    return Order(target="relay", lease_s=lease_s, why="20.0 wanted", on=on)


@pytest.mark.parametrize(
    ("order", "action"),
    [
        (relay(on=False), Switch(on=False)),
        (Order(target="v", lease_s=60, why="", level_pct=0.0), SetLevel(level_pct=0.0)),
        (Order(target="b", lease_s=60, why="", flow_c=45.0), SetTemperature(temp_c=45.0)),
    ],
)
def test_what_an_order_asks_for(order: Order, action: object) -> None:
    assert action_of(order) == action


async def test_a_command_carries_the_lease_and_the_reason() -> None:
    house = House()
    await house.send(relay(on=True))
    (command,) = house.journalled
    assert (command.origin, command.cause, command.why) == (Origin.CLIMATE, "reading-1", "20.0 wanted")
    assert (command.lease_s, command.ttl_s) == (900.0, ANSWER_S)


async def test_the_same_order_again_renews_and_is_not_journalled() -> None:
    house = House()
    for on in (True, True, False, True):
        await house.send(relay(on=on))
    assert [command.action for command in house.journalled] == [Switch(on=on) for on in (True, False, True)]
    assert [command.action for command in house.renewed] == [Switch(on=True)]
    assert len({command.id for command in house.journalled + house.renewed}) == 4
    assert house.counters.all() == {"climate.orders": 3, "climate.renewed": 1}


async def test_an_order_that_failed_is_news_again() -> None:
    house = House(result=Result.TIMED_OUT)
    await house.send(relay(on=True))
    await house.send(relay(on=True))
    assert (len(house.journalled), len(house.renewed)) == (2, 0)


async def test_what_a_device_forgets_is_repeated_until_the_lease_ends() -> None:
    house = House()
    async with house.running():
        await house.send(Order(target="boiler", lease_s=90.0, why="", flow_c=45.0), relay(on=True))
        for _ in range(10):
            await house.clock.advance(20.0)
            await settle()
    assert [command.target for command in house.renewed] == ["boiler"] * 4
    assert [command.lease_s for command in house.renewed] == [70.0, 50.0, 30.0, 10.0]
