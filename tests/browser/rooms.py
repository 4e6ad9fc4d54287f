"""Two drawn rooms: a week of five-minute rows and a forecast, as smooth as a picture book."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.store.climate import ClimateRow
from gateway.types.climate import Alarm, Ask, Drive, Forecast, Law, Mode, Preset, RoomStatus, Trust, Wanted
from tests.unit.web.fakes import FakeClimate, room_view

STEP = timedelta(minutes=5)
PRESETS = {
    Preset.COMFORT: 21.0,
    Preset.ECO: 18.0,
    Preset.SLEEP: 17.0,
    Preset.AWAY: 16.0,
    Preset.FROST: 7.0,
    Preset.BOOST: 22.0,
}


def drawn_climate(now: datetime, days: int = 7) -> FakeClimate:
    """A living room that is warming up for the evening, and a bedroom whose window is open."""
    views = [
        replace(room_view(name, title), presets=PRESETS)
        for name, title in (("living_room", "Living room"), ("bedroom", "Bedroom"))
    ]
    climate = DrawnClimate(*views, rows=week(now, days))
    last = climate.rows[-1].columns["temp_c"]
    climate.statuses = {"living_room": living_room(now, last), "bedroom": bedroom(now)}
    return climate


class DrawnClimate(FakeClimate):
    """Does at once what is asked."""

    async def ask(self, ask: Ask) -> Alarm | None:
        status = self.statuses[ask.room]
        target_c = ask.target_c if ask.preset is None else PRESETS[ask.preset]
        wanted = replace(
            status.wanted,
            mode=ask.mode or status.wanted.mode,
            preset=ask.preset,
            target_c=status.wanted.target_c if target_c is None else target_c,
            why="set by hand until 22:30",
        )
        self.statuses[ask.room] = replace(status, wanted=wanted)
        return await super().ask(ask)


def week(now: datetime, days: int) -> Sequence[ClimateRow]:
    start = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=days)
    temp_c, found = 18.0, []
    for number in range(round((now - start) / STEP)):
        time = start + number * STEP
        target_c = wanted_at(time)
        duty = 1.0 if temp_c < target_c - 0.1 else 0.0
        outdoor_c = 4.0 + 3.0 * math.sin((time.hour + time.minute / 60 - 9) / 24 * math.tau)
        temp_c += 0.115 * duty - 0.0038 * (temp_c - outdoor_c)
        columns = {"temp_c": round(temp_c, 1), "target_c": target_c, "duty": duty, "price": price_at(time)}
        if time.hour == 8 and time.minute < 30:
            columns["window"] = 1.0
        found.append(ClimateRow(time=time, columns=columns))
    return [replace(row, columns={**row.columns, **expected(found, place)}) for place, row in enumerate(found)]


def expected(rows: Sequence[ClimateRow], place: int) -> dict[str, float]:
    """What the row at `place` thought of later: a little too warm, more so the further ahead."""
    rows_of = {hours: place + round(timedelta(hours=hours) / STEP) for hours in (1, 3)}
    known = {hours: rows[later] for hours, later in rows_of.items() if later < len(rows)}
    return {f"in_{hours}h_c": row.columns["temp_c"] + 0.1 * hours for hours, row in known.items()}


def wanted_at(time: datetime) -> float:
    return 21.0 if 6 <= time.hour < 9 or 16 <= time.hour < 23 else 17.5


def price_at(time: datetime) -> float:
    return 0.18 if time.hour < 7 or time.hour >= 23 else 0.45 if 17 <= time.hour < 21 else 0.28


def living_room(now: datetime, temp_c: float) -> RoomStatus:
    steps = range(1, 49)
    ahead = [temp_c + (20.8 - temp_c) * (1 - math.exp(-n / 7)) + 0.3 * math.sin(n / 6) for n in steps]
    return RoomStatus(
        room="living_room",
        wanted=Wanted(
            mode=Mode.AUTO,
            target_c=21.0,
            preset=Preset.COMFORT,
            why="the schedule",
            next_c=17.5,
            next_s=5400.0,
            ahead=tuple(wanted_at(now + n * timedelta(minutes=15)) for n in range(48)),
        ),
        drive=Drive(duty=0.8, law=Law.PLAN, why="cheap hours come first", aim_c=21.2),
        orders=(),
        temp_c=temp_c,
        trust=Trust.GOOD,
        humidity=46.0,
        outdoor_c=3.8,
        heating=True,
        occupied=0.9,
        minutes_per_degree=41.0,
        skill={1.0: 0.18, 3.0: 0.24, 6.0: 0.31},
        forecast=Forecast(
            ahead_s=tuple(900.0 * n for n in steps),
            temp_c=tuple(ahead),
            spread_c=tuple(0.08 * math.sqrt(n) for n in steps),
            duty=tuple(0.8 if n < 8 or 20 < n < 24 else 0.0 for n in steps),
        ),
        price=price_at(now),
        price_ahead=tuple((at.timestamp(), price_at(at)) for at in (now + n * timedelta(hours=1) for n in range(24))),
        why="Heating since 05:42: 21.0 wanted at 06:30, the model says 41 min ± 6.",
        time=now,
    )


def bedroom(now: datetime) -> RoomStatus:
    return RoomStatus(
        room="bedroom",
        wanted=Wanted(mode=Mode.HEAT, target_c=17.0, why="set by hand"),
        drive=Drive(duty=0.0, law=Law.CLASSIC, why="a window is open"),
        orders=(),
        temp_c=16.2,
        trust=Trust.GOOD,
        humidity=58.0,
        outdoor_c=3.8,
        window_open=True,
        alarms=frozenset({Alarm.WINDOW_OPEN, Alarm.SENSOR_STUCK}),
        price=price_at(now),
        why="Heating pauses for at most 30 minutes: the window is open.",
        time=now,
    )
