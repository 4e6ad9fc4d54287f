"""What was decided over the file survives, and garbage does not lock anybody out."""

import json
from pathlib import Path

import pytest

from gateway.app.overrides import NAME, Overrides
from gateway.config.layers import Layers

LAYERS = Layers(hub_version=7, hub={"climate": {"pause_s": 600}}, local={"logging": {"level": "error"}})


def test_it_is_there_after_a_restart(tmp_path: Path) -> None:
    assert Overrides(tmp_path).load() == Layers()
    Overrides(tmp_path).keep(LAYERS)
    assert Overrides(tmp_path).load() == LAYERS


@pytest.mark.parametrize(
    "garbage", ["", "{", "[]", "3", '{"hub_version": "x", "hub": {}, "local": {}}', "[" * 99_999, "\xff"]
)
def test_garbage_is_set_aside(tmp_path: Path, garbage: str) -> None:
    (tmp_path / NAME).write_bytes(garbage.encode("latin-1"))
    assert Overrides(tmp_path).load() == Layers()
    assert (tmp_path / "overrides.corrupt").read_bytes() == garbage.encode("latin-1")
    Overrides(tmp_path).keep(LAYERS)
    assert json.loads((tmp_path / NAME).read_text())["hub_version"] == 7
