"""How an attempt ends."""

from datetime import datetime

from gateway.wire.release import UpdateState
from gateway.wire.update import Past, Step
from services.updater.memory import MOST_DETAIL, MOST_PAST, Memory


def ended(memory: Memory, state: UpdateState, at: datetime | None, key: str | None = None, detail: str = "") -> Memory:
    """In `state`, for `key`, and written down."""
    told = detail[:MOST_DETAIL] or None
    over = memory.but(state=state, step=Step.NONE, key=key, detail=told)
    if memory.attempt is None:
        return over
    attempt = memory.attempt
    past = Past(at=at, version=attempt.target, origin=attempt.origin, state=state, key=key, detail=told)
    return over.but(history=(past, *memory.history)[:MOST_PAST])
