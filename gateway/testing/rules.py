"""What every `seams.Rule` must keep; bundled rules and those of plug-ins pass the same check."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from gateway.seams import Rule, Stimulus
from gateway.types import Command, Stamp, World

RuleState = TypeVar("RuleState")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One step of a story: what happened, in which world, when."""

    stimulus: Stimulus
    world: World
    now: Stamp


def tell(rule: Rule[RuleState], story: Sequence[Moment]) -> tuple[Command, ...]:
    """The commands a rule gives over a whole story."""
    state = rule.start()
    commands: list[Command] = []
    for moment in story:
        state, given = rule.step(state, moment.stimulus, moment.world, moment.now)
        commands += given
    return tuple(commands)


def check_rule(rule: Rule[RuleState], story: Sequence[Moment]) -> tuple[Command, ...]:
    """Raises `AssertionError` where the rule breaks the contract; returns the commands of the story."""
    assert rule.name, "a rule has a name"
    first = tell(rule, story)
    assert tell(rule, story) == first, "the same story gives the same commands: no clock, no chance, no memory outside"
    _check_steps_leave_their_state(rule, story)
    assert len({command.id for command in first}) == len(first), "ids are idempotency keys and differ"
    for command in first:
        assert command.ttl_s > 0, "a command that never expires is a command that comes too late"
        assert command.why, "every command says why"
        assert command.cause, "every command names its cause"
    return first


def _check_steps_leave_their_state(rule: Rule[RuleState], story: Sequence[Moment]) -> None:
    state = rule.start()
    for moment in story:
        shown = repr(state)
        after, given = rule.step(state, moment.stimulus, moment.world, moment.now)
        again, given_again = rule.step(state, moment.stimulus, moment.world, moment.now)
        assert repr(state) == shown, "a step changes no state in place"
        assert (repr(after), given) == (repr(again), given_again), "a step asked twice answers twice the same"
        state = after
