"""The house as rules and climate see it: an immutable snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from gateway.types.reading import Quantity, Reading
from gateway.types.stamp import Stamp

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """`local` is aware local time; `readings` holds the last one per (device, quantity); `present` maps a
    person's name to when they were last recognised; `modes` maps a mode's name to its value."""

    local: datetime
    readings: Mapping[tuple[str, Quantity], Reading] = field(default_factory=lambda: MappingProxyType({}))
    present: Mapping[str, Stamp] = field(default_factory=lambda: MappingProxyType({}))
    modes: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    def with_reading(self, reading: Reading) -> "World":
        return replace(self, readings=MappingProxyType({**self.readings, (reading.device, reading.quantity): reading}))

    def with_person(self, name: str, stamp: Stamp) -> "World":
        return replace(self, present=MappingProxyType({**self.present, name: stamp}))
