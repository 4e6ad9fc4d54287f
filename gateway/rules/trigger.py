"""Whether a stimulus is what a rule waits for."""

from gateway.config.rules import Compare, Trigger
from gateway.seams import Stimulus
from gateway.types import Event, Quality, Reading


def beyond(bound: Compare, value: float) -> bool:
    """Whether `value` (canonical unit) is past the bound."""
    if bound.above is not None:
        return value > bound.above
    if bound.below is not None:
        return value < bound.below
    return value == bound.equals


def back(trigger: Trigger, value: float) -> bool:
    """Whether `value` has come back far enough for the bound to be crossed anew."""
    if trigger.above is not None:
        return value <= trigger.above - trigger.hysteresis
    if trigger.below is not None:
        return value >= trigger.below + trigger.hysteresis
    return value != trigger.equals


def is_event(trigger: Trigger, stimulus: Stimulus) -> bool:
    """Whether it is the event of this trigger; what the trigger leaves out fits anything."""
    if not isinstance(stimulus, Event) or stimulus.kind != trigger.event:
        return False
    wanted = ((trigger.source, stimulus.source), (trigger.zone, stimulus.zone), (trigger.label, stimulus.label))
    return all(want is None or want == got for want, got in wanted)


def reading_of(trigger: Trigger, stimulus: Stimulus) -> Reading | None:
    """The stimulus as a reading of this trigger's sensor, whatever its quality."""
    if not isinstance(stimulus, Reading) or (stimulus.device, stimulus.quantity) != (trigger.device, trigger.reading):
        return None
    return stimulus


def trusted(reading: Reading) -> bool:
    """Only what the sensor says now and believably moves anything."""
    return reading.quality is Quality.GOOD
