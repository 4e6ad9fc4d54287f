"""What is yes or no: contacts, motion, phones, the relay's own word."""

from collections.abc import Iterable


class Flag:
    """One device's state. `changed_s` is when it last became what it is, `yes_s` when it last was yes; None before."""

    __slots__ = ("changed_s", "on", "yes_s")

    def __init__(self) -> None:
        self.on: bool | None = None
        self.changed_s: float | None = None
        self.yes_s: float | None = None

    def hear(self, value: float, at_s: float) -> None:
        """A late word changes nothing."""
        if self.changed_s is not None and at_s < self.changed_s:
            return
        on = value >= 0.5
        if on or self.on:
            self.yes_s = at_s
        if on is not self.on:
            self.on, self.changed_s = on, at_s


def any_on(flags: Iterable[Flag]) -> bool | None:
    """Whether one of them says yes; None where none of them ever said anything."""
    known = [flag.on for flag in flags if flag.on is not None]
    return any(known) if known else None


def since_yes(flags: Iterable[Flag], now_s: float) -> float | None:
    """Seconds since one of them last said yes, 0 while one does; None where none ever did."""
    ages = [0.0 if flag.on else now_s - flag.yes_s for flag in flags if flag.yes_s is not None]
    return min(ages) if ages else None


def since_change(flags: Iterable[Flag], now_s: float) -> float | None:
    """Seconds since one of them last changed; None where none ever said anything."""
    ages = [now_s - flag.changed_s for flag in flags if flag.changed_s is not None]
    return min(ages) if ages else None
