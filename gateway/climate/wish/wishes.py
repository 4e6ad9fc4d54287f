"""`Wishes`: what is wanted of a room, in the order of who has the last word."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo

from gateway.climate import saved as kept
from gateway.climate.grid import QUARTER_S
from gateway.climate.wish.automatic import scheduled, unscheduled
from gateway.climate.wish.check import merged, sane
from gateway.climate.wish.course import Course, following, quarters, resumed
from gateway.climate.wish.hand import Hand, override
from gateway.climate.wish.lasting import Lasting
from gateway.climate.wish.pace import Pace
from gateway.climate.wish.week import Spell, Week, of_preset
from gateway.climate.words import Alarm, Ask, Mode, Moment, Preset, Wanted
from gateway.config.climate import Room

COOL_C = 24.0
"""Comfort while cooling. A set-point so much below comfort for heating is as much above it for cooling."""


class Wishes:
    """Off, then an open window, then what was set by hand, then absence, then the schedule. `pause_s` is the longest
    pause for one opening of a window; then the room is warmed whatever the window does."""

    def __init__(self, room: Room, zone: tzinfo, pause_s: float = 1800.0) -> None:
        self._presets, self._limits = room.presets, room.limits
        self._zone = zone
        self._week = Week(room, zone)
        self._hand = Hand(hold_c=room.presets.comfort)
        self._pause_s = pause_s
        self._pace = Pace()
        self._late: Ask | None = None
        self._absent, self._open = Lasting(), Lasting()
        self._now = Moment(mono_s=0.0, wall=None)

    def ask(self, ask: Ask, now: Moment) -> Alarm | None:
        """What holds a temperature outside 5 to 30 degC, or a time that is none, is refused whole. What comes too fast
        waits, and the last of it counts as soon as the pace allows. Both return an alarm. Retained wishes are old and
        ignored."""
        if ask.retained:
            return None
        if not sane(ask):
            return Alarm.SETPOINT_REJECTED
        if self._late is None and self._pace.admits(now.mono_s):
            self._take(ask, now)
            return None
        self._late = ask if self._late is None else merged(self._late, ask)
        return Alarm.SETPOINT_REJECTED

    def wanted(self, now: Moment, *, away: bool | None, window_pause: bool) -> Wanted:
        """`away` None: it is not known, and counts as no. Without a clock the schedule gives way to a constant."""
        self._now = now
        if self._late is not None and self._pace.admits(now.mono_s):
            late, self._late = self._late, None
            self._take(late, now)
        spells = () if now.wall is None else self._week.spells(now.wall.timestamp())
        self._hand.tidy(now, spells[1].begins_s if len(spells) > 1 else math.inf)
        absent_s = self._absent.step(now, so=away is True)
        open_s = self._open.step(now, so=window_pause)
        course = self._course(now, spells, absent_s)
        if open_s is not None and open_s < self._pause_s and self._hand.mode is not Mode.OFF:
            return self._paused(course)
        upcoming = following(course.points)
        return Wanted(
            mode=self._hand.mode,
            target_c=course.points[0][1],
            preset=course.preset,
            why=course.why,
            by_hand=self._hand.override is not None or self._hand.mode is not Mode.AUTO,
            next_c=None if upcoming is None else upcoming[1],
            next_s=None if upcoming is None else upcoming[0],
            ahead=quarters(course.points),
        )

    def _paused(self, course: Course) -> Wanted:
        """No next change is told: nobody heats for the morning through an open window."""
        cooling = self._hand.mode is Mode.COOL
        stop_c = self._limits.set_max_c if cooling else min(self._presets.frost, course.points[0][1])
        ahead = quarters([(0.0, stop_c), *resumed(course.points, QUARTER_S)])
        return Wanted(mode=self._hand.mode, target_c=stop_c, why="a window is open", ahead=ahead)

    def _course(self, now: Moment, spells: Sequence[Spell], absent_s: float | None) -> Course:
        hand = self._hand
        if hand.mode is Mode.OFF:
            return Course(points=[(0.0, self._presets.frost)], preset=Preset.FROST, why="switched off")
        if hand.mode is not Mode.AUTO:
            course = Course(points=[(0.0, hand.hold_c)], preset=hand.hold_preset, why="set by hand")
        elif now.wall is None:
            course = unscheduled(self._presets)
        else:
            course = scheduled(spells, now.wall.timestamp(), absent_s, self._presets)
        if hand.override is not None:
            points = [(0.0, hand.override.target_c), *resumed(course.points, hand.override.left_s(now))]
            course = Course(points=points, preset=hand.override.preset, why=hand.override.until(now, self._zone))
        return replace(course, points=[(at_s, self._limited(target_c)) for at_s, target_c in course.points])

    def _limited(self, target_c: float) -> float:
        if self._hand.mode is Mode.COOL:
            target_c = COOL_C + self._presets.comfort - target_c
        return min(max(target_c, self._limits.set_min_c), self._limits.set_max_c)

    def _take(self, ask: Ask, now: Moment) -> None:
        hand = self._hand
        if ask.mode is not None:
            if ask.mode is not hand.mode:
                hand.hold_c, hand.hold_preset = self._presets.comfort, Preset.COMFORT
            hand.mode, hand.override = ask.mode, None
        target_c = self._asked(ask)
        if target_c is None:
            return
        preset = ask.preset if ask.target_c is None else None
        for_s = self._presets.boost_s if preset is Preset.BOOST and ask.for_s is None else ask.for_s
        if hand.mode is Mode.AUTO or for_s is not None:
            hand.override = override(target_c, preset, for_s, now)
        else:
            hand.hold_c, hand.hold_preset, hand.override = target_c, preset, None

    def _asked(self, ask: Ask) -> float | None:
        """degC as for heating: a set-point for cooling is turned about, as `_limited` turns it back."""
        if ask.target_c is not None:
            cooling = self._hand.mode is Mode.COOL
            return COOL_C + self._presets.comfort - ask.target_c if cooling else ask.target_c
        return None if ask.preset is None else of_preset(ask.preset, self._presets)

    def snapshot(self) -> dict[str, object]:
        return {"hand": self._hand.snapshot(self._now), "absent": self._absent.snapshot()}

    def restore(self, saved: Mapping[str, object], now: Moment) -> None:
        """Whatever cannot be read is as if it had never been asked."""
        self._now = now
        self._hand.restore(kept.mapping(saved, "hand"), now)
        self._absent.restore(kept.mapping(saved, "absent"), now)
