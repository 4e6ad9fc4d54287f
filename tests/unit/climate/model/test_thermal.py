import numpy as np
import pytest

from gateway.climate.model import thermal

ROOM = np.array([[0.24, 3.5, 0.04, 0.55, 4.5, 0.028, 0.014, 1.0]])


def settle(duty: float, outdoor: float) -> float:
    discrete = thermal.discretise(ROOM)
    a, b = discrete.a[0], discrete.b[0]
    return float(np.linalg.solve(np.eye(4) - a, b @ np.array([duty, outdoor, 0.0]))[0])


def test_without_heat_a_room_settles_at_the_outside() -> None:
    assert settle(0.0, 4.0) == pytest.approx(4.0)


def test_full_power_holds_what_the_loss_allows() -> None:
    assert settle(1.0, 0.0) == pytest.approx(float(ROOM[0, 1] / thermal.loss(ROOM)[0]), rel=1e-6)


def test_half_a_day_in_steps_is_half_a_day_at_once() -> None:
    discrete = thermal.discretise(ROOM)
    fine = np.linalg.matrix_power(discrete.a[0], 144)
    poles = np.linalg.eigvals(discrete.a[0])
    assert np.all(np.abs(poles) < 1)
    assert fine[3, 3] == pytest.approx(np.exp(-12 / thermal.FADE_H))


def test_the_slowest_time_constant_is_that_of_the_envelope() -> None:
    assert 20 < thermal.slowest_h(thermal.discretise(ROOM)) < 100


@pytest.mark.parametrize(("delay", "weights"), [(0.0, [1, 0, 0, 0]), (1.25, [0, 0.75, 0.25, 0]), (3.0, [0, 0, 0, 1])])
def test_heat_comes_after_its_delay(delay: float, weights: list[float]) -> None:
    assert thermal.delay_weights(np.array([delay]))[0] == pytest.approx(weights)
