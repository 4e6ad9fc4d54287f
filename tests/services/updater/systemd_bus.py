"""A systemd that is none, on a bus of its own: one unit, and what it was asked to start."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from tests.services.updater.rauc_house import RaucHouse

_UNIT = "/org/freedesktop/systemd1/unit/hearthgate_2eservice"


class SystemdBus:
    """`properties` are the unit's; without it there is no such unit."""

    def __init__(self) -> None:
        self.properties: dict[str, Variant] | None = {
            "ActiveState": Variant("s", "active"),
            "NRestarts": Variant("u", 0),
        }
        self.started: list[list[str]] = []
        self.refuses = False

    def answer(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL:
            return None
        match message.member:
            case "GetUnit" if self.properties is not None:
                return Message.new_method_return(message, "o", [_UNIT])
            case "Get" if self.properties is not None:
                return Message.new_method_return(message, "v", [self.properties[message.body[1]]])
            case "StartUnit" if not self.refuses:
                self.started.append(message.body)
                return Message.new_method_return(message, "o", ["/org/freedesktop/systemd1/job/1"])
        return Message.new_error(message, "org.freedesktop.systemd1.NoSuchUnit", "not here")


@asynccontextmanager
async def systemd_bus(folder: Path, systemd: SystemdBus) -> AsyncGenerator[str]:
    """The address of the bus."""
    house = RaucHouse(folder)
    await asyncio.to_thread(house.make)
    try:
        await asyncio.to_thread(house.start_bus)
        bus = await MessageBus(bus_address=house.address, bus_type=BusType.SYSTEM).connect()
        bus.add_message_handler(systemd.answer)
        await bus.request_name("org.freedesktop.systemd1")
        yield house.address
        bus.disconnect()
    finally:
        await asyncio.to_thread(house.stop)
