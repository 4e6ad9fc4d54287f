"""Folders in the way of OpenSmartHomeData."""

import numpy as np
import pytest

from gateway.climate.forecast.flat import room, rooms_of
from gateway.errors import Refused

FILES = {
    "Hall_Temperature.csv": "1000\t20\n1600\t21\n1600\t21.5\n",
    "Hall_left_ThermostatTemperature.csv": "1000\t20\n",
    "Hall_right_ThermostatTemperature.csv": "1600\t24\n",
    "Hall_OutdoorTemperature.csv": "900\t5\n",
    "Hall_SetpointHistory.csv": "0\t19\n",
    "Attic_Temperature.csv": "1000\t18\n",
}


def test_a_room_for_every_file_of_temperatures() -> None:
    assert rooms_of(FILES) == ("Attic", "Hall")
    assert rooms_of(["room.csv"]) == ()


def test_series_by_column_and_the_warmest_radiator_as_heat() -> None:
    past = room("Hall", FILES, FILES.__getitem__)
    when = np.asarray([1000.0, 1600.0])
    assert past.at("temp_c", when).tolist() == [20, 21.5]
    assert past.at("duty", when) == pytest.approx([0, 0.5])
    assert past.at("outdoor_c", when).tolist() == [5, 5]
    assert past.at("target_c", when).tolist() == [19, 19]


def test_a_room_may_have_a_thermometer_alone() -> None:
    past = room("Attic", FILES, FILES.__getitem__)
    assert np.isnan(past.at("duty", np.asarray([1000.0]))).all()


def test_a_bad_line_is_named() -> None:
    broken = FILES | {"Hall_Temperature.csv": "1000\t20\nnonsense\n"}
    with pytest.raises(Refused, match="series_bad") as caught:
        room("Hall", broken, broken.__getitem__)
    assert (caught.value.facts["file"], caught.value.facts["line"]) == ("Hall_Temperature.csv", 2)
