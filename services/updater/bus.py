"""Calls over the system's D-Bus, each with a deadline, and every error of it in our words."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusFastError

from gateway.errors import Transient

CALL_S = 30.0
UNKNOWN_METHOD = "org.freedesktop.DBus.Error.UnknownMethod"


class Fault(Exception):
    """The other end answered with an error."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        super().__init__(f"{name}: {text}")


@asynccontextmanager
async def system_bus() -> AsyncGenerator[MessageBus]:
    """A connection until the block ends. Raises `Transient("bus_away")`."""
    try:
        async with asyncio.timeout(CALL_S):
            bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    except (OSError, EOFError, DBusFastError) as error:
        raise Transient("bus_away", cause=str(error) or type(error).__name__) from None
    try:
        yield bus
    finally:
        bus.disconnect()


async def call(bus: MessageBus, message: Message, timeout_s: float = CALL_S) -> list[Any]:
    """The body of the answer. Raises `Fault`, and `Transient("bus_away")` where none came."""
    try:
        async with asyncio.timeout(timeout_s):
            reply = await bus.call(message)
    except (OSError, EOFError, DBusFastError) as error:
        raise Transient("bus_away", cause=str(error) or type(error).__name__) from None
    if reply is None:
        raise Transient("bus_away", cause="no answer")
    if reply.message_type is MessageType.ERROR:
        raise Fault(reply.error_name or "", str(reply.body[0]) if reply.body else "")
    return list(reply.body)


async def get(bus: MessageBus, destination: str, path: str, interface: str, name: str) -> Any:
    """A property. Raises as `call`."""
    message = Message(
        destination=destination,
        path=path,
        interface="org.freedesktop.DBus.Properties",
        member="Get",
        signature="ss",
        body=[interface, name],
    )
    [value] = await call(bus, message)
    return value.value
