"""What is said of the releases in the model store: the states of parts "models/<id>", or of "models"."""

import logging
from collections.abc import Callable

from gateway.errors import GatewayError
from gateway.flow.board import Board
from gateway.models.rollout.phase import Phase
from gateway.models.rollout.telling import LABELS
from gateway.models.store.store import ModelStore
from gateway.types import Event, Level, State

log = logging.getLogger(__name__)


def checked(kept: ModelStore, board: Board) -> None:
    """Check them all, as at every start, and say what was found. Blocks."""
    try:
        found = kept.boot()
    except GatewayError as error:
        log.error("the model store cannot be used: %s", error)
        board.report(State(part="models", level=Level.DOWN, key=error.key, detail=str(error)))
        return
    for one in found:
        detail = f"{one.slot}: {one.detail or one.key}; now: {one.outcome}"
        board.report(State(part=f"models/{one.model}", level=Level.DEGRADED, key=one.key, detail=detail))
    for model in {*kept.models()} - {one.model for one in found}:
        board.report(_sound(model))


def mending(board: Board, tell: Callable[[Event], None]) -> Callable[[Event], None]:
    """For the decisions of roll-outs, which it passes on: a promotion has checked the files of the model again."""

    def told(event: Event) -> None:
        if event.label == LABELS[Phase.WATCH]:
            board.report(_sound(event.source))
        tell(event)

    return told


def _sound(model: str) -> State:
    return State(part=f"models/{model}", level=Level.OK, key="sound")
