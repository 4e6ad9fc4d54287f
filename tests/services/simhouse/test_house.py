import json

import pytest

from gateway.errors import Invalid
from services.simhouse.faults import NONSENSE, Fault, Faults
from services.simhouse.house import DOOR_S, HOLD_S, House, obey, readings, states, step


def told(house: House, topic: str) -> str:
    return states(house)[topic]


def test_the_lamp_obeys_and_tells() -> None:
    house = obey(House(), "lamp", b"ON")
    assert told(house, "lamp/state") == "ON"
    assert told(obey(house, "lamp", b"OFF"), "lamp/state") == "OFF"


def test_brightness_switches_on_and_zero_switches_off_but_is_remembered() -> None:
    bright = obey(House(), "lamp/brightness", b"128")
    assert (told(bright, "lamp/state"), told(bright, "lamp/brightness/state")) == ("ON", "128")
    dark = obey(bright, "lamp/brightness", b"0")
    assert (told(dark, "lamp/state"), told(dark, "lamp/brightness/state")) == ("OFF", "128")
    assert told(obey(House(), "lamp/brightness", b"999"), "lamp/brightness/state") == "255"


def test_the_heater_warms_the_room_and_its_plug_measures_it() -> None:
    house = obey(House(), "heater", b"ON")
    assert readings(house)["heater/power"] == "1500.0"
    before = json.loads(readings(house)["temperature/state"])["temperature"]
    after = json.loads(readings(step(house, 1800.0))["temperature/state"])["temperature"]
    assert after > before + 1.0
    assert readings(House())["heater/power"] == "0.0"


def test_a_heater_that_nobody_renews_lets_go() -> None:
    house = obey(obey(House(speed=3.0), "heater/lease", b"900"), "heater", b"ON")
    assert told(step(house, 2699.0), "heater/state") == "ON"
    assert told(step(house, 2700.0), "heater/state") == "OFF"
    renewed = obey(step(house, 2000.0), "heater", b"ON")
    assert told(step(renewed, 2000.0), "heater/state") == "ON"
    assert told(step(obey(House(), "heater", b"ON"), 86400.0), "heater/state") == "ON"


def test_the_outside_is_told() -> None:
    assert json.loads(readings(House())["outdoor/state"]) == {"temperature": 5.0}


def test_motion_is_held_for_a_while() -> None:
    house = obey(House(), "motion", b"ON")
    assert told(step(house, HOLD_S - 1), "motion/state") == "ON"
    assert told(step(house, HOLD_S), "motion/state") == "OFF"


def test_a_door_opened_by_hand_stays_open() -> None:
    house = step(obey(House(), "door", b"ON"), 3600.0)
    assert told(house, "door/state") == "ON"
    assert told(obey(house, "door", b"OFF"), "door/state") == "OFF"


def test_a_visitor_comes_on_time_and_shuts_the_door() -> None:
    house = step(House(visit_every_s=300.0), 299.0)
    assert told(house, "door/state") == "OFF"
    house = step(house, 1.0)
    assert (told(house, "door/state"), told(house, "motion/state")) == ("ON", "ON")
    house = step(house, DOOR_S)
    assert (told(house, "door/state"), told(house, "motion/state")) == ("OFF", "ON")
    assert told(step(house, HOLD_S), "motion/state") == "OFF"


@pytest.mark.parametrize(
    ("command", "payload", "key"),
    [
        ("window", b"ON", "no_such_command"),
        ("temperature", b"21", "no_such_command"),
        ("lamp", b"perhaps", "not_a_boolean"),
        ("lamp", b"\xff", "payload_not_utf8"),
        ("lamp/brightness", b"nan", "not_finite"),
    ],
)
def test_nonsense_is_refused(command: str, payload: bytes, key: str) -> None:
    with pytest.raises(Invalid) as caught:
        obey(House(), command, payload)
    assert caught.value.key == key


def test_time_is_deterministic() -> None:
    assert step(House(visit_every_s=10.0), 25.0) == step(House(visit_every_s=10.0), 25.0)


def test_faults() -> None:
    faults = Faults(mute=["lamp"], nonsense=["temperature"])
    assert faults.mute("lamp")
    assert faults.spoil("door", "ON") == b"ON"
    assert [faults.spoil("temperature", "21") for _ in NONSENSE] == list(NONSENSE)
    faults.set("lamp", Fault.NONE)
    assert not faults.mute("lamp")
