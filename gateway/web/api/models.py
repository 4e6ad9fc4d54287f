"""The models at work: on what they run, how long they take, what went wrong."""

import asyncio
from collections.abc import Mapping

from aiohttp import web

from gateway.flow.meters import Taken
from gateway.web.context import PARTS, answer
from gateway.web.jsonable import Json, state_json
from gateway.web.metrics import ACCELERATOR
from gateway.web.parts import ModelView

_NOTHING = Taken()


async def listing(request: web.Request) -> web.Response:
    """{"models": [...], "accelerator": state or null, "temperatures": {sensor: degrees Celsius}}; times in ms over
    the last inferences, counts since the start. "count" and the times are of the backend that answers now, "errors"
    of all that the model has run on."""
    parts = request.app[PARTS]
    taken = parts.meters.all()
    accelerator = parts.board.all().get(ACCELERATOR)
    heat = await asyncio.to_thread(parts.heat)
    return answer(
        {
            "models": [_model(view, taken) for view in (parts.models.all() if parts.models else ())],
            "accelerator": state_json(accelerator) if accelerator else None,
            "temperatures": {name: round(temp_c, 1) for name, temp_c in sorted(heat.items())},
        }
    )


def _model(view: ModelView, taken: Mapping[tuple[str, str], Taken]) -> Mapping[str, Json]:
    name = view.metered or view.id
    mine = {backend: one for (model, backend), one in taken.items() if model == name}
    now = mine.get(view.backend, _NOTHING)
    return {
        "id": view.id,
        "version": view.version,
        "role": view.role,
        "phase": view.phase,
        "backend": view.backend,
        "count": now.count,
        "p50_ms": _ms(now.p50_s),
        "p95_ms": _ms(now.p95_s),
        "wait_p95_ms": _ms(now.wait_p95_s),
        "errors": sum(one.errors for one in mine.values()),
        "last_error": next((one.last_error for one in mine.values() if one.last_error), ""),
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1e3, 2)
