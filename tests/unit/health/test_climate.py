"""A heater that would heat on without us is a worry."""

import pytest

from gateway.config.settings import Settings
from gateway.health.climate import check_climate
from gateway.health.finding import Grade


def house(drive: str, lease: dict[str, str] | None, **more: object) -> Settings:
    device = {"name": "heater", "command_topic": "cmnd/heater/POWER", "lease": lease}
    room = {"name": "hall", "sensor": "hall", "heater": "heater", "drive": drive}
    return Settings.model_validate({"devices": [device], "climate": {"rooms": [room], **more}})


@pytest.mark.parametrize(
    ("drive", "kind", "key"),
    [
        ("relay", None, "no_lease"),
        ("relay", "tasmota_pulsetime", "ok"),
        ("relay", "zigbee_on_time", "ok"),
        ("relay", "otgw", "no_lease"),
        ("valve", "zigbee_on_time", "no_lease"),
        ("opentherm", "otgw", "ok"),
    ],
)
async def test_a_lease_must_fit_what_it_is_for(drive: str, kind: str | None, key: str) -> None:
    (found,) = await check_climate(house(drive, {"kind": kind} if kind else None))
    assert found.key == key
    if key == "no_lease":
        assert (found.worry, found.level) == ("climate/hall", Grade.WARN)


async def test_the_boiler_is_a_heater_too() -> None:
    found = await check_climate(house("relay", {"kind": "tasmota_pulsetime"}, boiler={"device": "fire"}))
    assert [(one.worry, one.key) for one in found] == [("climate/boiler", "no_lease")]


async def test_a_house_without_rooms_has_no_worry() -> None:
    assert await check_climate(Settings()) == []
