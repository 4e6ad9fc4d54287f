"""The forecaster beside a room's control: it foretells from the diary, through a restart, and never drives."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from gateway.climate.history import COLUMNS, STEP_S, History, Rows
from gateway.climate.outlook import RoomOutlook
from gateway.climate.words import Forecast, Moment

from .forecast.asked import constant, net_of

START = datetime(2026, 1, 10, tzinfo=UTC)


def at(row: int) -> Moment:
    return Moment(mono_s=row * STEP_S, wall=START + timedelta(seconds=row * STEP_S))


def live(outlook: RoomOutlook, history: History, rows: int, *, planned: Forecast | None = None) -> None:
    for _ in range(rows):
        history.add(time_s=at(history.added).mono_s, temp_c=20.0, outdoor_c=3.0, duty=0.2, target_c=20.0, fault=0.0)
        outlook.lived(history, 20.0, at(history.added), planned)


def test_a_new_room_is_foretold_by_the_network_alone() -> None:
    net, _ = net_of(constant(0.5, 0.3))
    outlook, history = RoomOutlook(net, UTC), History()
    live(outlook, history, 4)
    forecast = outlook.forecast
    assert forecast is not None
    assert forecast.ahead_s[0] == 1800.0
    assert forecast.ahead_s[-1] == 6 * 3600.0
    assert forecast.temp_c == pytest.approx([20.5] * 12, abs=0.05)


def test_a_room_that_never_does_what_the_network_says_is_learned_also_over_a_restart() -> None:
    net, _ = net_of(constant(2.0, 0.3))
    outlook, history = RoomOutlook(net, UTC), History()
    live(outlook, history, 4 * 288)
    forecast = outlook.forecast
    assert forecast is not None
    assert np.max(np.abs(np.array(forecast.temp_c) - 20.0)) < 0.5
    again, kept = RoomOutlook(net, UTC), History()
    kept.extend(history.last())
    again.remember(kept, at(kept.added))
    live(again, kept, 2)
    assert again.forecast is not None
    assert np.max(np.abs(np.array(again.forecast.temp_c) - 20.0)) < 0.5


def test_nothing_is_foretold_of_a_room_without_a_thermometer() -> None:
    net, _ = net_of(constant(0.5, 0.3))
    outlook, history = RoomOutlook(net, UTC), History()
    for _ in range(4):
        history.add(time_s=0.0, outdoor_c=3.0)
        outlook.lived(history, None, at(history.added), None)
    assert outlook.forecast is None


def test_an_empty_memory_is_none() -> None:
    net, _ = net_of(constant(0.5, 0.3))
    outlook, history = RoomOutlook(net, UTC), History()
    history.extend(Rows(columns={name: np.empty(0) for name in COLUMNS}))
    outlook.remember(history, at(0))
    live(outlook, history, 2)
    assert outlook.forecast is not None
