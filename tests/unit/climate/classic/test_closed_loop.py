"""Plain control in houses it was never told of, from the first minute."""

from collections.abc import Callable
from datetime import UTC
from itertools import pairwise

import pytest

from gateway.climate.classic import Classic, Pulse, cycle_of
from gateway.climate.wish import Wishes
from gateway.climate.words import Observed
from gateway.config.climate import Room
from tests.unit.climate.classic.house import House, Minute, heavy, light, lived
from tests.unit.climate.wish.room import SCHEDULE

RADIATOR = Room(name="living", sensor="thermometer", schedule=SCHEDULE)
FLOOR = RADIATOR.model_copy(update={"emitter": "floor"})


class Controlled:
    """Wishes, plain control and the relay, as a room puts them together."""

    def __init__(self, room: Room) -> None:
        self.wishes, self.classic, self.room = Wishes(room, UTC), Classic(room, UTC), room
        self.pulse = Pulse(room.limits, cycle_of(room))
        self.missing_kh = 0.0
        self.whys: list[str] = []

    def __call__(self, observed: Observed) -> float:
        wanted = self.wishes.wanted(observed.now, away=None, window_pause=False)
        drive = self.classic.step(observed, wanted)
        self.whys.append(drive.why)
        self.target_c = wanted.target_c
        return float(self.pulse.step(drive.duty, observed.now)) if self.room.drive == "relay" else drive.duty


def comfort(control: Controlled, house: House, days: float, tick_s: float = 60.0) -> tuple[float, list[Minute]]:
    """K.h below the target less 0.5 K, and what happened."""
    targets: list[float] = []

    def noted(observed: Observed) -> float:
        duty = control(observed)
        targets.append(control.target_c)
        return duty

    minutes = lived(house, noted, days, tick_s)
    missing = sum(max(target - 0.5 - one.air_c, 0.0) for target, one in zip(targets, minutes, strict=True))
    return missing * tick_s / 3600.0, minutes


def starts(minutes: list[Minute]) -> int:
    return sum(before.duty < 0.5 <= then.duty for before, then in pairwise(minutes))


@pytest.mark.parametrize(
    ("house", "room", "kh"),
    [
        (light, RADIATOR, 2.0),
        (House, RADIATOR, 0.7),
        (heavy, FLOOR, 1.0),
        (House, RADIATOR.model_copy(update={"drive": "valve"}), 0.7),
        (heavy, FLOOR.model_copy(update={"drive": "valve"}), 1.0),
        (light, RADIATOR.model_copy(update={"law": "tpi"}), 1.0),
    ],
)
def test_the_first_days_are_warm_in_time(house: Callable[[], House], room: Room, kh: float) -> None:
    missing, minutes = comfort(Controlled(room), house(), 3)
    assert missing < kh
    assert max(one.air_c for one in minutes) < 22.5


@pytest.mark.parametrize(("house", "room"), [(light, RADIATOR), (House, RADIATOR), (heavy, FLOOR)])
def test_a_relay_starts_at_most_once_an_hour(house: Callable[[], House], room: Room) -> None:
    _, minutes = comfort(Controlled(room), house(), 2)
    assert starts(minutes) <= 2 * 24


def test_what_it_says_of_an_early_start() -> None:
    control = Controlled(RADIATOR)
    comfort(control, House(), 1.3)
    said = [why for why in control.whys if "at 06:30, model says" in why]
    assert said[0].startswith("21.0 wanted at 06:30, model says ")
    assert " min +/- " in said[0]


def test_minutes_per_degree_are_told_once_they_were_seen() -> None:
    control = Controlled(RADIATOR)
    told: list[float | None] = []

    def asked(observed: Observed) -> float:
        told.append(control.classic.minutes_per_degree)
        return control(observed)

    lived(House(), asked, 1)
    assert told[300] is None
    assert told[-1] is not None
    assert 20 < told[-1] < 60


def test_the_heat_stops_before_the_colder_spell_and_comfort_lasts() -> None:
    control = Controlled(FLOOR)
    minutes = lived(heavy(), control, 2)
    evening = range(1440 + 20 * 60, 1440 + 22 * 60 + 30)
    stopped = next(minute for minute in evening if control.whys[minute].startswith("warm enough"))
    assert control.whys[stopped] == "warm enough until 17.0 is wanted at 22:30"
    assert evening.stop - stopped >= 25
    assert not any(one.duty for one in minutes[stopped : evening.stop])
    assert min(one.air_c for one in minutes[stopped : evening.stop]) > 20.5


@pytest.mark.parametrize("tick_s", [10.0, 30.0, 60.0])
def test_how_often_it_is_asked_changes_little(tick_s: float) -> None:
    missing, minutes = comfort(Controlled(RADIATOR), House(), 1, tick_s)
    kwh = sum(one.duty for one in minutes) * 7.0 * tick_s / 3600.0
    assert missing < 0.7
    assert kwh == pytest.approx(72.4, rel=0.02)
