"""Rows for forecasting know nothing of what comes later."""

from pathlib import Path

import numpy as np
import pytest

from services.factory.room_series import HEATING_ENDS_S, ROOMS, Rows, batches, split

DAYS = 10
NAMES = ("Temperature", "ThermostatTemperature", "SetpointHistory", "Virtual_OutdoorTemperature")


def flat(folder: Path, *, last_day: float) -> tuple[Rows, Rows, Rows]:
    """Every room rises by 1 degC a day; `last_day` is added to the temperatures of the last day."""
    folder.mkdir()
    times = np.arange(HEATING_ENDS_S - DAYS * 86400, HEATING_ENDS_S, 600)
    late = np.where(times >= HEATING_ENDS_S - 86400, last_day, 0.0)
    for room in ROOMS:
        for place, name in enumerate(NAMES):
            values = 18 + place + (times - times[0]) / 86400 + (late if name == "Temperature" else 0)
            np.savetxt(folder / f"{room}_{name}.csv", np.stack([times, values], axis=1), delimiter="\t")
    return split(folder)


def test_an_hour_is_a_twenty_fourth_of_a_day(tmp_path: Path) -> None:
    learn, choose, unseen = flat(tmp_path / "flat", last_day=0)
    for rows in (learn, choose, unseen):
        assert len(rows.given) == len(rows.change) > 0
        assert rows.change == pytest.approx(1 / 24, abs=1e-4)
        assert rows.given[:, 0] == pytest.approx(1, abs=1e-4), "the radiator is one degree warmer"


def test_what_comes_later_changes_nothing_before_it(tmp_path: Path) -> None:
    calm, other = flat(tmp_path / "calm", last_day=0), flat(tmp_path / "other", last_day=5)
    for before, after in zip(calm[:2], other[:2], strict=True):
        assert (before.given == after.given).all()
        assert (before.change == after.change).all()
    assert (calm[2].change != other[2].change).any()


def test_an_epoch_holds_no_row_twice() -> None:
    rows = Rows(given=np.arange(100, dtype=np.float32)[:, None], change=np.arange(100, dtype=np.float32)[:, None])
    seen = [value for given, change in batches(rows, np.random.default_rng(0), 32) for value in given[:, 0].tolist()]
    assert len(seen) == len(set(seen)) == 96
