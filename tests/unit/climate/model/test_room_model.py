"""Learning a room that is not made as the model is (its equations are stepped by the minute), from what it measures."""

from collections.abc import Mapping

import numpy as np
import pytest

from gateway.climate.history import History, Rows
from gateway.climate.model import thermal
from gateway.climate.model.guards import plausible
from gateway.climate.model.keep import model_from, model_of
from gateway.climate.model.room_model import RoomModel
from tests.unit.climate.lab import ZONE, Lab, live


@pytest.fixture(scope="module")
def history() -> History:
    return live(Lab(), 8)


@pytest.fixture(scope="module")
def model(history: History) -> RoomModel:
    learned = RoomModel.fit(head(history.last(), 5 * 288), zone=ZONE)
    assert learned is not None
    return learned


def head(rows: Rows, count: int, **other: np.ndarray) -> Rows:
    return Rows(columns={name: column[:count].copy() for name, column in {**rows.columns, **other}.items()})


def test_five_days_tell_what_the_room_loses(model: RoomModel) -> None:
    loss = float(thermal.loss(model.parameters[None])[0] / model.parameters[1])
    assert loss == pytest.approx(0.168 / 7.0, rel=0.2)


def test_days_it_never_saw_are_foreseen(history: History, model: RoomModel) -> None:
    rows = history.last()
    origins = np.arange(5 * 288, 7 * 288, 11)
    duty, outdoor = rows["duty"], rows["outdoor_c"]
    foreseen = np.array(
        [
            model.predict(head(rows, o + 1), 72, outdoor[o + 1 : o + 73], duty[o + 1 : o + 73], zone=ZONE)[[5, 35, 71]]
            for o in origins.tolist()
        ]
    )
    came = np.array([rows["temp_c"][o + np.array([6, 36, 72])] for o in origins])
    still = rows["temp_c"][origins][:, None]
    assert np.all(np.sqrt(np.mean((foreseen - came) ** 2, axis=0)) < 0.2)
    assert np.all(np.mean((foreseen - came) ** 2, axis=0) < 0.1 * np.mean((still - came) ** 2, axis=0))


def test_no_forecast_knows_what_comes_after_its_origin(history: History, model: RoomModel) -> None:
    rows = history.last()
    spoiled = rows["temp_c"].copy()
    spoiled[1500:] = 35.0
    origins = np.array([1000, 1499])
    before = model.predict_each(rows, origins, 72, zone=ZONE)
    after = model.predict_each(head(rows, len(rows), temp_c=spoiled), origins, 72, zone=ZONE)
    assert before.shape == (2, 72)
    assert np.array_equal(before, after)


@pytest.mark.parametrize(
    "other",
    [
        {"temp_c": np.full(2304, np.nan)},
        {"temp_c": np.full(2304, 20.0)},
        {"fault": np.ones(2304)},
        {"window": np.ones(2304)},
    ],
    ids=["silent", "still", "faulty", "window"],
)
def test_what_teaches_nothing_is_refused(history: History, other: Mapping[str, np.ndarray]) -> None:
    assert RoomModel.fit(head(history.last(), 2304, **other), zone=ZONE) is None


def test_a_room_without_a_heater_foresees_no_more_than_it_lived(history: History) -> None:
    rows = head(history.last(), 2304, duty=np.full(2304, np.nan))
    learned = RoomModel.fit(rows, zone=ZONE)
    assert learned is not None
    foreseen = learned.predict_each(rows, np.arange(600, 2200, 50), 72, zone=ZONE)
    assert np.all((foreseen > 10) & (foreseen < 26))


@pytest.mark.parametrize(
    ("name", "value"),
    [("gain", -1.0), ("gain", 1e-3), ("air_loss", 0.0), ("envelope_loss", float("nan")), ("gain", 1e4)],
    ids=["cools", "too weak", "no loss", "no number", "too strong"],
)
def test_what_cannot_be_a_room_is_refused(model: RoomModel, name: str, value: float) -> None:
    parameters = model.parameters.copy()
    assert plausible(parameters, model.discrete)
    parameters[thermal.NAMES.index(name)] = value
    assert not plausible(parameters, model.discrete)


def test_a_model_survives_being_kept(model: RoomModel) -> None:
    again = model_from(model_of(model))
    assert np.array_equal(again.parameters, model.parameters)
    assert np.array_equal(again.air.duty, model.air.duty)


@pytest.mark.parametrize(
    "spoil",
    [
        {"parameters": [1.0] * 7},
        {"parameters": [float("nan")] * 8},
        {"parameters": [-1.0] * 8},
        {"usual": "x"},
        {"unrest": None},
        {"unrest": float("inf")},
    ],
    ids=str,
)
def test_a_damaged_model_is_none(model: RoomModel, spoil: Mapping[str, object]) -> None:
    with pytest.raises(ValueError, match="not a"):
        model_from({**model_of(model), **spoil})
