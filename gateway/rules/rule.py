"""One rule as a pure step: same state, stimulus, world and time give the same state and commands."""

from dataclasses import replace

from gateway.config.rules import Act, RuleSpec, Trigger, Until
from gateway.rules.conditions import allowed
from gateway.rules.ids import command_id
from gateway.rules.state import Cause, RuleState, Undo, Waiting
from gateway.rules.trigger import back, beyond, is_event, reading_of, trusted
from gateway.rules.wording import event_reason, local_time, quiet_reason, reading_reason, sentence
from gateway.seams import Stimulus
from gateway.types import (
    Action,
    Command,
    Event,
    Notify,
    Origin,
    Reading,
    SetLevel,
    SetTemperature,
    Stamp,
    Switch,
    World,
)

MOST_A_MINUTE = 20
REST_S = 300.0

Step = tuple[RuleState, tuple[Command, ...]]


class YamlRule:
    """`seams.Rule` over a `RuleSpec`. A rule that acts more than 20 times in a minute is in a loop with something
    and rests for five minutes; while it rests it may still undo what it did."""

    def __init__(self, spec: RuleSpec) -> None:
        self.name = spec.name
        self.spec = spec

    def start(self) -> RuleState:
        return RuleState()

    def step(self, state: RuleState, stimulus: Stimulus, world: World, now: Stamp) -> Step:
        state, cause = self._triggered(state, stimulus, world, now)
        if self.spec.until is not None:
            state = _end_seen(state, self.spec.until, stimulus, world, now)
        return self._due(state, cause, world, now)

    def tick(self, state: RuleState, world: World, now: Stamp) -> Step:
        """Time has passed; nothing else happened."""
        return self._due(state, None, world, now)

    def _due(self, state: RuleState, cause: Cause | None, world: World, now: Stamp) -> Step:
        waiting = state.waiting
        if waiting is not None and now.seconds_since(waiting.since) >= self.spec.when.for_s:
            state, cause = replace(state, waiting=None), waiting.cause
        fired: tuple[Command, ...] = ()
        if cause is not None:
            state, fired = self._fire(state, cause, world, now)
        state, undone = self._undo(state, world, now)
        return state, fired + undone

    def _triggered(
        self, state: RuleState, stimulus: Stimulus, world: World, now: Stamp
    ) -> tuple[RuleState, Cause | None]:
        when = self.spec.when
        if isinstance(stimulus, Event):
            return state, _event_cause(stimulus, world) if is_event(when, stimulus) else None
        reading = reading_of(when, stimulus)
        return (state, None) if reading is None else (_crossed(state, when, reading, world, now), None)

    def _fire(self, state: RuleState, cause: Cause, world: World, now: Stamp) -> Step:
        if state.undo is not None:  # it goes on: whatever looked like the end was none
            state = replace(state, undo=replace(state.undo, quiet=None, quiet_since=None))
        state = _rested(state, now)
        if state.resting is not None or not allowed(self.spec, world, now) or self._cooling(state, now):
            return state, ()
        recent = tuple(stamp for stamp in state.fired if now.seconds_since(stamp) < 60.0)
        if len(recent) >= MOST_A_MINUTE:
            return replace(state, resting=now), ()
        undo = None if self.spec.until is None else Undo(began=now, cause=cause)
        return replace(state, fired=(*recent, now), undo=undo), self._commands(self.spec.then, cause, now, "then")

    def _cooling(self, state: RuleState, now: Stamp) -> bool:
        return bool(state.fired) and now.seconds_since(state.fired[-1]) < self.spec.cooldown_s

    def _undo(self, state: RuleState, world: World, now: Stamp) -> Step:
        until, undo = self.spec.until, state.undo
        if until is None or undo is None:
            return state, ()
        cause = _over(until, undo, world, now)
        if cause is None:
            return state, ()
        acts = until.then or tuple(_opposite(act) for act in self.spec.then if act.switch is not None)
        return replace(state, undo=None), self._commands(acts, cause, now, "until")

    def _commands(self, acts: tuple[Act, ...], cause: Cause, now: Stamp, part: str) -> tuple[Command, ...]:
        return tuple(self._command(act, cause, now, f"{part}/{number}") for number, act in enumerate(acts))

    def _command(self, act: Act, cause: Cause, now: Stamp, part: str) -> Command:
        target, action = _action(act)
        return Command(
            id=command_id(now, self.name, cause.id, part, str(now.mono_ns)),
            target=target,
            action=action,
            issued=now,
            ttl_s=self.spec.ttl_s,
            origin=Origin.RULE,
            cause=cause.id,
            trigger=cause.stamp,
            why=sentence(target, action, cause.reason),
        )


