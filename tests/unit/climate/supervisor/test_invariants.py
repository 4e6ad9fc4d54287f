"""What holds whatever happens: days of random faults, laws and wishes, judged at the device. A thousand days were lived
through when this was written; the suite lives through some."""

import math
import random
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from gateway.climate.supervisor import Supervisor
from gateway.climate.words import Measured, Mode, Order, Trust
from tests.unit.climate.supervisor.rig import Rig, good, lost
from tests.unit.climate.supervisor.room import LEAKY, TIGHT, House

DAYS = 40
_LIMITS = {"min_on_s": 240.0, "min_off_s": 240.0, "starts_per_hour": 6}
_UNTRUSTED = (Trust.SILENT, Trust.STUCK, Trust.IMPLAUSIBLE)


@dataclass
class Relay:
    """Obeys its last order until the lease ends, then lets go; from then on its own guard heats below 5 degC."""

    on: bool = False
    guards: bool = False
    until_s: float = -math.inf
    changes: list[tuple[float, bool, bool]] = field(default_factory=list)
    """When, to what, and whether it was by itself."""

    def obey(self, order: Order, now_s: float) -> None:
        assert order.on is not None
        assert 0.0 < order.lease_s <= 900.0
        self.until_s = now_s + order.lease_s
        self._set(order.on, now_s, alone=False)

    def pass_to(self, now_s: float, air_c: float) -> None:
        self.guards = now_s >= self.until_s and air_c < (6.0 if self.guards else 5.0)
        if now_s >= self.until_s:
            self._set(False, self.until_s, alone=True)

    def _set(self, on: bool, now_s: float, *, alone: bool) -> None:
        if on is not self.on:
            self.on = on
            self.changes.append((now_s, on, alone))


class Day:
    """One random day of one house. Time at the device never begins anew, unlike the gateway's."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.outdoor_c = self.chance.uniform(-9.0, 15.0)
        self.house = self._house()
        self.relay = Relay()
        self.rig = Rig(limits=_LIMITS, emitter=self.chance.choice(["radiator", "electric"]))
        self.rig.tick_s = self.chance.choice([20.0, 60.0])
        self.rig.mode = self.chance.choice(list(Mode))
        self.trust = Trust.GOOD
        self.spans: dict[str, float] = {}
        self.restarts: list[float] = []
        self.airs: list[float] = []
        self.spent_s = 0.0
        self.cold_s = 0.0

    def _house(self) -> House:
        house = self.chance.choice([LEAKY, TIGHT]).settled(self.outdoor_c)
        house.air_c = self.chance.uniform(9.0, 24.0)
        return house

    def live(self) -> None:
        for _ in range(round(86400 / self.rig.tick_s)):
            self._happen()
            self._tick()

    def _happen(self) -> None:
        """Faults and whims begin and end."""
        chance, rig = self.chance, self.rig
        if chance.random() < rig.tick_s / 3600:
            rig.target_c = chance.choice([5.0, 17.0, 21.0, 30.0, 99.0, math.nan])
            rig.mode = chance.choice(list(Mode))
        if self._begins("link", 6.0, 1.0):
            rig.link_up = not rig.link_up
        if self.spent_s > 4 * 3600 and self._begins("sensor", 6.0, 2.0):
            self.trust = chance.choice(_UNTRUSTED) if self.trust is Trust.GOOD else Trust.GOOD
        if self._begins("clock", 8.0, 1.0):
            rig.clock = not rig.clock
        if chance.random() < rig.tick_s / (8 * 3600):
            self._restart()
        rig.duty = chance.choice([0.0, 1.0, -1.0, math.nan, rig.duty, rig.duty, rig.duty])

    def _begins(self, what: str, every_h: float, lasts_h: float) -> bool:
        """Whether `what` begins or ends now."""
        if self.spent_s < self.spans.get(what, 0.0):
            return False
        begun = what in self.spans
        hours = self.chance.expovariate(1.0 / lasts_h)
        if begun:
            del self.spans[what]
            return True
        if self.chance.random() < self.rig.tick_s / (every_h * 3600):
            self.spans[what] = self.spent_s + hours * 3600
            return True
        return False

    def _restart(self) -> None:
        kept = self.rig.supervisor.snapshot()
        self.rig.supervisor = Supervisor(self.rig.room)
        self.rig.supervisor.restore(kept, self.rig.moment)
        self.restarts.append(self.spent_s)

    def _sensed(self) -> Measured:
        return good(round(self.house.air_c, 1)) if self.trust is Trust.GOOD else lost(self.trust)

    def _tick(self) -> None:
        rig, tick_s = self.rig, self.rig.tick_s
        rig.temp, rig.outdoor = self._sensed(), good(self.outdoor_c)
        ruling = rig.tick()
        self.relay.pass_to(self.spent_s, self.house.air_c)
        for order in ruling.orders:
            assert rig.link_up
            self.relay.obey(order, self.spent_s)
        self._check()
        self.airs.append(self.house.air_c)
        self.house.step(float(self.relay.on or self.relay.guards), self.outdoor_c, tick_s)
        self.spent_s += tick_s

    def _check(self) -> None:
        temp, heard = self._sensed().good, self.rig.link_up
        if temp is not None and heard and temp >= self.rig.room.limits.high_c:
            assert not self.relay.on, "on above the hard limit"
        shivers = temp is not None and heard and temp < self.rig.room.limits.frost_c and not self.relay.on
        self.cold_s = self.cold_s + self.rig.tick_s if shivers else 0.0
        if self.restarts and self.spent_s - self.restarts[-1] < 300:
            self.cold_s = 0.0
        assert self.cold_s <= 300.0, "no heat below the frost guard"
        assert self.house.air_c < 29.0
        assert self.house.air_c > 4.0

    def judge(self) -> None:
        changes = self.relay.changes
        starts = [at_s for at_s, on, _ in changes if on]
        for first, later in zip(starts, starts[6:], strict=False):
            assert later - first >= 3600.0, "more than six starts in an hour"
        for (since_s, on, _), (at_s, _, alone) in pairwise(changes):
            if not on:
                assert at_s - since_s >= 240.0, "switched on too soon"
            elif not alone and not self._excused(at_s):
                assert at_s - since_s >= 240.0, "switched off too soon"

    def _excused(self, at_s: float) -> bool:
        """Near the hard limit heat ends at once, and after a restart everything is off."""
        near_c = self.rig.room.limits.high_c - 4.0
        restarted = any(0.0 <= at_s - restart_s <= 60.0 for restart_s in self.restarts)
        return restarted or self.airs[round(at_s / self.rig.tick_s)] > near_c


@pytest.mark.parametrize("seed", range(DAYS))
def test_a_random_day_breaks_no_promise(seed: int) -> None:
    day = Day(seed)
    day.live()
    day.judge()
