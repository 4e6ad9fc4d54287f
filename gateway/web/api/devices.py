"""Devices by hand, and what the sensors last said."""

from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from gateway.types import Action, SetLevel, SetTemperature, Switch
from gateway.web.context import PARTS, Body, answer, off, read_body
from gateway.web.jsonable import Json, outcome_json, reading_json
from gateway.web.parts import Device, Devices


class SwitchBody(Body):
    type: Literal["switch"]
    on: bool


class LevelBody(Body):
    type: Literal["level"]
    level_pct: float = Field(ge=0, le=100)


class TemperatureBody(Body):
    """The supervisor in the house has the narrower bounds; these only refuse nonsense."""

    type: Literal["temperature"]
    temp_c: float = Field(ge=5, le=35)


class CommandBody(Body):
    action: Annotated[SwitchBody | LevelBody | TemperatureBody, Field(discriminator="type")]


async def listing(request: web.Request) -> web.Response:
    return answer({"devices": [device_json(one) for one in _devices(request).all()]})


async def command(request: web.Request) -> web.Response:
    """Waits for the device's answer; what the device did is in the outcome, not in the HTTP status."""
    devices = _devices(request)
    body = await read_body(request, CommandBody)
    outcome = await devices.command(request.match_info["id"], _action(body))
    return answer({"outcome": outcome_json(outcome)})


async def readings(request: web.Request) -> web.Response:
    world = request.app[PARTS].world
    found = world().readings.values() if world else ()
    return answer({"readings": [reading_json(reading) for reading in found]})


def _action(body: CommandBody) -> Action:
    match body.action:
        case SwitchBody(on=on):
            return Switch(on=on)
        case LevelBody(level_pct=level_pct):
            return SetLevel(level_pct=level_pct)
        case TemperatureBody(temp_c=temp_c):
            return SetTemperature(temp_c=temp_c)


def device_json(device: Device) -> dict[str, Json]:
    return {
        "id": device.id,
        "name": device.name,
        "kind": device.kind,
        "on": device.on,
        "available": device.available,
        "detail": device.detail,
        "reserved": device.reserved,
    }


def _devices(request: web.Request) -> Devices:
    devices = request.app[PARTS].devices
    if devices is None:
        raise off("devices")
    return devices
