"""What the room announces to Home Assistant: the single-component form, which every version accepts quietly.

Only keys that Home Assistant 2024.3 to 2026.2 know; both `object_id` and `default_entity_id`, no `model_id`.
"""

import json
from collections.abc import Iterator

_VERSION = "1"


def announcements(room: str, report_s: float) -> Iterator[tuple[str, str]]:
    """(topic, JSON payload), to be retained. `report_s` is the real time between two readings."""
    base = f"simhouse/{room}"
    expire_s = max(60, round(report_s * 5))
    entities = (
        ("light", "lamp", "Lamp", _lamp(base)),
        ("binary_sensor", "door", "Door", {"state_topic": f"{base}/door/state", "device_class": "door"}),
        ("binary_sensor", "motion", "Motion", {"state_topic": f"{base}/motion/state", "device_class": "motion"}),
        ("switch", "heater", "Heater", _heater(base)),
        ("sensor", "temperature", "Temperature", _temperature(f"{base}/temperature/state", expire_s)),
        ("sensor", "outdoor", "Outdoor temperature", _temperature(f"{base}/outdoor/state", expire_s)),
        ("sensor", "heater_power", "Heater power", _power(base, expire_s)),
    )
    for component, object_id, name, own in entities:
        yield (
            f"homeassistant/{component}/simhouse_{room}/{object_id}/config",
            json.dumps({**_common(room, component, object_id, name), **own}),
        )


def _common(room: str, component: str, object_id: str, name: str) -> dict[str, object]:
    entity = f"simhouse_{room}_{object_id}"
    return {
        "name": name,
        "unique_id": entity,
        "object_id": entity,
        "default_entity_id": f"{component}.{entity}",
        "availability_topic": f"simhouse/{room}/status",
        "payload_available": "online",
        "payload_not_available": "offline",
        "qos": 1,
        "device": {
            "identifiers": [f"simhouse_{room}"],
            "name": f"Simulated {room}",
            "manufacturer": "Hearthgate",
            "model": "Simulated room",
            "sw_version": _VERSION,
        },
        "origin": {"name": "simhouse", "sw_version": _VERSION},
    }


def _lamp(base: str) -> dict[str, object]:
    return {
        "command_topic": f"{base}/lamp/set",
        "state_topic": f"{base}/lamp/state",
        "brightness_command_topic": f"{base}/lamp/brightness/set",
        "brightness_state_topic": f"{base}/lamp/brightness/state",
        "brightness_scale": 255,
    }


def _heater(base: str) -> dict[str, object]:
    return {"command_topic": f"{base}/heater/set", "state_topic": f"{base}/heater/state", "device_class": "outlet"}


def _temperature(topic: str, expire_s: int) -> dict[str, object]:
    return {
        "state_topic": topic,
        "value_template": "{{ value_json.temperature }}",
        "device_class": "temperature",
        "state_class": "measurement",
        "unit_of_measurement": "°C",
        "expire_after": expire_s,
    }


def _power(base: str, expire_s: int) -> dict[str, object]:
    return {
        "state_topic": f"{base}/heater/power",
        "device_class": "power",
        "state_class": "measurement",
        "unit_of_measurement": "W",
        "expire_after": expire_s,
    }
