"""What climate control tells of its rooms: to Home Assistant, to open pages, and to the log of events."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.types import Event, Kind, Level, Stamp, State, new_id
from gateway.types.climate import Alarm, Law, RoomStatus, Trust
from gateway.wire.climate import status_json

_DETAILS = {
    Alarm.SENSOR_LOST: "the thermometer is silent",
    Alarm.SENSOR_STUCK: "the thermometer does not move where it should",
    Alarm.SENSOR_IMPLAUSIBLE: "what the thermometer says cannot be",
    Alarm.RELAY_STUCK_ON: "it is heated although the heater was switched off",
    Alarm.HEATING_FAILURE: "no heat comes although the heater is on",
    Alarm.VALVE_STUCK: "the valve does not do what it is told",
    Alarm.LINK_LOST: "no device can be reached",
    Alarm.CLOCK: "the time of day is not known: schedules wait",
    Alarm.MODEL_FAULT: "the model answered nonsense and is not asked for a day",
    Alarm.SETPOINT_REJECTED: "a set-point was refused",
    Alarm.WINDOW_OPEN: "a window is open",
    Alarm.RESTARTED: "control was started anew",
    Alarm.TOO_HOT: "it is too hot",
    Alarm.FROST: "it is too cold",
}
_HARMLESS = frozenset({Alarm.WINDOW_OPEN, Alarm.SETPOINT_REJECTED, Alarm.RESTARTED})


class News:
    """Called with all statuses after every tick; tells what changed. Events are alarms that begin, and who drives the
    heat: a plan, plain control, or the guard where neither may."""

    def __init__(
        self,
        *,
        publish: Callable[[RoomStatus], None],
        page: Callable[[str, Mapping[str, Any]], None],
        report: Callable[[State], None],
        made: Callable[[Event], None],
    ) -> None:
        self._publish = publish
        self._page = page
        self._report = report
        self._made = made
        self._before: dict[str, RoomStatus] = {}

    def tell(self, statuses: Mapping[str, RoomStatus], now: Stamp) -> None:
        for room, status in statuses.items():
            before = self._before.get(room)
            self._before[room] = status
            self._publish(status)
            if before is None or _shown(status) != _shown(before):
                self._page("climate", status_json(status))
            self._report(_state(status, now))
            self._tell_events(before, status, now)

    def _tell_events(self, before: RoomStatus | None, status: RoomStatus, now: Stamp) -> None:
        known = frozenset[Alarm]() if before is None else before.alarms
        for alarm in sorted(status.alarms - known):
            self._make(Kind.CLIMATE_ALARM, status, alarm.value, _DETAILS[alarm], now)
        if before is not None and before.drive.law is not status.drive.law:
            self._make(Kind.CLIMATE_DECIDED, status, status.drive.law.value, _why(status), now)

    def _make(self, kind: Kind, status: RoomStatus, label: str, detail: str, now: Stamp) -> None:
        event = Event(id=new_id(), kind=kind, stamp=now, began=now, source=status.room, label=label, detail=detail)
        self._made(event)


def _why(status: RoomStatus) -> str:
    """With the numbers that a plan stands on."""
    if status.drive.law is not Law.PLAN or not status.skill:
        return status.why
    skills = ", ".join(f"{hours:g} h {skill:+.2f}" for hours, skill in sorted(status.skill.items()))
    return f"{status.why} (skill against persistence: {skills})"


def _shown(status: RoomStatus) -> tuple[object, ...]:
    """What a page would draw differently."""
    wanted = status.wanted
    told = (wanted.mode, wanted.preset, wanted.target_c, wanted.why, status.why, status.alarms, status.forecast)
    felt = (status.temp_c, status.humidity, status.outdoor_c, status.trust, status.price, status.window_open)
    return (*told, *felt, status.heating, status.cooling, status.price_ahead)


def _state(status: RoomStatus, now: Stamp) -> State:
    """The worst alarm is the room's state."""
    serious = sorted(status.alarms - _HARMLESS)
    part = f"climate/{status.room}"
    if serious:
        detail = "; ".join(_DETAILS[alarm] for alarm in serious)
        return State(part=part, level=Level.DEGRADED, key=serious[0].value, detail=detail, since=now)
    if status.trust is Trust.MISSING:
        return State(part=part, level=Level.STARTING, key="waiting", since=now)
    return State(part=part, level=Level.OK, key="running", since=now)
