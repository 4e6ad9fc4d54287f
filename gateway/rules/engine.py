"""All rules together."""

import logging
from collections.abc import Sequence

from gateway.rules.rule import REST_S, YamlRule
from gateway.rules.state import RuleState
from gateway.seams import StateReport, Stimulus
from gateway.types import Command, Level, Stamp, State, World

log = logging.getLogger(__name__)


def _nobody(_state: State) -> None:
    return


class RuleEngine:
    """Steps every rule and keeps its state; for one task. No clock and no I/O: the caller says what time it is.

    `report` hears of the part "rules": "running", or "rule_loop" while a rule rests because it acted too often.
    """

    def __init__(self, rules: Sequence[YamlRule], *, report: StateReport = _nobody) -> None:
        self._rules = tuple(rules)
        self._report = report
        self._states: list[RuleState] = [rule.start() for rule in self._rules]
        self._told: tuple[str, ...] = ()
        report(State(part="rules", level=Level.OK, key="running"))

    def step(self, stimulus: Stimulus, world: World, now: Stamp) -> tuple[Command, ...]:
        """The commands that follow from `stimulus`, in the order of the rules."""
        return self._all(world, now, stimulus)

    def tick(self, now: Stamp, world: World) -> tuple[Command, ...]:
        """The commands that follow from the mere passing of time; call it about once a second."""
        return self._all(world, now, None)

    @property
    def resting(self) -> tuple[str, ...]:
        """Names of rules that are paused because they acted too often."""
        return tuple(r.name for r, s in zip(self._rules, self._states, strict=True) if s.resting is not None)

    def _all(self, world: World, now: Stamp, stimulus: Stimulus | None) -> tuple[Command, ...]:
        commands: list[Command] = []
        for number, rule in enumerate(self._rules):
            state = self._states[number]
            if stimulus is None:
                self._states[number], given = rule.tick(state, world, now)
            else:
                self._states[number], given = rule.step(state, stimulus, world, now)
            commands += given
        self._tell(now)
        return tuple(commands)

    def _tell(self, now: Stamp) -> None:
        resting = self.resting
        if resting == self._told:
            return
        self._told = resting
        if not resting:
            self._report(State(part="rules", level=Level.OK, key="running", since=now))
            return
        log.warning("rules paused for %.0f s because they acted too often: %s", REST_S, ", ".join(resting))
        detail = f"acted too often, paused for {REST_S:g} s: {', '.join(resting)}"
        self._report(State(part="rules", level=Level.DEGRADED, key="rule_loop", detail=detail, since=now))
