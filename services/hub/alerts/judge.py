"""From numbers to what is raised and cleared, with hysteresis: one number near its limit does not ring all night."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from services.hub.store.alerts import Alert, AlertLevel

Kind = Literal["silent", "heater_fault", "disk_small", "drops", "duplicate", "refusals"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Raised at `raised_at` and worse, cleared at `cleared_at` and better; in between it stays. Larger is worse, unless
    `cleared_at` is the larger one."""

    raised_at: float
    cleared_at: float
    level: AlertLevel

    def stands(self, value: float, *, stood: bool) -> bool:
        if self.cleared_at > self.raised_at:
            return value < self.cleared_at if stood else value <= self.raised_at
        return value > self.cleared_at if stood else value >= self.raised_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`subject` as in `Alert`. What is not found any more is as good as can be."""

    kind: Kind
    subject: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    raised: Sequence[tuple[Found, AlertLevel]]
    cleared: Sequence[Alert]


def judge(found: Collection[Found], standing: Collection[Alert], limits: Mapping[Kind, Limit]) -> Change:
    """Of one home. `standing` are its alerts now; one of a kind without a limit is cleared."""
    stood = {(alert.kind, alert.subject): alert for alert in standing}
    bad = {
        (one.kind, one.subject): one
        for one in found
        if one.kind in limits and limits[one.kind].stands(one.value, stood=(one.kind, one.subject) in stood)
    }
    return Change(
        raised=[(one, limits[one.kind].level) for key, one in bad.items() if key not in stood],
        cleared=[alert for key, alert in stood.items() if key not in bad],
    )
