"""Rules as they are written. What they mean is in `gateway.rules`."""

from datetime import time
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.config.base import Number, Seconds, Slug, Strict, Title, wrong
from gateway.types import Kind, Quantity


def _only_one(model: Strict, *keys: str) -> None:
    given = [key for key in keys if getattr(model, key) is not None]
    if len(given) != 1:
        raise wrong(f"needs exactly one of {', '.join(keys)}", f"given: {', '.join(given) or 'none'}")


class Compare(Strict):
    """One comparison with a reading, in the canonical unit of its quantity."""

    above: Number | None = None
    below: Number | None = None
    equals: Number | None = None


class Trigger(Compare):
    """Either an event or a reading that crosses a bound."""

    event: Kind | None = None
    source: Slug | None = None
    """The camera or device; any where left out."""
    zone: Slug | None = None
    label: Title | None = None
    """What the event is about, such as a person's name."""
    reading: Quantity | None = None
    device: Slug | None = None
    hysteresis: Annotated[float, Field(ge=0)] = 0.0
    """How far the value must go back over the bound before it can cross it again."""
    for_s: Seconds = 0.0
    """The value must stay beyond the bound this long."""

    @model_validator(mode="after")
    def _either(self) -> Self:
        _only_one(self, "event", "reading")
        if self.reading is not None:
            _only_one(self, "above", "below", "equals")
            if self.device is None:
                raise wrong("a reading needs its device")
            self._unused("source", "zone", "label", because="belongs to an event")
        else:
            keys = ("above", "below", "equals", "device", "hysteresis", "for_s")
            self._unused(*keys, because="belongs to a reading")
        return self

    def _unused(self, *keys: str, because: str) -> None:
        for key in keys:
            if key in self.model_fields_set:
                raise wrong(f"'{key}' {because}")


class Times(Strict):
    """Local time; from 22:00 to 06:00 goes over midnight."""

    after: time | None = None
    before: time | None = None
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()


class Measured(Compare):
    device: Slug
    quantity: Quantity

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        _only_one(self, "above", "below", "equals")
        return self


class Present(Strict):
    """A person recognised lately; anybody where the name is left out."""

    name: Title | None = None
    within_s: Annotated[float, Field(gt=0)]


class Mode(Strict):
    name: Title
    equals: Title


class Condition(Strict):
    """Exactly one of its keys."""

    time: Times | None = None
    reading: Measured | None = None
    person: Present | None = None
    mode: Mode | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        _only_one(self, "time", "reading", "person", "mode")
        return self


class SwitchTo(Strict):
    target: Slug
    on: bool


class LevelTo(Strict):
    target: Slug
    level_pct: Annotated[float, Field(ge=0, le=100)]


class TemperatureTo(Strict):
    target: Slug
    temp_c: Annotated[float, Field(ge=5, le=30)]


class NotifyWith(Strict):
    target: Slug = "notify"
    """Who tells it; "notify" writes it into the journal."""
    title: Title
    body: Annotated[str, Field(max_length=500)] = ""


class Act(Strict):
    """Exactly one of its keys."""

    switch: SwitchTo | None = None
    set_level: LevelTo | None = None
    set_temperature: TemperatureTo | None = None
    notify: NotifyWith | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        _only_one(self, "switch", "set_level", "set_temperature", "notify")
        return self


class Until(Trigger):
    """When this has happened and been quiet for `quiet_s`, what was switched is switched back."""

    quiet_s: Seconds = 0.0
    at_most_s: Annotated[float, Field(gt=0)] | None = None
    """After this long it is over in any case."""
    then: tuple[Act, ...] = ()
    """What to do; where left out every switch of `then` is turned the other way."""


class RuleSpec(Strict):
    """When something happens, and if all conditions hold, then do."""

    name: Title
    when: Trigger
    all_of: Annotated[tuple[Condition, ...], Field(alias="if")] = ()
    none_of: Annotated[tuple[Condition, ...], Field(alias="unless")] = ()
    then: Annotated[tuple[Act, ...], Field(min_length=1)]
    until: Until | None = None
    ttl_s: Annotated[float, Field(gt=0, le=3600)] = 10.0
    """A command that could not be delivered within this time is not delivered at all."""
    cooldown_s: Seconds = 0.0
    """Not again within this time."""

    @model_validator(mode="after")
    def _undoable(self) -> Self:
        if self.until is not None and not self.until.then and not any(act.switch for act in self.then):
            raise wrong("'until' has nothing to switch back", "give it a 'then' of its own")
        return self
