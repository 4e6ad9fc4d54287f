"""A wish of the hub is taken whole or not at all, and never past what people of the home said."""

from pathlib import Path
from typing import Any

import pytest

from gateway.config.layers import Layers, Origin
from gateway.errors import ConfigError, Invalid
from gateway.uplink.twin.twin import Twin, in_force
from gateway.wire.uplink import Desired, Rejected

FILE = """
cameras:
  - {name: door, url: "rtsp://192.168.1.20/canary-path", credential: canary-credential}
climate:
  pause_s: 1200
retention:
  events_days: 30
gateway:
  name: Canary Family
"""


class Desk:
    """A twin over a real file; counts how often the gateway was to start anew."""

    def __init__(self, folder: Path, layers: Layers | None = None) -> None:
        self.file = folder / "gateway.yaml"
        self.file.write_text(FILE)
        self.kept: list[Layers] = []
        self.anew = 0
        self.twin = Twin(self.file, layers or Layers(), self.kept.append, self._changed)

    def _changed(self) -> None:
        self.anew += 1

    @property
    def pause_s(self) -> float:
        return in_force(self.file, self.twin.layers)[0].climate.pause_s


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_wish_comes_into_force_and_is_kept(desk: Desk) -> None:
    told = desk.twin.desire(Desired(version=3, patch={"climate": {"pause_s": 600}}))
    assert desk.pause_s == 600
    assert (told.version, told.rejected) == (3, ())
    assert told.settings["climate"]["pause_s"] == 600
    assert told.sources["climate.pause_s"] == "hub"
    assert told.sources["retention.events_days"] == "file"
    assert (desk.kept[-1].hub_version, desk.anew) == (3, 1)


def test_an_old_wish_and_the_same_again_change_nothing(desk: Desk) -> None:
    desk.twin.desire(Desired(version=3, patch={"climate": {"pause_s": 600}}))
    for version in (2, 3):
        told = desk.twin.desire(Desired(version=version, patch={"climate": {"pause_s": 300}}))
        assert told.version == 3
    assert (desk.pause_s, desk.anew) == (600, 1)


def test_what_was_wished_while_we_were_away_arrives_as_one(desk: Desk) -> None:
    desk.twin.set({"retention": {"events_days": 20}})
    desk.twin.desire(Desired(version=9, patch={"climate": {"pause_s": 900}, "retention": {"media_days": 3}}))
    settings, _ = in_force(desk.file, desk.twin.layers)
    assert (settings.climate.pause_s, settings.retention.events_days, settings.retention.media_days) == (900, 20, 3)


def test_people_of_the_home_have_the_last_word_until_they_give_it_back(desk: Desk) -> None:
    desk.twin.set({"climate": {"pause_s": 1500}})
    told = desk.twin.desire(Desired(version=1, patch={"climate": {"pause_s": 600}}))
    assert desk.pause_s == 1500
    assert told.sources["climate.pause_s"] == "local"
    assert desk.twin.origins()["climate.pause_s"] is Origin.LOCAL
    desk.twin.release("climate.pause_s")
    assert desk.pause_s == 600
    with pytest.raises(Invalid, match="setting_unknown"):
        desk.twin.release("climate.pause_s")


@pytest.mark.parametrize(
    "patch",
    [
        {"models": {"trusted_keys": ["0" * 64]}},
        {"uplink": {"host": "elsewhere.example"}},
        {"retention": {"strangers_hours": 24}},
        {"cameras": []},
        {"web": {"port": 1}},
        {"gateway": {"id": "other"}},
        {"rules": [{"name": "open the door"}]},
        {"climate": {"pause_s": 600}, "mqtt": {"host": "elsewhere.example"}},
        {"retention": None},
    ],
)
def test_a_hub_cannot_open_a_home(desk: Desk, patch: dict[str, Any]) -> None:
    told = desk.twin.desire(Desired(version=1, patch=patch))
    assert {one.key for one in told.rejected} == {"setting_local"}
    assert desk.twin.layers == Layers()
    assert (desk.pause_s, desk.anew) == (1200, 0)


@pytest.mark.parametrize(
    ("patch", "path"),
    [
        ({"climate": {"pause_s": "long"}}, "climate.pause_s"),
        ({"climate": {"warp": 9}}, "climate.warp"),
        ({"logging": {"level": "canary-shouting"}}, "logging.level"),
        ({"climate": 3}, "climate"),
        ({"climate": {"outdoor": "nowhere"}}, "climate.outdoor"),
    ],
)
def test_what_is_no_setting_is_told_by_its_path_and_never_by_its_value(
    desk: Desk, patch: dict[str, Any], path: str
) -> None:
    told = desk.twin.desire(Desired(version=1, patch=patch))
    assert told.rejected == (Rejected(path=path, key="setting_invalid"),)
    assert "canary" not in told.model_dump_json()
    assert desk.anew == 0


def test_nothing_is_told_that_has_a_name(desk: Desk) -> None:
    told = desk.twin.desire(Desired(version=1, patch={"climate": {"pause_s": 600}})).model_dump_json()
    assert "anary" not in told
    assert "192.168" not in told
    assert "door" not in told


def test_people_cannot_set_what_is_no_setting_either(desk: Desk) -> None:
    with pytest.raises(ConfigError):
        desk.twin.set({"climate": {"pause_s": -5}})
    assert desk.twin.layers == Layers()


def test_a_layer_that_no_longer_fits_the_file_is_left_out(desk: Desk) -> None:
    layers = Layers(hub_version=4, hub={"climate": {"rooms": [{"name": "den", "sensor": "t", "heater": "gone"}]}})
    settings, counts = in_force(desk.file, layers)
    assert settings.climate.rooms == ()
    assert counts == Layers(hub_version=4)


def test_what_changes_nothing_starts_nothing_anew(desk: Desk) -> None:
    desk.twin.desire(Desired(version=1, patch={"climate": {"pause_s": 1200}}))
    assert (desk.anew, desk.kept[-1].hub_version) == (0, 1)


@pytest.mark.parametrize("patch", [{"gateway": {"data_dir": "elsewhere"}}, {"gateway": None}, {"version": 1}])
def test_where_everything_lies_only_the_file_says(desk: Desk, patch: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="setting_fixed"):
        desk.twin.set(patch)
    desk.twin.set({"gateway": {"name": "Cottage"}})
    assert desk.twin.layers.local == {"gateway": {"name": "Cottage"}}
