"""Rooms that are kept warm: how they are, how they were, what somebody wants of them."""

from collections.abc import Sequence
from datetime import timedelta

from aiohttp import web
from pydantic import Field

from gateway.errors import Invalid
from gateway.store.climate import ClimateRow
from gateway.types.climate import Ask, Mode, Preset
from gateway.web.context import PARTS, Body, answer, off, read_body, unknown
from gateway.web.jsonable import Json
from gateway.web.parts import Climate, RoomView
from gateway.wire.climate import status_json

_MOST_HOURS = 24 * 31
COLUMNS = ("temp_c", "target_c", "outdoor_c", "duty", "price", "window", "in_1h_c", "in_3h_c")
"""Of the history, as they are drawn. The last two are what was expected then for one and three hours later."""


class AskBody(Body):
    """Control has the narrower bounds; these only refuse nonsense."""

    mode: Mode | None = None
    preset: Preset | None = None
    target_c: float | None = Field(default=None, ge=0, le=40)
    for_s: float | None = Field(default=None, gt=0, le=30 * 86400)


async def listing(request: web.Request) -> web.Response:
    """Rooms in the order of the configuration, each with its last status, null before the first tick."""
    climate = _climate(request)
    return answer({"rooms": [_room(room, climate) for room in climate.rooms()]})


async def history(request: web.Request) -> web.Response:
    """The last `hours` as columns of equal length, oldest first; "time" in POSIX seconds, null is not known."""
    climate, room = _climate(request), _named(request)
    hours = _hours(request)
    until = request.app[PARTS].clock.now().wall
    rows = await climate.history(room.name, until - timedelta(hours=hours), until)
    return answer(
        {"time": [int(row.time.timestamp()) for row in rows], **{name: _column(rows, name) for name in COLUMNS}}
    )


async def ask(request: web.Request) -> web.Response:
    """{"alarm": null}, or the alarm that the wish raised: it was out of bounds, or it waits because there were many."""
    room, body = _named(request), await read_body(request, AskBody)
    if body.mode is None and body.preset is None and body.target_c is None:
        raise Invalid("nothing_asked")
    if body.mode is not None and body.mode not in room.modes:
        raise Invalid("mode_unknown", known=[mode.value for mode in room.modes])
    wish = Ask(room=room.name, mode=body.mode, preset=body.preset, target_c=body.target_c, for_s=body.for_s)
    alarm = await _climate(request).ask(wish)
    return answer({"alarm": None if alarm is None else alarm.value})


def _room(room: RoomView, climate: Climate) -> dict[str, Json]:
    status = climate.status(room.name)
    return {
        "name": room.name,
        "title": room.title,
        "modes": [mode.value for mode in room.modes],
        "presets": {preset.value: temp_c for preset, temp_c in room.presets.items()},
        "set_min_c": room.set_min_c,
        "set_max_c": room.set_max_c,
        "status": None if status is None else status_json(status),
    }


def _column(rows: Sequence[ClimateRow], name: str) -> list[Json]:
    return [row.columns.get(name) for row in rows]


def _hours(request: web.Request) -> float:
    try:
        hours = float(request.query.get("hours", "48"))
    except ValueError:
        hours = 0.0
    if not 0 < hours <= _MOST_HOURS:
        raise Invalid("hours_invalid", least=1, most=_MOST_HOURS)
    return hours


def _named(request: web.Request) -> RoomView:
    name = request.match_info["name"]
    room = next((one for one in _climate(request).rooms() if one.name == name), None)
    if room is None:
        raise unknown("room")
    return room


def _climate(request: web.Request) -> Climate:
    climate = request.app[PARTS].climate
    if climate is None:
        raise off("climate")
    return climate
