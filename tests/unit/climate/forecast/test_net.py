"""The network is asked in int8 and answers in kelvin, or not at all."""

import numpy as np
import pytest

from gateway.climate.forecast.features import NAMES
from gateway.climate.forecast.net import LEAST_SPREAD, STEPS, Net
from gateway.errors import Invalid, Refused
from gateway.testing.backend import FakeBackend
from tests.unit.climate.forecast.asked import Levels, card, constant, level, net_of


def test_answers_are_kelvin_by_the_cards_scale() -> None:
    net, _ = net_of(constant(0.5, 0.2))
    answer = net.ask(np.zeros((3, len(NAMES)), np.float32))
    assert answer.change.shape == answer.spread.shape == (3, STEPS)
    assert answer.change == pytest.approx(0.5, abs=1e-6)
    assert answer.spread == pytest.approx(0.2, abs=1e-6)


def test_inputs_are_levels_of_the_cards_scale_and_limited() -> None:
    net, backend = net_of(constant(0, 0.2))
    net.ask(np.asarray([[0.3, -99.0] + [0.0] * (len(NAMES) - 2)], np.float32))
    (asked,) = backend.inputs[0]
    assert asked.dtype == np.int8
    assert asked[0, :3].tolist() == [10, -128, 0]


def test_a_spread_is_never_nothing() -> None:
    net, _ = net_of(constant(0, -0.3))
    assert net.ask(np.zeros((1, len(NAMES)), np.float32)).spread == pytest.approx(LEAST_SPREAD)


def test_no_rows_are_no_answers() -> None:
    net, backend = net_of(constant(0, 0.2))
    assert net.ask(np.zeros((0, len(NAMES)), np.float32)).change.shape == (0, STEPS)
    assert not backend.inputs


@pytest.mark.parametrize("wrong", [card(inputs=7), card(decoder="softmax")])
def test_a_model_of_another_kind_is_refused(wrong: object) -> None:
    with pytest.raises(Refused, match="model_tensors"):
        Net(FakeBackend(check_file=False), wrong)  # type: ignore[arg-type]


def test_an_answer_that_is_no_temperature_is_an_error() -> None:
    known = card()
    wild = known.model_copy(update={"outputs": (known.outputs[0].model_copy(update={"scale": 1.0}),)})

    def far(_inputs: object) -> tuple[Levels]:
        return (np.full((1, 2 * STEPS), level(5), np.int8),)

    backend = FakeBackend(far, check_file=False)
    backend.load(wild, None)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="model_answer"):
        Net(backend, wild).ask(np.zeros((1, len(NAMES)), np.float32))
