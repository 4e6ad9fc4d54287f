"""What privacy has cost so far: epsilon by day, kept over restarts, never more than there is."""

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction

from gateway.wire.summary import HOUR_S

HOURS_A_DAY = 24
_DAYS_KEPT = 400


class Ledger:
    """An hour is paid for once. By sequential composition the hours of a day add up to `epsilon_per_day`; within an
    hour each event is in one count only, so its counts cost no more than one of them (parallel composition)."""

    def __init__(self, epsilon_per_day: float) -> None:
        self.epsilon_an_hour = Fraction(epsilon_per_day).limit_denominator(10_000) / HOURS_A_DAY
        self._paid: dict[int, int] = {}
        """Bits by day (POSIX days): the hours of it that are paid for."""

    def pay(self, hour: int) -> bool:
        """Whether the hour that began at POSIX `hour` may be told: it was not before."""
        day, bit = divmod(hour // HOUR_S, HOURS_A_DAY)
        paid = self._paid.get(day, 0)
        if paid >> bit & 1:
            return False
        self._paid[day] = paid | 1 << bit
        for old in sorted(self._paid)[:-_DAYS_KEPT]:
            del self._paid[old]
        return True

    def spent(self) -> Mapping[str, float]:
        """Epsilon by date, for people."""
        return {
            datetime.fromtimestamp(day * HOURS_A_DAY * HOUR_S, UTC).date().isoformat(): round(
                float(self.epsilon_an_hour * paid.bit_count()), 6
            )
            for day, paid in sorted(self._paid.items())
        }

    def snapshot(self) -> dict[str, int]:
        return {str(day): paid for day, paid in self._paid.items()}

    def restore(self, saved: Mapping[str, object]) -> None:
        for day, paid in saved.items():
            if day.isdecimal() and isinstance(paid, int) and 0 <= paid < 1 << HOURS_A_DAY:
                self._paid[int(day)] = self._paid.get(int(day), 0) | paid
