"""Announcements hold only keys that Home Assistant 2024.3 to 2026.2 takes, at every level.

The lists are the discovery schemas of homeassistant/components/mqtt in 2024.3.3, the oldest; `default_entity_id`
came later and is dropped in silence before.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.sinks.entities import entities
from gateway.wire import discovery
from gateway.wire.topics import Topics

DEVICE = {
    "identifiers", "connections", "manufacturer", "model", "name", "hw_version", "serial_number", "sw_version",
    "via_device", "suggested_area", "configuration_url",
}  # fmt: skip
ORIGIN = {"name", "sw_version", "support_url"}
AVAILABILITY = {"topic", "payload_available", "payload_not_available", "value_template"}
COMMON = {
    "availability", "availability_mode", "device", "origin", "enabled_by_default", "entity_category", "icon",
    "json_attributes_topic", "json_attributes_template", "object_id", "unique_id", "default_entity_id",
    "qos", "encoding", "state_topic", "value_template", "device_class", "name",
}  # fmt: skip
COMPONENT = {
    "binary_sensor": {"expire_after", "force_update", "off_delay", "payload_on", "payload_off"},
    "sensor": {"expire_after", "force_update", "last_reset_value_template", "suggested_display_precision",
               "state_class", "unit_of_measurement"},
    "event": {"event_types"},
}  # fmt: skip
DEVICE_CLASSES = {"motion", "connectivity", "problem"}

CAMERAS = ["door", "Küche / links"]
ENTITIES = entities(Topics(gateway="home"), "Hearthgate", CAMERAS, "0.1.0", "http://192.0.2.7:8080/")
SINGLE = discovery.single(ENTITIES, "0.1.0")
BY_DEVICE = discovery.by_device(ENTITIES, "0.1.0")


def bodies() -> Iterator[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """component, keys, device, origin of every entity in both forms."""
    for told in SINGLE:
        body = json.loads(told.payload)
        yield told.topic.split("/")[1], body, body["device"], body["origin"]
    for told in BY_DEVICE:
        whole = json.loads(told.payload)
        assert set(whole) == {"device", "origin", "components"}
        for body in whole["components"].values():
            yield body.pop("platform"), body, whole["device"], whole["origin"]


def test_only_known_keys_at_every_level() -> None:
    seen = 0
    for component, body, device, origin in bodies():
        seen += 1
        assert set(body) <= COMMON | COMPONENT[component]
        assert set(device) <= DEVICE
        assert set(origin) <= ORIGIN
        assert all(set(entry) <= AVAILABILITY for entry in body.get("availability", []))
    assert seen == 2 * (2 + 4 * len(CAMERAS))


def test_what_home_assistant_demands_is_there() -> None:
    for component, body, device, origin in bodies():
        assert body["unique_id"]
        assert body["default_entity_id"].split(".")[0] == component
        assert body["object_id"]
        assert device["identifiers"]
        assert origin["name"] == "hearthgate"
        assert body.get("device_class") in DEVICE_CLASSES | {None}
        assert not body["name"].startswith(device["name"])
        assert body.get("entity_category") in {None, "diagnostic"}  # "config" refuses a sensor
        assert "availability_topic" not in body


def test_ids_are_unique_and_the_same_in_both_forms() -> None:
    ids = [body["unique_id"] for _, body, _, _ in bodies()]
    assert len(set(ids)) == len(ids) / 2
    assert set(ids[: len(ids) // 2]) == set(ids[len(ids) // 2 :])


def test_topics_are_of_the_form_that_home_assistant_reads() -> None:
    safe = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
    for told in SINGLE:
        prefix, component, node, key, config = told.topic.split("/")
        assert (prefix, config) == ("homeassistant", "config")
        assert component in COMPONENT
        assert set(node + key) <= safe
    assert [told.topic.split("/")[:2] for told in BY_DEVICE] == [["homeassistant", "device"]] * 3


@pytest.mark.parametrize("page", [None, "", "nonsense", "ftp://x/", "http://", "http://[::1"])
def test_a_page_address_that_is_no_url_is_left_out(page: str | None) -> None:
    told = discovery.single(entities(Topics(gateway="g"), "G", [], "1", page), "1")
    assert all("configuration_url" not in json.loads(one.payload)["device"] for one in told)


def test_a_page_address_is_told_and_the_cameras_hang_below_the_gateway() -> None:
    gateway, *cameras = (json.loads(told.payload)["device"] for told in BY_DEVICE)
    assert gateway["configuration_url"] == "http://192.0.2.7:8080/"
    assert {camera["via_device"] for camera in cameras} == set(gateway["identifiers"])


def test_a_component_that_is_gone_is_sent_once_more_as_its_platform() -> None:
    topic = BY_DEVICE[1].topic
    before = {topic: {**BY_DEVICE[1].components, "siren": "siren"}}
    again = {told.topic: told for told in discovery.by_device(ENTITIES, "0.1.0", before=before)}
    assert json.loads(again[topic].payload)["components"]["siren"] == {"platform": "siren"}
    assert again[topic].components == BY_DEVICE[1].components
