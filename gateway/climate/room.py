"""One room, from what is measured to what is ordered: the parts of this package in the order they are asked."""

import math
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import tzinfo

from gateway.climate import saved as kept
from gateway.climate.classic.choice import cycle_of
from gateway.climate.classic.classic import Classic
from gateway.climate.classic.pulse import Pulse
from gateway.climate.diary import Diary, Lived
from gateway.climate.forecast.net import Net
from gateway.climate.history import Rows
from gateway.climate.insight import Insight
from gateway.climate.intake.room import RoomIntake
from gateway.climate.plan.ahead import Ahead
from gateway.climate.senses import Kept, Senses
from gateway.climate.supervisor import Ruling, Supervisor
from gateway.climate.telling import Telling
from gateway.climate.wish.wishes import Wishes
from gateway.climate.words import Alarm, Ask, Drive, Forecast, Moment, Observed, RoomStatus, Wanted
from gateway.config.climate import Climate, Room
from gateway.types import Reading

_REJECTED_S = 300.0
_RELINKED_S = 1800.0
"""After the link was down nobody knows what the heater did: a device's own frost guard may have heated."""

Row = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """`row` is the five minutes that this tick completed, where it did; `status` is without a forecast, see
    `RoomControl.forecast`."""

    status: RoomStatus
    row: Row | None = None


