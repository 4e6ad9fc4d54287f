"""The laws by themselves."""

import pytest

from gateway.climate.classic import cycle_of
from gateway.climate.classic.choice import law_of
from gateway.climate.classic.laws import Felt, Hysteresis, Pi
from gateway.config.climate import Room


def felt(
    temp_c: float, soon_c: float | None = None, aim_c: float = 21.0, hold: float = 0.3, elapsed_s: float = 60.0
) -> Felt:
    soon_c = temp_c if soon_c is None else soon_c
    return Felt(temp_c=temp_c, soon_c=soon_c, aim_c=aim_c, hold=hold, elapsed_s=elapsed_s)


def test_within_the_band_it_stays_as_it_was() -> None:
    law = Hysteresis(below_k=0.2, above_k=0.1)
    assert [law.step(felt(temp)) for temp in (20.9, 20.8, 21.0, 21.1, 20.9)] == [0.0, 1.0, 1.0, 0.0, 0.0]


def test_the_heat_still_in_the_radiator_counts_on_the_way_up() -> None:
    law = Hysteresis(below_k=0.2, above_k=0.1)
    assert [law.step(felt(20.5)), law.step(felt(20.9, soon_c=21.2))] == [1.0, 0.0]


def test_on_the_way_down_cold_counts_now_or_soon() -> None:
    assert Hysteresis(below_k=0.2, above_k=0.1).step(felt(21.0, soon_c=20.7)) == 1.0
    assert Hysteresis(below_k=0.2, above_k=0.1).step(felt(20.7, soon_c=21.3)) == 1.0


def test_the_band_moves_up_where_the_room_falls_through_it() -> None:
    law = Hysteresis(below_k=0.2, above_k=0.0, adaptive=True)
    for _ in range(20):
        for temp in (21.3, 20.8, 20.3, 20.8, 21.3):
            law.step(felt(temp))
    assert law.step(felt(20.95)) == 1.0


def test_the_band_moves_down_where_the_room_does_not_reach_its_end() -> None:
    law = Hysteresis(below_k=0.2, above_k=0.0, adaptive=True)
    for _ in range(60):
        for temp, soon in ((21.3, 21.3), (21.0, 20.5), (21.3, 21.3)):
            law.step(felt(temp, soon_c=soon))
    assert law.step(felt(20.75)) == 0.0


def test_a_warm_up_moves_no_band() -> None:
    law = Hysteresis(below_k=0.2, above_k=0.0, adaptive=True)
    for _ in range(20):
        for temp, aim in ((17.5, 17.0), (17.5, 21.0), (21.1, 21.0)):
            law.step(felt(temp, aim_c=aim))
    assert law.step(felt(20.85)) == 0.0


@pytest.mark.parametrize(("temp_c", "duty"), [(21.0, 0.3), (20.5, 0.6), (18.0, 1.0), (23.0, 0.0)])
def test_tpi_is_the_hold_and_a_share_for_each_degree(temp_c: float, duty: float) -> None:
    assert Pi(per_k=0.6).step(felt(temp_c)) == pytest.approx(duty)


def test_the_integral_mends_a_wrong_hold() -> None:
    law, temp_c = Pi(per_k=0.4, reset_s=3600.0), 20.0
    for _ in range(24 * 60):
        temp_c += (law.step(felt(temp_c)) - 0.5) * 0.02
    assert temp_c == pytest.approx(21.0, abs=0.05)


def test_a_long_cold_spell_winds_nothing_up() -> None:
    law, rested = Pi(per_k=0.4, reset_s=3600.0), Pi(per_k=0.4, reset_s=3600.0)
    for _ in range(600):
        law.step(felt(18.0))
        law.step(felt(20.2, hold=0.9))
    assert law.step(felt(21.0)) == rested.step(felt(21.0))


def test_a_hot_afternoon_winds_nothing_up() -> None:
    law, rested = Pi(per_k=0.4, reset_s=3600.0), Pi(per_k=0.4, reset_s=3600.0)
    for _ in range(600):
        law.step(felt(21.9))
    assert law.step(felt(21.0)) == rested.step(felt(21.0))


def test_the_integral_does_not_depend_on_how_often_it_is_asked() -> None:
    often, seldom = Pi(per_k=0.4, reset_s=3600.0), Pi(per_k=0.4, reset_s=3600.0)
    for _ in range(600):
        often.step(felt(20.8, elapsed_s=1.0))
    for _ in range(10):
        seldom.step(felt(20.8, elapsed_s=60.0))
    assert often.step(felt(21.0)) == pytest.approx(seldom.step(felt(21.0)))


@pytest.mark.parametrize(
    ("chosen", "law", "cycle_s"),
    [
        ({}, Hysteresis, 4500.0),
        ({"emitter": "electric"}, Hysteresis, 4500.0),
        ({"emitter": "floor"}, Pi, 4500.0),
        ({"drive": "valve"}, Pi, 4500.0),
        ({"drive": "opentherm"}, Pi, 4500.0),
        ({"law": "tpi"}, Pi, 900.0),
        ({"law": "pi", "emitter": "floor"}, Pi, 4500.0),
        ({"law": "hysteresis", "emitter": "floor"}, Hysteresis, 4500.0),
    ],
)
def test_the_law_suits_the_room(chosen: dict[str, str], law: type, cycle_s: float) -> None:
    room = Room.model_validate({"name": "living", "sensor": "thermometer", **chosen})
    assert isinstance(law_of(room), law)
    assert cycle_of(room) == cycle_s
