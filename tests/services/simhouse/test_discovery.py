"""Announcements are checked against the keys that Home Assistant knows: an unknown one is dropped without a word,
or, within `device` and `origin`, costs the whole entity."""

import json
from typing import Any

import pytest

from services.simhouse.discovery import announcements

COMMON = {
    "name",
    "unique_id",
    "object_id",
    "default_entity_id",
    "availability_topic",
    "payload_available",
    "payload_not_available",
    "qos",
    "device",
    "origin",
    "state_topic",
}
OWN = {
    "light": {"command_topic", "brightness_command_topic", "brightness_state_topic", "brightness_scale"},
    "switch": {"command_topic", "device_class"},
    "binary_sensor": {"device_class"},
    "sensor": {"device_class", "state_class", "unit_of_measurement", "value_template", "expire_after"},
}
DEVICE = {"identifiers", "name", "manufacturer", "model", "sw_version"}
ORIGIN = {"name", "sw_version"}
ALL = [(topic, json.loads(payload)) for topic, payload in announcements("hall", 5.0)]


@pytest.mark.parametrize(("topic", "announced"), ALL, ids=[topic for topic, _ in ALL])
def test_an_announcement_is_in_the_single_component_form_with_known_keys_only(
    topic: str, announced: dict[str, Any]
) -> None:
    prefix, component, node, object_id, last = topic.split("/")
    assert (prefix, node, last) == ("homeassistant", "simhouse_hall", "config")
    assert set(announced) <= COMMON | OWN[component]
    assert set(announced["device"]) <= DEVICE
    assert set(announced["origin"]) <= ORIGIN
    assert announced["origin"]["name"]
    assert announced["default_entity_id"] == f"{component}.{announced['object_id']}"
    assert object_id in announced["unique_id"]
    assert not announced["name"].startswith(announced["device"]["name"])


def test_unique_ids_are_unique_also_across_rooms() -> None:
    everything = [json.loads(p)["unique_id"] for room in ("hall", "attic") for _, p in announcements(room, 5.0)]
    assert len(set(everything)) == len(everything) == 14


def test_temperature_is_in_a_unit_that_every_version_takes() -> None:
    units = {announced.get("unit_of_measurement") for _, announced in ALL}
    assert units == {None, "°C", "W"}
