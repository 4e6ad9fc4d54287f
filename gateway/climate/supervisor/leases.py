"""Orders that expire: a device that hears nothing more goes back to its own frost guard."""

import math

from gateway.climate.words import Order

_LONGEST_S = 900.0
_LEVEL_STEP = 3.0
_FLOW_STEP_C = 0.5
"""Valves run on batteries: smaller changes wait for the lease."""


class Desk:
    """Tells each actuator what changed at once, and all of it again at a third of the lease, so that two lost messages
    do no harm."""

    def __init__(self, lease_s: float) -> None:
        self.lease_s = min(lease_s, _LONGEST_S)
        self._sent: dict[str, tuple[Order, float]] = {}

    def due(self, order: Order, now_s: float, *, again: bool = False) -> tuple[Order, ...]:
        """`order` where it is news or due (or to be sent `again`), else nothing."""
        last, sent_s = self._sent.get(order.target, (None, 0.0))
        if last is not None and not again and _same(order, last) and now_s - sent_s < self.lease_s / 3:
            return ()
        self._sent[order.target] = (order, now_s)
        return (order,)

    def ends(self, target: str | None) -> float:
        """When the last lease of `target` ends; never, where none was given."""
        if target is None or target not in self._sent:
            return math.inf
        return self._sent[target][1] + self.lease_s

    def forget(self) -> None:
        """What was sent may not have arrived: everything is news again."""
        self._sent.clear()


def _same(one: Order, other: Order) -> bool:
    if one.flow_c is not None and other.flow_c is not None:
        return abs(one.flow_c - other.flow_c) < _FLOW_STEP_C
    if one.level_pct is None or other.level_pct is None:
        return one.on == other.on and one.flow_c == other.flow_c
    if one.level_pct in {0.0, 100.0}:
        return one.level_pct == other.level_pct
    return abs(one.level_pct - other.level_pct) < _LEVEL_STEP
