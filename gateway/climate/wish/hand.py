"""What somebody chose by hand: a mode, and a temperature for a while."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from gateway.climate import saved as kept
from gateway.climate.words import Mode, Moment, Preset

_LASTING = frozenset({Preset.AWAY, Preset.FROST})
_KEPT_C = 5.0, 40.0  # what a set-point for cooling is turned into may lie above what may be asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A temperature by hand. It ends at `ends_mono_s` or at `ends_wall_s` (POSIX), whichever is given; with neither,
    and `lasting` false, at the next change of the schedule, as soon as a clock tells when that is."""

    target_c: float
    preset: Preset | None
    ends_mono_s: float | None = None
    ends_wall_s: float | None = None
    lasting: bool = False

    @property
    def open_ended(self) -> bool:
        return self.ends_mono_s is None and self.ends_wall_s is None and not self.lasting

    def left_s(self, now: Moment) -> float | None:
        """Seconds until it ends, None where that is not known or never."""
        if self.ends_mono_s is not None:
            return self.ends_mono_s - now.mono_s
        if self.ends_wall_s is not None and now.wall is not None:
            return self.ends_wall_s - now.wall.timestamp()
        return None

    def until(self, now: Moment, zone: tzinfo) -> str:
        """A clause such as "boost until 18:05"."""
        name = "set by hand" if self.preset is None else f"{self.preset.value} by hand"
        left_s, local = self.left_s(now), now.local(zone)
        if left_s is None or local is None or left_s == float("inf"):
            return name
        return f"{name} until {clock_words(local, left_s)}"


def override(target_c: float, preset: Preset | None, for_s: float | None, now: Moment) -> Override:
    """Away and frost last until something else is chosen: who leaves for two weeks does not want Monday's schedule."""
    if for_s is not None:
        return Override(target_c=target_c, preset=preset, ends_mono_s=now.mono_s + for_s)
    return Override(target_c=target_c, preset=preset, lasting=preset in _LASTING)


@dataclass(slots=True)
class Hand:
    """`hold_c` is the set-point of HEAT and COOL, `hold_preset` its name where it has one."""

    hold_c: float
    hold_preset: Preset | None = Preset.COMFORT
    mode: Mode = Mode.AUTO
    override: Override | None = None

    def tidy(self, now: Moment, next_change_s: float) -> None:
        """Ends what is over. `next_change_s` is the schedule's next change (POSIX), inf where there is none."""
        if self.override is None:
            return
        if self.override.open_ended and now.wall is not None:
            self.override = replace(self.override, ends_wall_s=next_change_s)
        left_s = self.override.left_s(now)
        if left_s is not None and left_s <= 0:
            self.override = None

    def snapshot(self, now: Moment) -> dict[str, object]:
        preset = None if self.hold_preset is None else self.hold_preset.value
        saved: dict[str, object] = {"mode": self.mode.value, "hold_c": self.hold_c, "hold_preset": preset}
        if self.override is None:
            return saved
        left_s = self.override.left_s(now)
        finite = left_s is not None and left_s != float("inf")
        return saved | {
            "override": {
                "target_c": self.override.target_c,
                "preset": None if self.override.preset is None else self.override.preset.value,
                "left_s": left_s if finite else None,
                "ends_wall_s": now.wall.timestamp() + left_s if finite and now.wall and left_s else None,
                "timed": self.override.ends_mono_s is not None,
                "lasting": self.override.lasting,
            }
        }

    def restore(self, saved: Mapping[str, object], now: Moment) -> None:
        """A time that was to end while the gateway was off is over, as far as a clock can tell."""
        self.mode = kept.choice(saved, "mode", Mode) or self.mode
        hold_c = kept.number(saved, "hold_c", *_KEPT_C)
        if hold_c is not None:
            self.hold_c, self.hold_preset = hold_c, kept.choice(saved, "hold_preset", Preset)
        self.override = _override(kept.mapping(saved, "override"), now)


def _override(saved: Mapping[str, object], now: Moment) -> Override | None:
    target_c = kept.number(saved, "target_c", *_KEPT_C)
    if target_c is None:
        return None
    left_s, ends_s = kept.number(saved, "left_s", 0.0), kept.number(saved, "ends_wall_s", 0.0)
    found = Override(
        target_c=target_c, preset=kept.choice(saved, "preset", Preset), lasting=saved.get("lasting") is True
    )
    if saved.get("timed") is not True:
        return replace(found, ends_wall_s=ends_s)
    if left_s is None:
        return None
    if ends_s is not None and now.wall is not None:
        left_s = min(left_s, ends_s - now.wall.timestamp())
    return replace(found, ends_mono_s=now.mono_s + left_s) if left_s > 0 else None


def clock_words(local: datetime, ahead_s: float) -> str:
    """ "22:00" for the time so far ahead, with its day where that is not within a day."""
    return (local + timedelta(seconds=ahead_s)).strftime("%H:%M" if ahead_s < 72000 else "%a %H:%M")
