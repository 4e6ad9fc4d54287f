"""Which law suits which room."""

from gateway.climate.classic.laws import HeatLaw, Hysteresis, Pi
from gateway.climate.classic.pulse import CYCLE_S
from gateway.config.climate import Room

UNDER_K = 0.3
"""So far below what is wanted a floor is aimed: it swings little, and comfort begins 0.5 K below."""

_HOUR_S = 3600.0
_QUICK_CYCLE_S = 900.0


def law_of(room: Room) -> HeatLaw:
    """By itself: few starts where a relay is worn by them, a steady opening where that costs nothing, and long pulses
    for a floor, which feels nothing else."""
    chosen = room.law
    if chosen == "auto":
        chosen = "hysteresis" if room.drive == "relay" and room.emitter != "floor" else "pi"
    if chosen == "hysteresis":
        return Hysteresis(below_k=0.2, above_k=0.0, adaptive=True)
    if chosen == "tpi":
        return Pi(per_k=0.6)
    if room.emitter == "floor":
        return Pi(per_k=0.5, reset_s=6 * _HOUR_S, under_k=UNDER_K)
    return Pi(per_k=0.4, reset_s=2 * _HOUR_S)


def cycle_of(room: Room) -> float:
    """The shortest cycle of a relay, in seconds, where the law gives a share of full power: a radiator or a panel that
    is driven so must not let the room swing."""
    return CYCLE_S if room.law == "auto" or room.emitter == "floor" else _QUICK_CYCLE_S
