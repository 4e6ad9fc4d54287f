"""What Home Assistant is told of a room. Keys and traps: homeassistant/components/mqtt/climate.py, 2024.3 to 2026.2."""

from collections.abc import Iterator
from typing import Any

from gateway.config.climate import Room
from gateway.types.climate import Mode, Preset
from gateway.wire import climate as wire
from gateway.wire.discovery import Device, Entity
from gateway.wire.topics import Topics, slug


def room_entities(topics: Topics, room: Room, gateway: Device) -> Iterator[Entity]:
    """The thermostat and its alarms, as one device."""
    device = Device(
        id=f"{gateway.id}_room_{slug(room.name)}",
        name=f"{gateway.name} {room.title or room.name}",
        model="Room",
        sw_version=gateway.sw_version,
        via=gateway.id,
    )
    here = {
        "availability": [{"topic": topics.status}, {"topic": topics.room(room.name, "available")}],
        "availability_mode": "all",
    }
    yield Entity(component="climate", key="climate", device=device, config={**_thermostat(topics, room), **here})
    alarms = {
        "name": "Problem",
        "device_class": "problem",
        "entity_category": "diagnostic",
        "state_topic": topics.room(room.name, "problem"),
        "value_template": "{{ value_json.state }}",
        "json_attributes_topic": topics.room(room.name, "problem"),
    }
    yield Entity(component="binary_sensor", key="problem", device=device, config={**alarms, **here})


def _thermostat(topics: Topics, room: Room) -> dict[str, Any]:
    def topic(what: str) -> str:
        return topics.room(room.name, what)

    return {
        "name": None,
        "modes": [mode.value for mode in modes(room)],
        "mode_state_topic": topic("mode"),
        "mode_command_topic": topic(wire.MODE_SET),
        "preset_modes": [preset.value for preset in Preset],
        "preset_mode_state_topic": topic("preset"),
        "preset_mode_command_topic": topic(wire.PRESET_SET),
        "temperature_state_topic": topic("target"),
        "temperature_command_topic": topic(wire.TARGET_SET),
        "current_temperature_topic": topic("current"),
        "current_humidity_topic": topic("humidity"),
        "action_topic": topic("action"),
        "json_attributes_topic": topic("attributes"),
        "min_temp": room.limits.set_min_c,
        "max_temp": room.limits.set_max_c,
        "temp_step": 0.5,
        "precision": 0.1,
        "temperature_unit": "C",
    }


def modes(room: Room) -> tuple[Mode, ...]:
    """What the room can be set to."""
    can_heat = room.heater is not None or room.spare_heater is not None
    return (
        Mode.OFF,
        Mode.AUTO,
        *((Mode.HEAT,) if can_heat else ()),
        *((Mode.COOL,) if room.cooler is not None else ()),
    )
