"""Whether aiming higher would have helped a room that is too cold."""

from gateway.climate.words import Wanted

_STRAINED_STEPS = 96
"""Full heat for eight hours on end, as long as a night, is a heater at its limit, and not one that began too late."""


class Blame:
    """One room's. `step` once a decision, before it is taken."""

    def __init__(self) -> None:
        self._full_steps = 0
        self._surprised = True
        self._last: Wanted | None = None

    def step(self, wanted: Wanted, under_c: float, *, full: bool) -> bool:
        """False while the heater is at its limit, and from a rise that nobody foretold (a person turned it up, came
        home early, closed a window) until the room is comfortable again. `under_c` is what it lacks to comfort in K,
        `full` whether it was heated at full power since the last step."""
        self._full_steps = self._full_steps + 1 if full else 0
        self._surprised = under_c > 0 and (self._surprised or self._unforeseen(wanted))
        self._last = wanted
        return not self._surprised and self._full_steps <= _STRAINED_STEPS

    def _unforeseen(self, wanted: Wanted) -> bool:
        last = self._last
        return last is None or (wanted.target_c > last.target_c and wanted.target_c != last.next_c)
