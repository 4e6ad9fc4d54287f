"""Which parcels are known: one row for each stream and epoch that was announced, `Runs` of its numbers.

Rows are locked in the order of their key, so that workers that hold parcels of the same streams wait for each other
and never in a circle.
"""

import json
from collections.abc import Collection, Mapping

from gateway.wire.envelope import ParcelId
from services.hub.store.database import Session, Texts
from services.hub.store.runs import Runs

Key = tuple[str, str, int]
"""Gateway, stream and epoch."""

_LEDGER = Texts(
    sqlite="SELECT l.gateway, l.stream, l.epoch, l.kept FROM ledger l JOIN gateways g"
    " ON g.gateway = l.gateway AND g.instance = l.instance"
    " WHERE (l.gateway, l.stream, l.epoch) IN (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'),"
    " json_extract(value, '$[2]') FROM json_each($1))",
    postgresql="SELECT l.gateway, l.stream, l.epoch, l.kept FROM ledger l JOIN gateways g"
    " ON g.gateway = l.gateway AND g.instance = l.instance"
    " JOIN jsonb_array_elements($1::jsonb) AS k"
    " ON l.gateway = k->>0 AND l.stream = k->>1 AND l.epoch = (k->>2)::bigint"
    " ORDER BY 1, 2, 3 FOR UPDATE OF l",
)

_KEEP = Texts(
    sqlite="UPDATE ledger SET kept = $4 WHERE gateway = $1 AND stream = $2 AND epoch = $3",
    postgresql="UPDATE ledger SET kept = k.kept"
    " FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) AS k (gateway, stream, epoch, kept)"
    " WHERE ledger.gateway = k.gateway AND ledger.stream = k.stream AND ledger.epoch = k.epoch",
)


def key_of(parcel: ParcelId) -> Key:
    return parcel.gateway, parcel.stream.value, parcel.epoch


async def lock(session: Session, keys: Collection[Key]) -> dict[Key, Runs]:
    """Locked until the commit; only epochs that the current instance announced."""
    rows = await session.fetch(_LEDGER, json.dumps(sorted(keys)))
    return {(gateway, stream, epoch): Runs(kept) for gateway, stream, epoch, kept in rows}


async def keep(session: Session, keys: Collection[Key], ledger: Mapping[Key, Runs]) -> None:
    """Write back what has grown."""
    await session.execute_at_once(_KEEP, ((*key, ledger[key].text) for key in sorted(keys)))
