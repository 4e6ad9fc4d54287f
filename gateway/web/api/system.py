"""How the gateway itself is doing."""

from collections.abc import Sequence

from aiohttp import web

from gateway.types import Level, State
from gateway.web.context import PARTS, answer
from gateway.web.jsonable import Json, state_json


async def states(request: web.Request) -> web.Response:
    board = request.app[PARTS].board.all()
    return answer({"states": [state_json(board[part]) for part in sorted(board)]})


async def counters(request: web.Request) -> web.Response:
    counts = request.app[PARTS].counters.all()
    return answer({"counters": dict(sorted(counts.items()))})


async def doctor(request: web.Request) -> web.Response:
    """Worries, and every problem of the configuration when the gateway runs in safe mode."""
    parts = request.app[PARTS]
    worries: Sequence[State] = await parts.doctor() if parts.doctor else _from_board(request)
    problems: list[dict[str, Json]] = [
        {"file": one.file, "line": one.line, "path": one.path, "message": one.message, "hint": one.hint}
        for one in parts.problems
    ]
    return answer({"worries": [state_json(one) for one in worries], "problems": problems})


def _from_board(request: web.Request) -> Sequence[State]:
    board = request.app[PARTS].board.all().values()
    return [state for state in board if state.level in {Level.DEGRADED, Level.DOWN}]
