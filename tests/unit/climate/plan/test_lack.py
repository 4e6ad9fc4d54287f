"""How cold it was since the last decision."""

from dataclasses import replace

import pytest

from gateway.climate.plan.lack import Watch
from gateway.climate.words import Observed
from tests.unit.climate.lab import Lab
from tests.unit.climate.plan.rooms import observed, wanted


def at(minute: float, temp_c: float, *, window: bool | None = None) -> Observed:
    seen = observed(Lab())
    moment = replace(seen.now, mono_s=60 * minute)
    return replace(seen, now=moment, window=window, temp=replace(seen.temp, value=temp_c))


DAY = replace(wanted(Lab()), target_c=21.0)
NIGHT = replace(DAY, target_c=17.0)


def test_it_is_the_mean_of_both_ends() -> None:
    watch = Watch()
    watch.step(at(0, 20.4), DAY, 20.4, since_s=300, full=False)
    lack = watch.step(at(5, 20.0), DAY, 20.0, since_s=300, full=False)
    assert [lack.under_c, lack.hours] == pytest.approx([0.3, 1 / 12])
    assert not lack.aired


def test_a_rise_of_the_target_counts_from_then_on() -> None:
    watch = Watch()
    watch.step(at(0, 18.0), NIGHT, 18.0, since_s=300, full=False)
    before = watch.step(at(5, 18.0), DAY, 18.0, since_s=300, full=False)
    after = watch.step(at(10, 18.0), DAY, 18.0, since_s=300, full=False)
    assert [before.under_c, after.under_c] == pytest.approx([-1.5, 2.5])


@pytest.mark.parametrize(("shown_c", "under_c"), [(20.0, 0.5), (19.8, 0.6)])
def test_the_model_is_believed_unless_the_thermometer_is_much_colder(shown_c: float, under_c: float) -> None:
    lack = Watch().step(at(0, shown_c), DAY, 20.0, since_s=300, full=False)
    assert lack.under_c == pytest.approx(under_c)


@pytest.mark.parametrize("shown_c", [19.95, 20.3])
def test_the_thermometer_is_believed_while_a_window_is_open(shown_c: float) -> None:
    lack = Watch().step(at(0, shown_c, window=True), DAY, 20.0, since_s=300, full=False)
    assert lack.under_c == pytest.approx(20.5 - shown_c)
    assert lack.aired


def test_a_room_has_been_aired_for_an_hour() -> None:
    watch = Watch()
    watch.step(at(0, 20.0, window=True), DAY, 20.0, since_s=300, full=False)
    lacks = [watch.step(at(minute, 20.0), DAY, 20.0, since_s=300, full=False) for minute in (55, 65)]
    assert [lack.aired for lack in lacks] == [True, False]
