"""The shipped forecaster in a room of a real flat, which trained nothing of it."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.app.eval_forecast import evaluate, open_net
from gateway.models.registry import ModelRegistry
from tests.models.tiny import shared

pytestmark = [pytest.mark.shared, pytest.mark.timeout(600)]


def test_a_real_kitchen_is_foretold_better_than_by_a_ridge(tmp_path: Path) -> None:
    flat = shared("data/opensmarthome/Kitchen_Temperature.csv").parent
    for file in flat.glob("Kitchen_*.csv"):
        shutil.copy(file, tmp_path)
    net = open_net(ModelRegistry(tmp_path / "models"))
    begin, end = datetime(2017, 4, 1, tzinfo=UTC), datetime(2017, 5, 11, tzinfo=UTC)
    score = evaluate(tmp_path, net, lambda _line: None, begin=begin, end=end).pooled
    assert score.rows[0] > 5000
    assert min(score.skill["network"]) > 0, "on a room's first day, knowing nothing of it"
    assert min(score.skill["blend"]) > 0.1
    assert score.rmse["blend"][0] < 0.96 * score.rmse["ridge"][0]
    assert score.rmse["blend"][2] <= score.rmse["ridge"][2]
