"""Orders of the supervisor as commands, each with its lease."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.config.devices import Lease
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.sinks.climate_lease import OTGW_HOLDS_S, holds_s
from gateway.types import Action, Command, Origin, Outcome, Result, SetLevel, SetTemperature, Stamp, Switch, new_id
from gateway.types.climate import Order

ANSWER_S = 20.0
"""A device that takes longer is asked again with the next order, long before its lease ends."""

Deliver = Callable[[Command], Awaitable[Outcome]]


def action_of(order: Order) -> Action:
    """What the order asks for. Raises `ValueError` for one that asks for nothing."""
    if order.on is not None:
        return Switch(on=order.on)
    if order.level_pct is not None:
        return SetLevel(level_pct=order.level_pct)
    if order.flow_c is not None:
        return SetTemperature(temp_c=order.flow_c)
    raise ValueError(f"an order without content for {order.target}")


def command_of(order: Order, *, now: Stamp, cause: str, trigger: Stamp) -> Command:
    """`cause` and `trigger` are those of the reading or request behind the tick."""
    return Command(
        id=new_id(),
        target=order.target,
        action=action_of(order),
        issued=now,
        ttl_s=min(ANSWER_S, order.lease_s),
        origin=Origin.CLIMATE,
        cause=cause,
        trigger=trigger,
        why=order.why,
        lease_s=order.lease_s,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """The last command of a device, and whether it was carried out."""

    command: Command
    done: bool


class Orders:
    """`carry_out` journals and tells, `renew` only delivers: an order that asks for what is in force already renews its
    lease and is nothing that people want to read of. Counters: "climate.orders", "climate.renewed",
    "climate.repeated".

    `run` repeats commands to devices that forget them before their lease ends. When the leases have ended nothing is
    sent any more, whatever hangs."""

    def __init__(
        self,
        *,
        carry_out: Deliver,
        renew: Deliver,
        leases: Mapping[str, Lease | None],
        clock: Clock,
        counters: Counters,
    ) -> None:
        """`leases` maps a device's name to its lease."""
        self._carry_out = carry_out
        self._renew = renew
        self._leases = leases
        self._clock = clock
        self._counters = counters
        self._held: dict[str, _Held] = {}

    async def send(self, orders: Sequence[Order], *, cause: str, trigger: Stamp) -> tuple[Outcome, ...]:
        """All at once; the outcomes in the same order, within `ANSWER_S`."""
        now = self._clock.now()
        commands = [command_of(order, now=now, cause=cause, trigger=trigger) for order in orders]
        return tuple(await asyncio.gather(*(self._send(command) for command in commands)))

    async def _send(self, command: Command) -> Outcome:
        before = self._held.get(command.target)
        same = before is not None and before.done and before.command.action == command.action
        self._counters.add("climate.renewed" if same else "climate.orders")
        self._held[command.target] = _Held(command=command, done=False)
        outcome = await (self._renew if same else self._carry_out)(command)
        held = self._held[command.target]
        if held.command is command:  # no newer order has come meanwhile
            self._held[command.target] = replace(held, done=outcome.result is Result.DONE)
        return outcome

    async def run(self, beat: Callable[[], None] = lambda: None) -> None:
        """Until cancelled."""
        while True:
            await self._clock.sleep(OTGW_HOLDS_S / 3)
            beat()
            now = self._clock.now()
            due = [held.command for held in self._held.values() if self._fades(held.command, now)]
            await asyncio.gather(*(self._repeat(command, now) for command in due))

    def _fades(self, command: Command, now: Stamp) -> bool:
        assert command.lease_s is not None
        forgets = holds_s(self._leases.get(command.target), command.lease_s) < command.lease_s
        return forgets and now.seconds_since(command.issued) < command.lease_s

    async def _repeat(self, command: Command, now: Stamp) -> None:
        assert command.lease_s is not None
        left_s = command.lease_s - now.seconds_since(command.issued)
        self._counters.add("climate.repeated")
        await self._renew(replace(command, id=new_id(), issued=now, ttl_s=min(ANSWER_S, left_s), lease_s=left_s))
