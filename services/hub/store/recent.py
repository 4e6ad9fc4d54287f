"""The last hours of many homes at once, by what their summaries say."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from gateway.wire.summary import SUMMARY, Summary
from services.hub.store.database import Session, Texts
from services.hub.store.times import seconds

# Each gateway is a range of the primary key: no other home's rows are looked at.
_RECENT = Texts(
    sqlite="SELECT s.gateway, s.data FROM json_each($1) g JOIN summaries s ON s.gateway = g.value"
    " WHERE s.hour >= $2 AND s.hour <= $3 AND s.kind IN (SELECT value FROM json_each($4))"
    " ORDER BY s.gateway, s.hour, s.epoch, s.seq",
    postgresql="SELECT s.gateway, s.data FROM jsonb_array_elements_text($1::jsonb) g JOIN summaries s"
    " ON s.gateway = g.value WHERE s.hour >= $2 AND s.hour <= $3"
    " AND s.kind IN (SELECT jsonb_array_elements_text($4::jsonb)) ORDER BY s.gateway, s.hour, s.epoch, s.seq",
)


async def recent(
    session: Session, gateways: Collection[str], kinds: Collection[str], *, since: datetime, until: datetime
) -> Mapping[str, Sequence[Summary]]:
    """By gateway, oldest hour first, of the hours from `since` to `until`; none for a gateway that sent none."""
    found: defaultdict[str, list[Summary]] = defaultdict(list)
    names, words = json.dumps(sorted(gateways)), json.dumps(sorted(kinds))
    for gateway, data in await session.fetch(_RECENT, names, seconds(since), seconds(until), words):
        found[gateway].append(SUMMARY.validate_json(data))
    return found