class RoomControl:
    """Call `hear` for every reading there is and `tick` every 1 to 60 s. A plan drives the heat where the room's
    model has earned it, plain control else and in the same tick; the supervisor has the last word either way."""

    def __init__(
        self, room: Room, climate: Climate, zone: tzinfo, net: Net | None = None, learning: Executor | None = None
    ) -> None:
        """`net` and `learning` as of `Insight`."""
        self.room = room
        self.intake = RoomIntake(room, climate)
        self.wishes = Wishes(room, zone, climate.pause_s)
        self.classic = Classic(room, zone)
        self.insight = Insight(room, climate, zone, net, learning)
        self.pulse = Pulse(room.limits, cycle_of(room))
        self.supervisor = Supervisor(room)
        self.senses = Senses(zone, climate.pause_s)
        self.diary = Diary()
        self._telling = Telling(zone)
        self._planned = False
        self._share = 0.0
        self._rejected_s = float("-inf")
        self._unlinked_s = float("-inf")

    @property
    def share(self) -> float:
        """Of full power, that the heater runs at as far as orders reach it."""
        return self._share

    def hear(self, reading: Reading, now: Moment) -> None:
        self.intake.hear(reading, now)

    def ask(self, ask: Ask, now: Moment) -> Alarm | None:
        alarm = self.wishes.ask(ask, now)
        if alarm is not None:
            self._rejected_s = now.mono_s
        return alarm

    def tick(self, now: Moment, ahead: Ahead, *, link_up: bool) -> Ticked:
        self._catch_up(now)
        if not link_up:
            self._unlinked_s = now.mono_s
        seen = self.intake.observe(now)
        linked = now.mono_s - self._unlinked_s >= _RELINKED_S
        noticed = self.senses.step(seen, self._share, linked=linked)
        observed = replace(seen, window=noticed.window)
        paused = seen.window is True
        wanted = self.wishes.wanted(now, away=noticed.presence.away, window_pause=paused)
        drive = self._drive(observed, wanted, ahead, paused=paused)
        switched = self._switched(drive, now)
        suspected = noticed.alarms | self._complaints(now)
        ruling = self.supervisor.step(
            observed, wanted, switched, link_up=link_up, suspected=suspected, heater_known=noticed.heater_known
        )
        row = self._live(observed, wanted, ruling, linked=linked)
        status = self._status(observed, wanted, drive, ruling, ahead)
        return Ticked(status=replace(status, occupied=noticed.presence.probability), row=row)

    def _catch_up(self, now: Moment) -> None:
        missed = self.diary.missed(now)
        if missed:
            self.insight.learner.skip(missed)

    def _drive(self, observed: Observed, wanted: Wanted, ahead: Ahead, *, paused: bool) -> Drive:
        """Plain control is asked either way: it learns from what it sees, and takes over at any tick. It drives while
        a contact says that a window is open. One that is only inferred may be none, or be closed by now: what the room
        does then teaches nobody, but the heat goes on."""
        plain = self.classic.step(observed, wanted, ran=self._share, driving=not self._planned)
        planned = None if paused else self.insight.drive(observed, wanted, ahead)
        self._planned = planned is not None
        return plain if planned is None else planned

    def _switched(self, drive: Drive, now: Moment) -> Drive:
        """A relay is on or off; a duty below 0 asks for cooling. What is no number is for the supervisor to judge."""
        if self.room.drive != "relay" or not math.isfinite(drive.duty):
            return drive
        on = self.pulse.step(max(drive.duty, 0.0), now)
        return replace(drive, duty=-1.0 if drive.duty < 0.0 and not on else float(on))

    def _complaints(self, now: Moment) -> frozenset[Alarm]:
        """What is amiss with the model and with what people ask."""
        rejected = now.mono_s - self._rejected_s < _REJECTED_S
        told = {Alarm.MODEL_FAULT: self.insight.failed, Alarm.SETPOINT_REJECTED: rejected}
        return frozenset(alarm for alarm, so in told.items() if so)

    def _live(self, observed: Observed, wanted: Wanted, ruling: Ruling, *, linked: bool) -> Row | None:
        """`linked`: the heater did what is thought of it."""
        alarms = ruling.alarms if linked else ruling.alarms | {Alarm.LINK_LOST}
        window = observed.window is True
        lived = Lived(observed=observed, wanted=wanted, share=self._share, window=window, alarms=alarms)
        row = self.diary.live(lived)
        self._share = ruling.share
        self.intake.drove(ruling.share, observed.now)
        if row is not None:
            self.insight.lived(row, self.diary.history, observed)
        return row

    def _status(self, observed: Observed, wanted: Wanted, drive: Drive, ruling: Ruling, ahead: Ahead) -> RoomStatus:
        temp = observed.temp
        return RoomStatus(
            room=self.room.name,
            wanted=wanted,
            drive=replace(drive, law=ruling.law),
            orders=ruling.orders,
            temp_c=temp.value,
            trust=temp.trust,
            humidity=observed.humidity.good,
            outdoor_c=observed.outdoor.good,
            heating=ruling.heating,
            cooling=ruling.cooling,
            window_open=observed.window is True,
            alarms=ruling.alarms,
            minutes_per_degree=self.classic.minutes_per_degree,
            skill=self.insight.learner.skill.by_hour,
            price=ahead.price[0] if ahead.price else None,
            why=self._telling.why(ruling.why, observed.now, heating=ruling.heating, cooling=ruling.cooling),
            time=observed.now.wall,
        )

    @property
    def forecast(self) -> Forecast | None:
        """See `Insight.forecast`; worth some milliseconds, so it is not made at every tick."""
        return self.insight.forecast

    def snapshot(self, now: Moment) -> dict[str, object]:
        parts = {name: part.snapshot() for name, part in self._parts().items()}
        return {"insight": self.insight.snapshot(now), **parts}

    def restore(self, saved: Mapping[str, object], now: Moment, rows: Rows | None = None) -> None:
        """`rows` are the last rows of the history, up to now; without them models are learned anew."""
        for name, part in self._parts().items():
            part.restore(kept.mapping(saved, name), now)
        if rows is not None:
            self.diary.history.extend(rows)
        history = self.diary.history
        self.insight.restore(kept.mapping(saved, "insight"), history, history.last(), now)

    def _parts(self) -> Mapping[str, Kept]:
        return {
            "intake": self.intake,
            "wishes": self.wishes,
            "classic": self.classic,
            "pulse": self.pulse,
            "supervisor": self.supervisor,
            **self.senses.parts,
        }
