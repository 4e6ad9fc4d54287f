"""What the model foresees in one go is what its observer lives through step by step."""

import numpy as np
import pytest

from gateway.climate.model import thermal
from gateway.climate.model.observer import Observer, Step
from gateway.climate.model.room_model import RoomModel

PARAMETERS = {
    "emitter_h": 0.2,
    "gain": 6.0,
    "emitter": 0.05,
    "envelope_air": 0.8,
    "envelope": 3.5,
    "air_loss": 0.05,
    "envelope_loss": 0.04,
}


@pytest.mark.parametrize("delay", [0.0, 0.3, 1.7, 3.0])
def test_heat_that_is_under_way_counts_once(delay: float) -> None:
    numbers = {**PARAMETERS, "delay": delay}
    model = RoomModel(
        parameters=np.array([numbers[name] for name in thermal.NAMES]),
        unrest=0.4,
        usual=np.linspace(-0.5, 0.5, 192),
        usual_duty=np.zeros(192),
    )
    rng = np.random.default_rng(3)
    duties, outdoor = rng.integers(0, 2, 60).astype(np.float64), rng.normal(4.0, 3.0, 60)
    quarters = np.arange(60) // 3 % 192
    observer = Observer(model, np.array([20.0, 18.0, 24.0, 0.3]))

    def live(step: int, temp_c: float | None) -> float:
        observer.step(
            Step(temp_c=temp_c, outdoor_c=float(outdoor[step]), duty=float(duties[step]), quarter=int(quarters[step]))
        )
        return float(observer.state[0])

    for step in range(30):
        live(step, 20.0 + step / 100)
    foreseen = model.shown.temps(
        observer.state, np.concatenate([observer.duties, duties[30:]]), outdoor[30:], model.usual[quarters[30:]]
    )
    lived = [live(step, None) for step in range(30, 60)]
    assert foreseen == pytest.approx(lived, abs=1e-9)
