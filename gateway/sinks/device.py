"""Commands to MQTT devices, each with the device's own answer."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from gateway.errors import Invalid, Refused, Transient
from gateway.flow.board import Counters
from gateway.flow.clock import Clock
from gateway.links.contract import Link, Message
from gateway.seams import Delivery, StateReport
from gateway.sinks.admission import age_s, expired
from gateway.sinks.device_spec import DeviceKind, DeviceSpec, Told, told_by
from gateway.sinks.device_wish import Wish, wish_of
from gateway.sinks.exchange import Answer, Device, Exchange
from gateway.types import UNITS, Command, Level, Origin, Outcome, Quality, Quantity, Reading, Result, Stamp, State

__all__ = ["DeviceKind", "DeviceSink", "DeviceSpec"]

_log = logging.getLogger(__name__)

_REMEMBERED = 1024
_INBOX = 1024

Value = TypeVar("Value")


class DeviceSink:
    """A `Sink` for switchable MQTT devices. `run` has to be running for answers to arrive.

    Commands go out at once, in the order of their delivery, QoS 1 and never retained: a newer wish does not wait
    for a device that is slow to answer an older one. A command id is carried out at most once; the same id again
    gets the first one's outcome. `Outcome.published` is when the broker had the command. REFUSED:
    "no_such_target", "device_reserved" (climate control has it), "action_not_supported", "level_out_of_range",
    "expired". UNREACHABLE: "broker_unreachable",
    "device_offline". TIMED_OUT: "no_answer", "broker_silent", "superseded". DONE may carry "unconfirmed" (a
    device without answers) or "already" (one that does not repeat itself).
    `on_reading` gets every told switch state as a reading: GOOD, or STALE where it was retained.
    """

    delivery = Delivery.BEST_EFFORT

    def __init__(
        self,
        link: Link,
        devices: Iterable[DeviceSpec],
        *,
        clock: Clock,
        report: StateReport,
        counters: Counters,
        on_reading: Callable[[Reading], None] = lambda _reading: None,
        name: str = "device",
    ) -> None:
        self.name = name
        self._link = link
        self._clock = clock
        self._report = report
        self._counters = counters
        self._on_reading = on_reading
        self._devices = {spec.name: Device(spec) for spec in devices}
        self._answers: OrderedDict[str, asyncio.Future[Outcome]] = OrderedDict()
        self._complained: set[tuple[str, str]] = set()

    def accepts(self, command: Command) -> bool:
        device = self._devices.get(command.target)
        return device is not None and device.spec.accepts(command.action)

    async def run(self) -> None:
        """Listen to the devices until cancelled or until the link closes the subscription."""
        topics = dict.fromkeys(topic for device in self._devices.values() for topic in device.spec.topics)
        inbox = self._link.subscribe(*topics, size=_INBOX)
        try:
            async for message in inbox:
                for device in self._devices.values():
                    if message.topic in device.spec.topics:
                        self._hear(device, message)
        finally:
            inbox.close()

    async def deliver(self, command: Command) -> Outcome:
        """The outcome within what is left of `ttl_s`."""
        began = self._clock.now()
        earlier = self._answers.get(command.id)
        if earlier is not None:
            self._counters.add("device.repeated")
            return await asyncio.shield(earlier)
        try:
            device, wish = self._admit(command, began)
        except Refused as error:
            return self._outcome(command, began, Result.REFUSED, error.key)
        except Transient as error:
            return self._outcome(command, began, Result.UNREACHABLE, error.key)
        answer = self._remember(command.id)
        outcome = self._outcome(command, began, Result.TIMED_OUT, "interrupted")
        try:
            with device.expecting(wish) as exchange:
                result, detail = await self._carry_out(device, exchange, command.ttl_s - age_s(command, began))
                outcome = self._outcome(command, began, result, detail, exchange.published)
            return outcome
        finally:
            answer.set_result(outcome)

    def _admit(self, command: Command, now: Stamp) -> tuple[Device, Wish]:
        """Raises `Refused` for what must not be done, `Transient` for what cannot be done now."""
        device = self._devices.get(command.target)
        if device is None:
            raise Refused("no_such_target", target=command.target)
        if device.spec.reserved and command.origin is not Origin.CLIMATE:
            raise Refused("device_reserved", target=command.target)
        wish = wish_of(device.spec, command.action, command.lease_s)
        if expired(command, now):
            raise Refused("expired", target=command.target)
        if not self._link.connected:
            raise Transient("broker_unreachable")
        if device.available is False:
            raise Transient("device_offline", target=command.target)
        return device, wish

    async def _carry_out(self, device: Device, exchange: Exchange, left_s: float) -> Answer:
        began, wish, known = self._clock.now(), exchange.wish, device.knows(exchange.wish)
        try:
            await _within(self._clock, left_s, self._publish(wish))
            exchange.published = self._clock.now()
            if not (device.spec.needs_ack and wish.answered):
                return Result.DONE, "unconfirmed"
            if known and not device.spec.echo:
                return Result.DONE, "already"
            left_s -= exchange.published.seconds_since(began)
            return await _within(self._clock, left_s, exchange.answer)
        except Transient as error:
            return Result.UNREACHABLE, error.key
        except TimeoutError:
            self._tell(device, Level.DEGRADED, "device_silent")
            return Result.TIMED_OUT, "no_answer" if exchange.published else "broker_silent"

    async def _publish(self, wish: Wish) -> None:
        if wish.before is not None:
            topic, payload = wish.before
            await self._link.publish(topic, payload, qos=1, retain=False)
        await self._link.publish(wish.topic, wish.payload, qos=1, retain=False)

    def _remember(self, command_id: str) -> asyncio.Future[Outcome]:
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._answers[command_id] = answer
        while len(self._answers) > _REMEMBERED:
            self._answers.popitem(last=False)
        return answer

    def _hear(self, device: Device, message: Message) -> None:
        try:
            told = told_by(device.spec, message.topic, message.payload)
        except Invalid as error:
            self._complain(device.spec.name, error)
            return
        device.hear(told, retained=message.retained)
        if device.available is False:
            self._tell(device, Level.DEGRADED, "device_offline")
        elif not message.retained or told.available:
            self._tell(device, Level.OK, "running")
        self._offer(device, told, retained=message.retained)

    def _offer(self, device: Device, told: Told, *, retained: bool) -> None:
        if told.on is None:
            return
        self._on_reading(
            Reading(
                device=device.spec.name,
                quantity=Quantity.SWITCH,
                value=float(told.on),
                unit=UNITS[Quantity.SWITCH],
                stamp=self._clock.now(),
                quality=Quality.STALE if retained else Quality.GOOD,
            )
        )

    def _outcome(
        self, command: Command, began: Stamp, result: Result, detail: str, published: Stamp | None = None
    ) -> Outcome:
        took_s = self._clock.now().seconds_since(began)
        return Outcome(command=command.id, result=result, took_s=took_s, detail=detail, published=published)

    def _tell(self, device: Device, level: Level, key: str) -> None:
        self._report(State(part=f"device/{device.spec.name}", level=level, key=key, since=self._clock.now()))

    def _complain(self, device: str, error: Invalid) -> None:
        self._counters.add(f"device.invalid.{error.key}")
        if (device, error.key) not in self._complained:
            self._complained.add((device, error.key))
            _log.warning("state of %s dropped: %s; more of the kind are only counted", device, error)


async def _within(clock: Clock, seconds: float, work: Awaitable[Value]) -> Value:
    """The result of `work`. Raises `TimeoutError` after `seconds` of `clock`."""
    task = asyncio.ensure_future(work)
    timer = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise TimeoutError
    finally:
        task.cancel()
        timer.cancel()
        await asyncio.gather(task, timer, return_exceptions=True)
