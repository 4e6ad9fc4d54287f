"""A room on the wire: what is told of it as text and JSON, and what may be asked of it. Bytes from a stranger are
checked here; how far a set-point may go is decided by whoever controls the room."""

import math
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from gateway.errors import Invalid
from gateway.types import Quantity
from gateway.types.climate import Ask, Forecast, Mode, Preset, RoomStatus, Trust
from gateway.wire import payload
from gateway.wire.payloads import dump
from gateway.wire.topics import OFF, ON
from gateway.wire.units import to_canonical

NONE = "None"
"""What empties an attribute of Home Assistant's climate entity; NaN would be an error in its log."""

MODE_SET, PRESET_SET, TARGET_SET = "mode/set", "preset/set", "target/set"
ASKED = (MODE_SET, PRESET_SET, TARGET_SET)
"""Topics of a room that take wishes."""

_NO_PRESET = "none"
_SHOWN_STEPS = 12
"""Points of a forecast in the attributes: Home Assistant keeps every version of them."""


def told(status: RoomStatus) -> Mapping[str, str]:
    """Payload by topic of a room; each is retained."""
    wanted = status.wanted
    known = status.trust is Trust.GOOD
    return {
        "mode": wanted.mode.value,
        "preset": NONE if wanted.preset is None else wanted.preset.value,
        "target": _text(wanted.target_c),
        "current": _text(status.temp_c) if known else NONE,
        "humidity": _text(status.humidity),
        "action": action(status),
        "problem": dump({"state": ON if status.alarms else OFF, "alarms": sorted(status.alarms)}),
        "attributes": dump(_attributes(status)),
    }


def action(status: RoomStatus) -> str:
    """Home Assistant's `hvac_action`. A room that is switched off and kept from freezing is heating."""
    if status.heating:
        return "heating"
    if status.cooling:
        return "cooling"
    return "off" if status.wanted.mode is Mode.OFF else "idle"


def status_json(status: RoomStatus) -> dict[str, Any]:
    """Everything but the orders; what is not finite is null, times are POSIX seconds."""
    wanted, drive = status.wanted, status.drive
    return {
        "room": status.room,
        "time": None if status.time is None else status.time.astimezone(UTC).timestamp(),
        "mode": wanted.mode.value,
        "preset": None if wanted.preset is None else wanted.preset.value,
        "target_c": _number(wanted.target_c),
        "target_why": wanted.why,
        "next_c": _number(wanted.next_c),
        "next_s": _number(wanted.next_s),
        "target_ahead": [_number(target_c) for target_c in wanted.ahead],
        "temp_c": _number(status.temp_c),
        "trust": status.trust.value,
        "humidity": _number(status.humidity),
        "outdoor_c": _number(status.outdoor_c),
        "action": action(status),
        "duty": _number(drive.duty),
        "law": drive.law.value,
        "aim_c": _number(drive.aim_c),
        "window_open": status.window_open,
        "occupied": _number(status.occupied),
        "alarms": sorted(status.alarms),
        "minutes_per_degree": _number(status.minutes_per_degree),
        "skill": {f"{hours:g}": _number(skill) for hours, skill in sorted(status.skill.items())},
        "price": _number(status.price, 4),
        "price_ahead": {
            "time": [round(time_s) for time_s, _ in status.price_ahead],
            "price": [_number(price, 4) for _, price in status.price_ahead],
        },
        "why": status.why,
        "forecast": None if status.forecast is None else _forecast(status.forecast),
    }


def ask_of(room: str, what: str, raw: bytes, mode: Mode) -> Ask:
    """The wish that came on the topic `what`; `mode` is the room's now. The preset "none" ends what was set by hand.

    Raises `Invalid` ("mode_unknown", "preset_unknown", "unit_wrong", and the keys of `gateway.wire.payload`)."""
    text = payload.text_of(raw)
    if what == MODE_SET:
        return Ask(room=room, mode=_choice(Mode, text, "mode_unknown"))
    if what == TARGET_SET:
        value, unit = payload.measure_of(text)
        return Ask(room=room, target_c=to_canonical(Quantity.TEMPERATURE, value, unit or "C"))
    if text.lower() == _NO_PRESET:
        return Ask(room=room, mode=mode)
    return Ask(room=room, preset=_choice(Preset, text, "preset_unknown"))


def _choice(among: Any, text: str, key: str) -> Any:
    try:
        return among(text.lower())
    except ValueError as error:
        raise Invalid(key) from error


def _attributes(status: RoomStatus) -> dict[str, Any]:
    """What explains the room, without what other topics say."""
    whole = status_json(status)
    kept = ("why", "law", "duty", "aim_c", "target_why", "next_c", "trust", "outdoor_c", "window_open", "occupied",
            "alarms", "minutes_per_degree", "skill", "price")  # fmt: skip
    ahead = status.forecast
    return {key: whole[key] for key in kept} | {"forecast": [] if ahead is None else _sparse(ahead)}


def _sparse(ahead: Forecast) -> list[dict[str, Any]]:
    step = max(1, math.ceil(len(ahead.ahead_s) / _SHOWN_STEPS))
    points = zip(ahead.ahead_s, ahead.temp_c, ahead.spread_c, strict=True)
    return [
        {"in_min": round(ahead_s / 60), "temp_c": _number(temp_c, 1), "spread_c": _number(spread_c, 1)}
        for ahead_s, temp_c, spread_c in list(points)[step - 1 :: step]
    ]


def _forecast(ahead: Forecast) -> dict[str, Any]:
    return {
        "ahead_s": [round(ahead_s) for ahead_s in ahead.ahead_s],
        "temp_c": [_number(temp_c) for temp_c in ahead.temp_c],
        "spread_c": [_number(spread_c) for spread_c in ahead.spread_c],
        "duty": [_number(duty) for duty in ahead.duty],
    }


def _number(value: float | None, digits: int = 2) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, digits)


def _text(value: float | None) -> str:
    return NONE if value is None or not math.isfinite(value) else f"{value:.1f}"
