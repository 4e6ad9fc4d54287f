"""The running gateway and a real Home Assistant on one broker: what it makes of our rooms and cameras, and asks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.scene import write_clip

from .corridor import Gateway, Listener, configure, wait_for
from .homeassistant_core import HomeAssistant
from .mosquitto import Mosquitto
from .test_climate_e2e import HEATER, ROOM, publish

pytestmark = [
    pytest.mark.integration,
    pytest.mark.homeassistant,
    pytest.mark.usefixtures("house"),
    pytest.mark.timeout(900),
]

ROOM_HALL = {"name": "hall", "sensor": "hall", "heater": "heater", "emitter": "electric"}
HALL = "climate.hearthgate_test_room_hall_climate"
OURS = {
    HALL,
    "binary_sensor.hearthgate_test_room_hall_problem",
    "binary_sensor.hearthgate_test_connection",
    "binary_sensor.hearthgate_test_problem",
    "binary_sensor.hearthgate_test_yard_motion",
    "binary_sensor.hearthgate_test_yard_connection",
    "sensor.hearthgate_test_yard_person",
    "event.hearthgate_test_yard_face",
}
PATIENCE_S = 90.0


@pytest.fixture
def home(tmp_path: Path, broker: Mosquitto) -> Iterator[HomeAssistant]:
    with HomeAssistant(tmp_path / "homeassistant", broker) as running:
        yield running


def configured(folder: Path, broker: Mosquitto, form: str) -> Path:
    folder.mkdir()
    write_clip(folder / "yard.mp4", 6)
    lease = {"kind": "topic", "topic": f"{HEATER}/lease/set"}
    topic = "simhouse/hall/temperature/state"
    return configure(
        folder,
        mqtt={"host": "127.0.0.1", "port": broker.port, "credential": "broker", "discovery": {"form": form}},
        cameras=[{"name": "yard", "file": str(folder / "yard.mp4"), "loop": True, "rest_s": 4, "quiet_s": 1}],
        sensors=[{"device": "hall", "quantity": "temperature", "topic": topic, "json_path": "temperature"}],
        devices=[
            {
                "name": "heater",
                "kind": "heater",
                "command_topic": f"{HEATER}/set",
                "state_topic": f"{HEATER}/state",
                "lease": lease,
            }
        ],
        climate={"rooms": [{**ROOM_HALL, "limits": {"min_on_s": 0, "min_off_s": 0}}]},
    )


def becomes(home: HomeAssistant, entity: str, value: Any, attribute: str | None = None) -> None:
    """Wait until the state, or an attribute of it, is `value`."""

    def found() -> Any:
        state = home.state(entity)
        return state.get("attributes", {}).get(attribute) if attribute else state.get("state")

    wait_for(lambda: found() == value, f"{entity} {attribute or ''} is {value}, not {found()}", PATIENCE_S)


@pytest.mark.parametrize("form", ["single", "device"])
def test_rooms_and_cameras_appear_as_they_are_and_take_wishes(
    tmp_path: Path, broker: Mosquitto, listener: Listener, home: HomeAssistant, form: str
) -> None:
    if form == "device" and home.version() < (2024, 12):
        pytest.skip("this Home Assistant does not know the device form")
    with Gateway(configured(tmp_path / "home", broker, form)) as gateway:
        becomes(home, HALL, "auto")
        wait_for(lambda: home.entities() == OURS, "all of them, and no more", PATIENCE_S)
        becomes(home, HALL, 21.0, "temperature")
        wait_for(lambda: listener.heard(f"{HEATER}/state ON"), "it heats", PATIENCE_S)
        becomes(home, HALL, "heating", "hvac_action")
        room = home.state(HALL)["attributes"]
        assert (room["min_temp"], room["max_temp"], room["target_temp_step"]) == (5.0, 30.0, 0.5)
        assert room["hvac_modes"] == ["off", "auto", "heat"]
        assert set(room["preset_modes"]) == {"none", "frost", "away", "eco", "sleep", "comfort", "boost"}
        assert isinstance(room["current_temperature"], float)
        assert room["why"].startswith("heating since ")
        becomes(home, "binary_sensor.hearthgate_test_connection", "on")
        becomes(home, "binary_sensor.hearthgate_test_yard_motion", "on")

        home.ask("climate", "set_temperature", entity_id=HALL, temperature=15.5)
        becomes(home, HALL, 15.5, "temperature")
        becomes(home, HALL, "idle", "hvac_action")
        wait_for(lambda: listener.lines[-1] and listener.heard(f"{HEATER}/state OFF"), "it stops", PATIENCE_S)
        home.ask("climate", "set_preset_mode", entity_id=HALL, preset_mode="eco")
        becomes(home, HALL, "eco", "preset_mode")
        becomes(home, HALL, 18.0, "temperature")
        home.ask("climate", "set_preset_mode", entity_id=HALL, preset_mode="none")
        becomes(home, HALL, 21.0, "temperature")
        home.ask("climate", "set_hvac_mode", entity_id=HALL, hvac_mode="off")
        becomes(home, HALL, "off")
        home.ask("climate", "set_hvac_mode", entity_id=HALL, hvac_mode="auto")
        becomes(home, HALL, "auto")

        publish(broker, f"{ROOM}/target/set", "NaN")
        publish(broker, f"{ROOM}/target/set", "90")
        becomes(home, "binary_sensor.hearthgate_test_room_hall_problem", "on")
        assert home.state(HALL)["attributes"]["temperature"] == 21.0

        gateway.kill()
        becomes(home, HALL, "unavailable")
        gateway.start()
        becomes(home, HALL, "auto")
        home.stop()
        home.start()
        becomes(home, HALL, 21.0, "temperature")
        assert gateway.stop() == 0
        becomes(home, HALL, "unavailable")
    assert home.worries() == []
