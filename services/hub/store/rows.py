"""A summary as a row, and whether what comes again is what came before."""

import json
from collections.abc import Sequence
from functools import cache

from pydantic import BaseModel

from gateway.wire.envelope import Envelope, ParcelId
from gateway.wire.summary import Stream, Summary
from services.hub.store.database import Session, Texts

_CONTENT = Texts(
    sqlite="SELECT s.gateway, s.stream, s.epoch, s.seq, s.data FROM json_each($1) k JOIN summaries s"
    " ON s.gateway = json_extract(k.value, '$[0]') AND s.hour = json_extract(k.value, '$[1]')"
    " AND s.stream = json_extract(k.value, '$[2]') AND s.epoch = json_extract(k.value, '$[3]')"
    " AND s.seq = json_extract(k.value, '$[4]')",
    postgresql="SELECT s.gateway, s.stream, s.epoch, s.seq, s.data FROM jsonb_array_elements($1::jsonb) k"
    " JOIN summaries s ON s.gateway = k->>0 AND s.hour = (k->>1)::bigint"
    " AND s.stream = k->>2 AND s.epoch = (k->>3)::bigint AND s.seq = (k->>4)::bigint",
)


def content(data: Summary) -> str:
    return data.model_dump_json(exclude_none=True)


async def reused_among(session: Session, known: Sequence[Envelope], horizon_s: int) -> frozenset[ParcelId]:
    """Those whose number stands for something else: an outbox was restored from a copy, or is in use twice."""
    if not known:
        return frozenset()
    keys = [(e.id.gateway, e.data.hour, e.id.stream.value, e.id.epoch, e.id.seq) for e in known]
    there = {
        ParcelId(gateway=gateway, stream=Stream(stream), epoch=epoch, seq=seq): json.loads(data)
        for gateway, stream, epoch, seq, data in await session.fetch(_CONTENT, json.dumps(keys))
    }
    return frozenset(
        e.id
        for e in known
        if (e.id in there or e.data.hour >= horizon_s)  # else its row is gone by age
        and there.get(e.id) != json.loads(content(e.data))
    )


_SUBJECTS = ("room", "camera", "device", "model", "thing", "of", "stream", "fault", "reason")
"""The fields that say what a summary is about."""


def subject(data: Summary) -> str:
    """What it is about besides its kind and hour: "hall/sensor_stuck"; "" is the gateway itself."""
    values = (getattr(data, name) for name in _subjects_of(type(data)))
    return "/".join(str(value) for value in values if value is not None)


@cache
def _subjects_of(kind: type[BaseModel]) -> tuple[str, ...]:
    """Known once: asking pydantic for a field that is not there costs as much as all the rest of a row."""
    return tuple(name for name in _SUBJECTS if name in kind.model_fields)
