"""One boiler for several rooms."""

import json
import math
import random
from collections.abc import Mapping

import pytest

from gateway.climate.boiler import BoilerControl
from gateway.climate.words import Moment
from gateway.config.climate import Boiler

BOILER = Boiler(device="boiler", pump="pump", valve_s=180.0, overrun_s=300.0)
WARM = {"living": 0.6, "bath": 0.0}
NONE = {"living": 0.0, "bath": 0.0}


class Plant:
    """What the devices were told last, with their leases."""

    def __init__(self, boiler: Boiler = BOILER) -> None:
        self.control = BoilerControl(boiler)
        self.at_s = 0.0
        self.on: dict[str, bool] = {}
        self.until_s: dict[str, float] = {}
        self.whys: dict[str, str] = {}
        self.sent = 0

    def live(self, demands: Mapping[str, float], seconds: float, *, link_up: bool = True, tick_s: float = 10.0) -> None:
        for _ in range(round(seconds / tick_s)):
            for order in self.control.step(demands, Moment(mono_s=self.at_s, wall=None), link_up=link_up):
                assert order.on is not None
                assert 0 < order.lease_s <= 900
                self.on[order.target], self.whys[order.target] = order.on, order.why
                self.until_s[order.target] = self.at_s + order.lease_s
                self.sent += 1
            self.at_s += tick_s

    def runs(self, device: str) -> bool:
        return self.on.get(device, False) and self.at_s < self.until_s[device]


def burning() -> Plant:
    plant = Plant()
    plant.live(NONE, 600)
    plant.live(WARM, 200)
    assert plant.runs("boiler")
    return plant


def test_it_waits_for_valves_to_open() -> None:
    plant = Plant()
    plant.live(NONE, 600)
    plant.live(WARM, 180)
    assert not plant.runs("boiler")
    assert plant.whys["boiler"] == "waiting for valves to open"
    plant.live(WARM, 10)
    assert (plant.runs("boiler"), plant.runs("pump")) == (True, True)
    assert (plant.whys["boiler"], plant.whys["pump"]) == ("living asks for heat", "the boiler burns")


def test_it_burns_for_nobody() -> None:
    plant = Plant()
    plant.live(NONE, 3600)
    assert (plant.runs("boiler"), plant.runs("pump")) == (False, False)


def test_the_last_valve_that_closes_puts_the_fire_out_at_once() -> None:
    plant = burning()
    plant.live(NONE, 10)
    assert not plant.runs("boiler")


def test_the_pump_runs_on() -> None:
    plant = burning()
    plant.live(NONE, 300)
    assert (plant.runs("pump"), plant.whys["pump"]) == (True, "pump over-run")
    plant.live(NONE, 20)
    assert (plant.runs("pump"), plant.whys["pump"]) == (False, "the boiler is off")


def test_a_valve_that_is_still_opening_is_no_place_for_heat() -> None:
    plant = burning()
    plant.live({"living": 0.0, "bath": 1.0}, 10)
    assert not plant.runs("boiler")
    plant.live({"living": 0.0, "bath": 1.0}, 170)
    assert not plant.runs("boiler")
    plant.live({"living": 0.0, "bath": 1.0}, 100)
    assert plant.runs("boiler")


def test_too_little_demand_starts_nothing_but_a_short_burn_is_finished() -> None:
    plant = Plant()
    plant.live({"living": 0.05}, 3600)
    assert not plant.runs("boiler")
    plant = burning()
    plant.live({"living": 0.05}, 200)
    assert plant.runs("boiler")
    plant.live({"living": 0.05}, 60)
    assert not plant.runs("boiler")


def test_small_demands_add_up() -> None:
    plant = Plant()
    plant.live({"living": 0.06, "bath": 0.06}, 600)
    assert plant.runs("boiler")
    assert plant.whys["boiler"] == "bath, living ask for heat"


def test_it_rests_after_a_burn_and_after_a_start_of_the_gateway() -> None:
    plant = Plant(Boiler(device="boiler", valve_s=0.0))
    plant.live(WARM, 240)
    assert not plant.runs("boiler")
    plant.live(WARM, 10)
    assert plant.runs("boiler")
    plant.live(NONE, 10)
    plant.live(WARM, 230)
    assert not plant.runs("boiler")
    plant.live(WARM, 20)
    assert plant.runs("boiler")


def test_orders_are_refreshed_at_a_third_of_their_lease() -> None:
    plant = burning()
    before = plant.sent
    plant.live(WARM, 3000)
    assert plant.sent - before == 2 * 10
    assert plant.runs("boiler")


def test_nothing_is_sent_while_the_link_is_down_and_all_when_it_is_back() -> None:
    plant = burning()
    before = plant.sent
    plant.live(WARM, 300, link_up=False)
    assert plant.sent == before
    plant.live(WARM, 10)
    assert plant.sent == before + 2
    assert plant.runs("boiler")


def test_after_a_long_loss_of_the_link_valves_must_open_anew() -> None:
    plant = burning()
    plant.live(WARM, 1200, link_up=False)
    plant.live(WARM, 180)
    assert not plant.runs("boiler")
    plant.live(WARM, 70)
    assert plant.runs("boiler")


@pytest.mark.parametrize("share", [math.nan, math.inf, -0.5, 1.5])
def test_a_demand_that_is_none_is_none(share: float) -> None:
    plant = Plant()
    plant.live({"living": share}, 3600)
    assert not plant.runs("boiler")


def test_a_fire_that_a_restart_put_out_is_cooled() -> None:
    plant, fresh = burning(), Plant()
    fresh.control.restore(json.loads(json.dumps(plant.control.snapshot())), Moment(mono_s=0.0, wall=None))
    fresh.live(NONE, 290)
    assert (fresh.runs("boiler"), fresh.runs("pump")) == (False, True)
    fresh.live(NONE, 20)
    assert not fresh.runs("pump")


def test_what_was_kept_may_be_garbage() -> None:
    plant = Plant()
    plant.control.restore({"burning": "garbage"}, Moment(mono_s=0.0, wall=None))
    plant.live(NONE, 100)
    assert not plant.runs("pump")


@pytest.mark.parametrize("seed", range(5))
def test_it_never_fires_against_closed_valves(seed: int) -> None:
    chance, plant, opened = random.Random(seed), Plant(), dict.fromkeys(("living", "bath"), math.inf)
    demands = dict(NONE)
    for _ in range(2000):
        if chance.random() < 0.05:
            demands[chance.choice(("living", "bath"))] = chance.choice((0.0, 0.0, 0.05, 0.3, 1.0))
        opened = {room: min(opened[room], plant.at_s) if share else math.inf for room, share in demands.items()}
        plant.live(demands, 10)
        assert not plant.runs("boiler") or any(plant.at_s - since_s > 180 for since_s in opened.values())
        assert not plant.runs("boiler") or plant.runs("pump")
