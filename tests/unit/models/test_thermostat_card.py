"""The forecaster that is shipped is where its card says, answers what it must, and fits this version's inputs."""

import json
from importlib import resources
from pathlib import Path

import numpy as np

from gateway.climate.forecast.features import NAMES
from gateway.climate.forecast.net import STEPS, Net
from gateway.models import vectors
from gateway.models.litert import LiteRtBackend
from gateway.models.packaged import Packaged, packaged_cards
from services.factory.lint import lint

CARD = packaged_cards()["thermostat_v1"]


def test_it_answers_as_its_golden_vectors_say(tmp_path: Path) -> None:
    packaged, backend = Packaged(tmp_path), LiteRtBackend()
    backend.load(CARD, packaged.path(CARD.main))
    assert CARD.golden is not None
    report = vectors.check(backend, CARD, packaged.path(CARD.golden).read_bytes())
    backend.close()
    assert report.cases >= 10
    assert report.holds


def test_it_is_small_int8_throughout_and_what_the_accelerators_compiler_takes(tmp_path: Path) -> None:
    data = Packaged(tmp_path).path(CARD.main).read_bytes()
    report = lint(data)
    assert len(data) == CARD.bytes <= 100_000
    assert (report.findings, report.int8_complete, report.mapped) == ((), True, True)


def test_a_cooling_room_goes_on_cooling_a_heated_one_warms_and_the_far_is_less_sure(tmp_path: Path) -> None:
    backend = LiteRtBackend()
    backend.load(CARD, Packaged(tmp_path).path(CARD.main))
    falling = {"temp-10": 0.1, "temp-20": 0.2, "temp-30": 0.3, "temp-60": 0.6, "temp-120": 1.0, "temp-180": 1.3}
    heated = {"duty": 5.0, "duty-small": 1.0, "duty-60": -5.0, "duty-120": -5.0, "duty-6h": 0.8}
    wanted = {"wanted": 2.0, "wanted-near": 1.0, "wanted-120": -2.0, "wanted-360": -2.0}
    rising = {"temp-10": -0.1, "temp-20": -0.2, "temp-30": -0.2, "temp-60": -0.2, "temp-90": -0.1, "temp-360": 0.6}
    lows = {"low-1h": -0.2, "low-6h": -0.2, "high-6h": 0.6}
    given = np.zeros((2, len(NAMES)), np.float32)
    cold = {**falling, "temp-360": 1.8, "high-6h": 1.8, "wanted": -3.0}
    for row, known in enumerate((cold, {**heated, **wanted, **rising, **lows})):
        for name, value in {**known, "outdoor": -4.0}.items():
            given[row, NAMES.index(name)] = value
    answer = Net(backend, CARD).ask(given)
    backend.close()
    assert answer.change.shape == (2, STEPS)
    assert answer.change[0, 5] < 0 < answer.change[1, 5]
    assert (answer.spread[:, -1] > answer.spread[:, 0]).all()


def test_its_card_says_on_what_it_was_trained() -> None:
    text = (resources.files("gateway.models") / "cards" / "thermostat_v1.json").read_text(encoding="utf-8")
    card = json.loads(text)
    assert card["licence"] == "Apache-2.0"
    assert "drawn at random" in card["notice"]
    assert card["provenance"]["seed"]
