"""The word for who is there, and the rule for when a home may count as left."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Cue(StrEnum):
    """Kinds of sensors that speak of presence independently of each other. Habit is the prior, not a sensor."""

    MOTION = "motion"
    DOOR = "door"
    AIR = "air"
    PHONES = "phones"
    POWER = "power"
    LIGHT = "light"


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Is somebody there? `probability` 0..1. `away` is True only where it is safe to set back: at least two kinds of
    sensors agree, or every phone left and nothing stirs; None where nothing is known. `returns_s` forecasts the
    return while nobody is there. `why` is a clause for people."""

    probability: float
    away: bool | None
    returns_s: float | None
    why: str


_WITNESSES = (Cue.MOTION, Cue.AIR, Cue.PHONES, Cue.POWER)
"""Light and doors convict nobody: people sit in the dark, and a door tells no direction."""

_WORDS = {
    Cue.MOTION: ("something moved", "nothing moved"),
    Cue.DOOR: ("a door moved", ""),
    Cue.AIR: ("the air says so", "the air is clear"),
    Cue.PHONES: ("a phone is here", "all phones are gone"),
    Cue.POWER: ("power is used", "little power is used"),
    Cue.LIGHT: ("it is lit", "it is dark"),
}


def left(said: Mapping[Cue, float], probability: float, *, was_away: bool) -> bool:
    """Whether the room counts as left. It takes more to leave than to stay away."""
    if probability > (0.35 if was_away else 0.15):
        return False
    against = [cue for cue in _WITNESSES if said.get(cue, 0.0) <= (-0.5 if was_away else -1.0)]
    phones_gone = Cue.PHONES in against and all(evidence <= 0.5 for evidence in said.values())
    return len(against) >= 2 or phones_gone


def reasons(said: Mapping[Cue, float], probability: float) -> str:
    """The two cues that weigh most on the side that won."""
    side = 1.0 if probability >= 0.5 else -1.0
    weighty = sorted((cue for cue in said if said[cue] * side >= 0.5), key=lambda cue: -said[cue] * side)
    words = [_WORDS[cue][0 if side > 0 else 1] for cue in weighty[:2]]
    return " and ".join(word for word in words if word) or "as usual at this time"
