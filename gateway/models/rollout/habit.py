"""How often a model usually says yes: per hour of the week, this week's and last week's. Pure, constant memory."""

from dataclasses import dataclass, field
from datetime import datetime

WEEK_HOURS = 168


@dataclass(slots=True, kw_only=True)
class Hour:
    """What was served within one hour: positive answers, all answers, and for how many seconds it was watched."""

    positives: int = 0
    answers: int = 0
    seconds: float = 0.0


@dataclass(slots=True, kw_only=True)
class Habit:
    """`hours` by the number of the hour since the Unix epoch; none older than two weeks."""

    hours: dict[int, Hour] = field(default_factory=dict)

    def add(self, at: datetime, *, positives: int, answers: int, seconds: float) -> None:
        """What was served in the last moments before the aware time `at`."""
        now = hour_of(at)
        if now not in self.hours:
            self.hours[now] = Hour()
            for old in [hour for hour in self.hours if hour <= now - 2 * WEEK_HOURS]:
                del self.hours[old]
        hour = self.hours[now]
        hour.positives += positives
        hour.answers += answers
        hour.seconds += seconds

    def week_before(self, hour: int) -> Hour | None:
        """The same hour of the week before; None where less than half of it was watched."""
        known = self.hours.get(hour - WEEK_HOURS)
        return known if known is not None and known.seconds >= 1800 else None


def hour_of(at: datetime) -> int:
    """Hours since the Unix epoch: UTC, so in the week of a time change the comparison is off by one hour."""
    return int(at.timestamp() // 3600)