def _rested(state: RuleState, now: Stamp) -> RuleState:
    if state.resting is None or now.seconds_since(state.resting) < REST_S:
        return state
    return replace(state, resting=None, fired=())


def _crossed(state: RuleState, when: Trigger, reading: Reading, world: World, now: Stamp) -> RuleState:
    if not trusted(reading):
        return state if state.waiting is None else replace(state, waiting=None, armed=True)
    if state.armed and beyond(when, reading.value):
        return replace(state, armed=False, waiting=Waiting(since=now, cause=_reading_cause(when, reading, world)))
    if not state.armed and back(when, reading.value):
        return replace(state, armed=True, waiting=None)
    if state.waiting is not None and not beyond(when, reading.value):
        return replace(state, armed=True, waiting=None)
    return state


def _end_seen(state: RuleState, until: Until, stimulus: Stimulus, world: World, now: Stamp) -> RuleState:
    undo = state.undo
    if undo is None:
        return state
    if is_event(until, stimulus) and isinstance(stimulus, Event):
        return replace(state, undo=replace(undo, quiet=_event_cause(stimulus, world), quiet_since=now))
    reading = reading_of(until, stimulus)
    if reading is None:
        return state
    if not (trusted(reading) and beyond(until, reading.value)):
        return replace(state, undo=replace(undo, quiet=None, quiet_since=None))
    if undo.quiet is None:
        undo = replace(undo, quiet=_reading_cause(until, reading, world), quiet_since=now)
    return replace(state, undo=undo)


def _over(until: Until, undo: Undo, world: World, now: Stamp) -> Cause | None:
    """Why it is time to undo; None while it is not."""
    if undo.quiet is not None and undo.quiet_since is not None:
        wait_s = until.quiet_s + until.for_s
        if now.seconds_since(undo.quiet_since) >= wait_s:
            return replace(undo.quiet, stamp=now, reason=quiet_reason(until, wait_s, undo.quiet.reason))
    if until.at_most_s is not None and now.seconds_since(undo.began) >= until.at_most_s:
        return replace(undo.cause, stamp=now, reason=f"at most {until.at_most_s:g} s, {_since(undo.began, world)}")
    return None


def _since(stamp: Stamp, world: World) -> str:
    return f"since {local_time(stamp, world)}"


def _event_cause(event: Event, world: World) -> Cause:
    return Cause(id=event.id, stamp=event.stamp, reason=event_reason(event, world))


def _reading_cause(trigger: Trigger, reading: Reading, world: World) -> Cause:
    cause = f"{reading.device}/{reading.quantity.value}@{reading.stamp.mono_ns}"
    return Cause(id=cause, stamp=reading.stamp, reason=reading_reason(trigger, reading, reading.stamp, world))


def _opposite(act: Act) -> Act:
    assert act.switch is not None
    return Act(switch=act.switch.model_copy(update={"on": not act.switch.on}))


def _action(act: Act) -> tuple[str, Action]:
    if act.switch is not None:
        return act.switch.target, Switch(on=act.switch.on)
    if act.set_level is not None:
        return act.set_level.target, SetLevel(level_pct=act.set_level.level_pct)
    if act.set_temperature is not None:
        return act.set_temperature.target, SetTemperature(temp_c=act.set_temperature.temp_c)
    assert act.notify is not None
    return act.notify.target, Notify(title=act.notify.title, body=act.notify.body)
