"""How far a roll-out is."""

from enum import StrEnum


class Phase(StrEnum):
    """CHECKING -> SHADOW -> CANARY -> WATCH -> DONE; out of the first three to REFUSED, out of WATCH to ROLLED_BACK.
    OVERTAKEN is what somebody ended by hand or by another candidate, and what was kept and serves no more."""

    CHECKING = "checking"
    SHADOW = "shadow"
    CANARY = "canary"
    WATCH = "watch"
    DONE = "done"
    REFUSED = "refused"
    ROLLED_BACK = "rolled_back"
    OVERTAKEN = "overtaken"

    @property
    def running(self) -> bool:
        return self in {Phase.CHECKING, Phase.SHADOW, Phase.CANARY, Phase.WATCH}
