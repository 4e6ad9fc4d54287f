"""One sensor: how its payload is read, and how far its value is to be believed."""

from dataclasses import dataclass, replace

from gateway.errors import Invalid
from gateway.types import UNITS, Quality, Quantity, Reading, Stamp
from gateway.wire import payload as wire
from gateway.wire.units import BOOLEANS, PLAUSIBLE, same_unit, to_canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorSpec:
    """Where one quantity of one device is found.

    `json_path` is a dotted path into a JSON object, None for plain text. `unit` is what the device sends; a unit
    written in the payload itself must be the same. `on_payload` and `off_payload` are for booleans. `range` is a
    closed interval in the canonical unit, by default `PLAUSIBLE`; `max_step` the largest believable change in
    the canonical unit between two messages; `max_age_s` the longest normal silence, None for a sensor that
    speaks only on change. Raises `Invalid` ("topic_wrong", "unit_wrong").
    """

    device: str
    quantity: Quantity
    topic: str
    json_path: str | None = None
    unit: str = ""
    on_payload: str | None = None
    off_payload: str | None = None
    max_age_s: float | None = None
    range: tuple[float, float] | None = None
    max_step: float | None = None

    def __post_init__(self) -> None:
        if not self.topic or set("+#\0") & set(self.topic):
            raise Invalid("topic_wrong", device=self.device)
        to_canonical(self.quantity, 0.0, self.source_unit)

    @property
    def source_unit(self) -> str:
        return self.unit or UNITS[self.quantity]


def decode(spec: SensorSpec, payload: bytes) -> float:
    """The value in the canonical unit; booleans as 0.0 and 1.0.

    Raises `Invalid` with a key of `gateway.wire.payload` or "unit_wrong"."""
    text = wire.text_of(payload)
    value = text if spec.json_path is None else wire.field_of(text, spec.json_path)
    if spec.quantity in BOOLEANS:
        return float(wire.boolean_of(value, spec.on_payload, spec.off_payload))
    number, unit = wire.measure_of(value)
    if unit and not same_unit(spec.quantity, unit, spec.source_unit):
        raise Invalid("unit_wrong", device=spec.device)
    return to_canonical(spec.quantity, number, spec.source_unit)


class SensorTrack:
    """The memory of one sensor: what it said last, when, and what of it was believed."""

    def __init__(self, spec: SensorSpec) -> None:
        self.spec = spec
        self._last: Reading | None = None
        self._good: float | None = None
        self._heard: Stamp | None = None
        self._begun: Stamp | None = None
        self._told_silent = False

    def take(self, value: float, now: Stamp, *, retained: bool) -> Reading | None:
        """The reading for a value that just came; None for a retained repetition of the live value we know."""
        if retained and self._heard is not None and self._last is not None and self._last.value == value:
            return None
        quality = Quality.STALE if retained else self._judge(value)
        reading = Reading(
            device=self.spec.device,
            quantity=self.spec.quantity,
            value=value,
            unit=UNITS[self.spec.quantity],
            stamp=now,
            quality=quality,
        )
        self._last = reading
        if not retained:
            self._heard, self._told_silent = now, False
            self._good = value if quality is Quality.GOOD else self._good
        return reading

    def begin(self, now: Stamp) -> None:
        """Listening begins (again): from now on silence counts."""
        self._begun, self._told_silent = now, False

    def silent(self, now: Stamp) -> bool:
        """True once for every silence longer than `max_age_s`."""
        since = self._heard or self._begun
        if self.spec.max_age_s is None or since is None or self._told_silent:
            return False
        self._told_silent = now.seconds_since(since) > self.spec.max_age_s
        if self._told_silent:
            self._good = None
        return self._told_silent

    def stale(self) -> Reading | None:
        """The last value as STALE, None where there never was one. Its stamp stays that of the last message: how
        old the value is must not be lost."""
        return None if self._last is None else replace(self._last, quality=Quality.STALE)

    def _judge(self, value: float) -> Quality:
        low, high = self.spec.range or PLAUSIBLE[self.spec.quantity]
        if not low <= value <= high:
            return Quality.SUSPECT
        return Quality.GOOD if self._near(value) else Quality.SUSPECT

    def _near(self, value: float) -> bool:
        """A value is believed when it is near the last good one or near the one just before it: one outlier is
        suspect, the way back is not, and a real jump is believed from its second message on."""
        if self.spec.max_step is None or self._good is None or self._last is None:
            return True
        return min(abs(value - self._good), abs(value - self._last.value)) <= self.spec.max_step
