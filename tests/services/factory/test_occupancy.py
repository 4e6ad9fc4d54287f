"""The weights that are shipped are those that the training file gives."""

from pathlib import Path

import pytest

from gateway.climate.sense import weights
from gateway.errors import Refused
from services.factory.occupancy import air_features, fit, read
from tests.models.tiny import shared


@pytest.mark.shared
def test_the_shipped_weights_come_from_the_training_file() -> None:
    co2, _, label = read(shared("data/occupancy/datatraining.txt"))
    assert fit(air_features(co2), label) == pytest.approx(weights.AIR, abs=6e-4)
    assert sum(label) / len(label) == pytest.approx(weights.TRAINED_PRIOR, abs=1e-4)


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "h\n1,x,2,3,4,5,6,1\n"])
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "training.txt"
    file.write_text(text)
    with pytest.raises(Refused, match="training_unreadable"):
        read(file)
