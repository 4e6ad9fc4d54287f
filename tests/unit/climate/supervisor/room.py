"""A room to live in: air that follows the heat, an envelope that remembers. Not the bench's: equations of its own."""

from dataclasses import dataclass, replace

from tests.unit.climate.supervisor.rig import Rig, good, lost


@dataclass(slots=True)
class House:
    """`loss` is the share of full power that holds it per kelvin; `fast_h` and `slow_h` its time constants."""

    loss: float
    fast_h: float
    slow_h: float
    air_c: float = 20.0
    wall_c: float = 18.0

    def settled(self, outdoor_c: float) -> "House":
        """A house of its own that was long held at 20 degC."""
        return replace(self, air_c=20.0, wall_c=(3 * outdoor_c + 20.0) / 4)

    def step(self, share: float, outdoor_c: float, seconds: float) -> None:
        """Three quarters of the loss go through the wall; the air reaches the wall within `fast_h`."""
        hours = seconds / 3600.0
        heat_k = share / self.loss
        into_air = (self.wall_c - self.air_c) + 0.25 * (outdoor_c - self.air_c) + heat_k
        into_wall = (outdoor_c - self.wall_c) + (self.air_c - self.wall_c) / 3.0
        self.air_c += into_air * min(hours / self.fast_h, 1.0) / 2.0
        self.wall_c += into_wall * hours / self.slow_h

    def live(
        self,
        rig: Rig,
        *,
        hours: float,
        outdoor_c: float,
        sensor: bool = True,
        outdoor_sensor: bool = True,
        backup: bool = False,
    ) -> tuple[float, float]:
        """The least and the most of the air while a thermostat of half a kelvin heats through the supervisor."""
        seen = []
        for _ in range(round(hours * 3600 / rig.tick_s)):
            rig.duty = 1.0 if self.air_c < 20.8 else 0.0 if self.air_c > 21.2 else rig.duty
            rig.temp = good(self.air_c) if sensor else lost()
            rig.outdoor = good(outdoor_c) if outdoor_sensor else lost()
            rig.seen = {"backup": good(self.air_c)} if backup else {}
            self.step(rig.tick().share, outdoor_c, rig.tick_s)
            seen.append(self.air_c)
        return min(seen), max(seen)


LEAKY = House(loss=0.034, fast_h=2.0, slow_h=30.0)
TIGHT = House(loss=0.010, fast_h=24.0, slow_h=200.0)
