"""An hour is over: its sums become summaries. What cannot be one (a device whose name is no id) is left at home."""

from collections.abc import Callable, Iterator, Mapping

from pydantic import ValidationError

from gateway.types import Kind, Level
from gateway.types.climate import Alarm
from gateway.uplink.summaries.sums import Sums
from gateway.wire.summary import Comfort, DeviceHealth, Energy, EventCount, HeaterFault, Presence, Summary

Amounts = Mapping[str, float]
Levels = Callable[[str], Level]
"""How a device is, by its name."""


def closed(sums: Sums, hour: int, level: Levels) -> Iterator[Summary]:
    makers: Mapping[str, Callable[[str, Amounts], Iterator[Summary]]] = {
        "presence": lambda room, of: _presence(hour, room, of),
        "event": lambda kind, of: _count(hour, kind, of),
        "comfort": lambda room, of: _comfort(hour, room, of),
        "energy": lambda thing, of: _energy(hour, thing, of, metered=True),
        "heat": lambda thing, of: _energy(hour, thing, of, metered=False),
        "fault": lambda room, of: _faults(hour, room, of),
        "device": lambda device, of: _device(hour, device, of, level),
    }
    for kind, make in makers.items():
        for thing, amounts in sums.things(kind):
            try:
                yield from make(thing, amounts)
            except ValidationError:
                continue


def _presence(hour: int, room: str, of: Amounts) -> Iterator[Summary]:
    yield Presence(hour=hour, room=room, minutes=round(min(of["s"] / 60, 60.0), 1))


def _count(hour: int, kind: str, of: Amounts) -> Iterator[Summary]:
    yield EventCount(hour=hour, of=Kind(kind), count=round(of["count"]))


def _comfort(hour: int, room: str, of: Amounts) -> Iterator[Summary]:
    mean_c = round(of["c_h"] / of["h"], 2) if of.get("h") else None
    yield Comfort(hour=hour, room=room, kh_below=round(of["below"], 3), kh_above=round(of["above"], 3), mean_c=mean_c)


def _energy(hour: int, thing: str, of: Amounts, *, metered: bool) -> Iterator[Summary]:
    yield Energy(hour=hour, thing=thing, kwh=round(of["kwh"], 4), metered=metered)


def _faults(hour: int, room: str, of: Amounts) -> Iterator[Summary]:
    for alarm, seconds in sorted(of.items()):
        yield HeaterFault(hour=hour, room=room, fault=Alarm(alarm), seconds=round(seconds, 1))


def _device(hour: int, device: str, of: Amounts, level: Levels) -> Iterator[Summary]:
    yield DeviceHealth(hour=hour, device=device, readings=round(of["readings"]), level=level(device))
