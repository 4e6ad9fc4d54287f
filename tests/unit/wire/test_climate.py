"""A room on the wire: nothing that is not finite leaves, nothing that is not understood comes in."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.errors import Invalid
from gateway.types.climate import Alarm, Ask, Drive, Forecast, Law, Mode, Preset, RoomStatus, Trust, Wanted
from gateway.wire.climate import ask_of, status_json, told

STATUS = RoomStatus(
    room="hall",
    wanted=Wanted(mode=Mode.AUTO, target_c=21.0, preset=Preset.COMFORT, why="the schedule", next_c=18.0, next_s=3600.0),
    drive=Drive(duty=0.42, law=Law.PLAN, why="for the evening", aim_c=21.2),
    orders=(),
    temp_c=20.46,
    trust=Trust.GOOD,
    humidity=48.0,
    heating=True,
    skill={1.0: 0.21, 6.0: math.nan},
    minutes_per_degree=41.0,
    forecast=Forecast(ahead_s=(900.0, 1800.0), temp_c=(20.6, 20.9), spread_c=(0.1, 0.2), duty=(1.0, 0.0)),
    price=0.28,
    price_ahead=((1767245400.0, 0.28), (1767247200.0, math.nan)),
    why="heating since 05:42: 20.0 wanted at 06:30",
    time=datetime(2026, 1, 1, 5, 42, tzinfo=UTC),
)


def test_each_property_has_its_own_plain_text() -> None:
    known = {what: text for what, text in told(STATUS).items() if not text.startswith("{")}
    assert known == {
        "mode": "auto",
        "preset": "comfort",
        "target": "21.0",
        "current": "20.5",
        "humidity": "48.0",
        "action": "heating",
    }


def test_what_is_not_known_or_not_believed_is_emptied() -> None:
    blind = replace(
        STATUS, trust=Trust.SILENT, humidity=None, wanted=replace(STATUS.wanted, preset=None, target_c=math.nan)
    )
    assert [told(blind)[what] for what in ("current", "humidity", "preset", "target")] == ["None"] * 4


@pytest.mark.parametrize(
    ("mode", "heating", "cooling", "action"),
    [
        (Mode.AUTO, False, False, "idle"),
        (Mode.OFF, False, False, "off"),
        (Mode.OFF, True, False, "heating"),
        (Mode.COOL, False, True, "cooling"),
    ],
)
def test_the_action_says_what_happens_and_not_what_is_wanted(
    mode: Mode, heating: bool, cooling: bool, action: str
) -> None:
    status = replace(STATUS, wanted=replace(STATUS.wanted, mode=mode), heating=heating, cooling=cooling)
    assert told(status)["action"] == action


def test_attributes_explain_and_stay_small() -> None:
    steps = tuple(range(96))
    long = Forecast(
        ahead_s=tuple(900.0 * (n + 1) for n in steps), temp_c=tuple(20.0 for _ in steps), spread_c=(0.1,) * 96
    )
    alarms = frozenset({Alarm.WINDOW_OPEN, Alarm.CLOCK})
    room = told(replace(STATUS, forecast=long, alarms=alarms))
    attributes = json.loads(room["attributes"])
    assert attributes["why"] == STATUS.why
    assert attributes["skill"] == {"1": 0.21, "6": None}
    assert [point["in_min"] for point in attributes["forecast"]] == [120 * (n + 1) for n in range(12)]
    assert json.loads(room["problem"]) == {"state": "ON", "alarms": ["clock", "window_open"]}


def test_everything_is_told_as_json_without_nan() -> None:
    body = json.loads(json.dumps(status_json(STATUS), allow_nan=False))
    assert (body["time"], body["target_c"], body["law"], body["forecast"]["temp_c"]) == (
        1767246120.0,
        21.0,
        "plan",
        [20.6, 20.9],
    )
    assert body["price_ahead"] == {"time": [1767245400, 1767247200], "price": [0.28, None]}


@pytest.mark.parametrize(
    ("what", "payload", "ask"),
    [
        ("mode/set", b"off", Ask(room="hall", mode=Mode.OFF)),
        ("preset/set", b"eco", Ask(room="hall", preset=Preset.ECO)),
        ("preset/set", b"none", Ask(room="hall", mode=Mode.HEAT)),
        ("target/set", b"23.0", Ask(room="hall", target_c=23.0)),
        ("target/set", b"68 \xc2\xb0F", Ask(room="hall", target_c=20.0)),
    ],
)
def test_wishes_that_are_understood(what: str, payload: bytes, ask: Ask) -> None:
    found = ask_of("hall", what, payload, Mode.HEAT)
    assert replace(found, target_c=None) == replace(ask, target_c=None)
    assert found.target_c == pytest.approx(ask.target_c)


@pytest.mark.parametrize(
    ("what", "payload", "key"),
    [
        ("mode/set", b"dry", "mode_unknown"),
        ("mode/set", b"", "payload_empty"),
        ("preset/set", b"holiday", "preset_unknown"),
        ("preset/set", b"\xff", "payload_not_utf8"),
        ("target/set", b"NaN", "not_finite"),
        ("target/set", b"warm", "not_a_number"),
        ("target/set", b"20 bar", "unit_wrong"),
        ("target/set", b"9" * 70_000, "payload_too_large"),
    ],
)
def test_garbage_is_named(what: str, payload: bytes, key: str) -> None:
    with pytest.raises(Invalid, match=key):
        ask_of("hall", what, payload, Mode.AUTO)
