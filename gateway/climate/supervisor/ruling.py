"""What the supervisor decided at a tick."""

from dataclasses import dataclass

from gateway.climate.words import Alarm, Law, Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """`orders` are due now, often none: an order holds until its lease ends and is renewed in time. `share` of full
    power is what the heater runs at from now on, as far as orders reach it; `law` decided it, `why` tells."""

    orders: tuple[Order, ...]
    alarms: frozenset[Alarm]
    heating: bool
    cooling: bool
    why: str
    law: Law
    share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What is to be done before switching limits: `duty` -1..1; `no_heat` and `no_cooling` switch off at once,
    whatever the shortest on-time; `guard` may use the start that is kept in reserve."""

    duty: float
    law: Law
    why: str
    no_heat: bool = False
    no_cooling: bool = False
    guard: bool = False
