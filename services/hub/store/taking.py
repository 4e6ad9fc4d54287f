"""Exactly-once: the ledger of known numbers and the rows change in one transaction."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.wire.envelope import Envelope, ParcelId
from services.hub.store.counting import count_refusals
from services.hub.store.database import Session, Texts
from services.hub.store.ledger import Key, keep, key_of, lock
from services.hub.store.rollup import late
from services.hub.store.rows import content, reused_among, subject
from services.hub.store.runs import Runs
from services.hub.store.times import ms, ms_or_none
from services.hub.store.words import Delivery, Taken

_SEEN_EVERY_MS = 60_000

_STANDING = Texts(
    sqlite="SELECT gateway, revoked_ms FROM gateways WHERE gateway IN (SELECT value FROM json_each($1))",
    postgresql="SELECT gateway, revoked_ms FROM gateways"
    " WHERE gateway IN (SELECT jsonb_array_elements_text($1::jsonb))",
)

_INSERT = Texts(
    sqlite="INSERT INTO summaries (gateway, stream, hour, epoch, seq, kind, subject, made_ms, taken_ms, data)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
    postgresql="INSERT INTO summaries (gateway, stream, hour, epoch, seq, kind, subject, made_ms, taken_ms, data)"
    " SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[],"
    " $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::jsonb[]) ON CONFLICT DO NOTHING",
)

# Once a minute, and at once what was seen in a future that a wrong clock of the hub's made up.
_SEEN = Texts(
    sqlite="UPDATE gateways SET seen_ms = $2"
    " WHERE gateway IN (SELECT value FROM json_each($1)) AND coalesce(seen_ms, 0) NOT BETWEEN $3 AND $2",
    # Skipped where another worker is just doing the same: never worth a wait.
    postgresql="UPDATE gateways SET seen_ms = $2 WHERE gateway IN (SELECT gateway FROM gateways"
    " WHERE gateway IN (SELECT jsonb_array_elements_text($1::jsonb)) AND coalesce(seen_ms, 0) NOT BETWEEN $3 AND $2"
    " ORDER BY gateway FOR UPDATE SKIP LOCKED)",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sorted:
    """A batch by what is to become of it."""

    new: tuple[Envelope, ...]
    known: tuple[Envelope, ...]
    refused: Mapping[ParcelId, str]
    unsettled: Mapping[ParcelId, str]


async def take(session: Session, deliveries: Sequence[Delivery], at: datetime, horizon_s: int) -> Taken:
    """Within the caller's transaction; see `Store.take`. Rows of hours before `horizon_s` may be gone by age."""
    own = {d.envelope.id: d.envelope for d in reversed(deliveries) if d.gateway == d.envelope.id.gateway}
    strangers = Counter(d.gateway for d in deliveries if d.gateway != d.envelope.id.gateway)
    allowed = await standing(session, {d.gateway for d in deliveries})
    ledger = await lock(session, {key_of(parcel) for parcel in own})
    batch = _sorted(own.values(), allowed, ledger)
    await _insert(session, batch.new, ledger, at)
    reused = await reused_among(session, batch.known, horizon_s)
    await late(session, ((e.id.gateway, e.data.hour) for e in batch.new), at)
    await _see(session, {e.id.gateway for e in (*batch.new, *batch.known)}, at)
    refused = {**batch.refused, **dict.fromkeys(reused, "id_reused")}
    counts = Counter((p.gateway, key) for p, key in (*refused.items(), *batch.unsettled.items()))
    counts.update({(gateway, "other_home"): count for gateway, count in strangers.items()})
    await count_refusals(session, counts, allowed, at)
    kept = frozenset(e.id for e in (*batch.new, *batch.known)) - reused
    return Taken(kept=kept, refused=refused, unsettled=batch.unsettled, fresh=len(batch.new))


async def standing(session: Session, gateways: Iterable[str]) -> dict[str, bool]:
    """By enrolled gateway, whether it may speak."""
    rows = await session.fetch(_STANDING, json.dumps(sorted(gateways)))
    return {gateway: revoked_ms is None for gateway, revoked_ms in rows}


def _sorted(envelopes: Iterable[Envelope], allowed: Mapping[str, bool], ledger: Mapping[Key, Runs]) -> _Sorted:
    """Numbers of what is new are added to `ledger`."""
    new: list[Envelope] = []
    known: list[Envelope] = []
    refused: dict[ParcelId, str] = {}
    unsettled: dict[ParcelId, str] = {}
    for envelope in sorted(envelopes, key=lambda envelope: envelope.id):
        parcel = envelope.id
        runs = ledger.get(key_of(parcel))
        if not allowed.get(parcel.gateway, False):
            unsettled[parcel] = "revoked" if parcel.gateway in allowed else "unknown_gateway"
        elif runs is None:
            unsettled[parcel] = "wrong_epoch"
        elif parcel.seq in runs:
            known.append(envelope)
        elif runs.add(parcel.seq):
            new.append(envelope)
        else:
            refused[parcel] = "too_scattered"
    return _Sorted(new=tuple(new), known=tuple(known), refused=refused, unsettled=unsettled)


async def _insert(session: Session, new: Sequence[Envelope], ledger: Mapping[Key, Runs], at: datetime) -> None:
    if not new:
        return
    taken_ms = ms(at)
    await session.execute_at_once(_INSERT, (_row(envelope, taken_ms) for envelope in new))
    await keep(session, {key_of(envelope.id) for envelope in new}, ledger)


def _row(envelope: Envelope, taken_ms: int) -> tuple[object, ...]:
    parcel, data = envelope.id, envelope.data
    return (
        parcel.gateway,
        parcel.stream.value,
        data.hour,
        parcel.epoch,
        parcel.seq,
        data.kind,
        subject(data),
        ms_or_none(envelope.time),
        taken_ms,
        content(data),
    )


async def _see(session: Session, gateways: Collection[str], at: datetime) -> None:
    if gateways:
        await session.execute(_SEEN, json.dumps(sorted(gateways)), ms(at), ms(at) - _SEEN_EVERY_MS)
