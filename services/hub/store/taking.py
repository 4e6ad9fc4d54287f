"""Exactly-once: the ledger of known numbers and the rows change in one transaction.

The ledger's rows are locked in the order of their key, so that workers that hold parcels of the same streams wait for
each other and never in a circle.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.wire.envelope import Envelope, ParcelId
from gateway.wire.summary import Stream, Summary
from services.hub.store.contract import Delivery, Taken
from services.hub.store.counting import count_refusals
from services.hub.store.database import Session, Texts
from services.hub.store.rollup import late
from services.hub.store.runs import Runs
from services.hub.store.times import ms, ms_or_none

_Key = tuple[str, str, int]
"""Gateway, stream and epoch."""

_SEEN_EVERY_MS = 60_000

_STANDING = Texts(
    sqlite="SELECT gateway, revoked_ms FROM gateways WHERE gateway IN (SELECT value FROM json_each($1))",
    postgresql="SELECT gateway, revoked_ms FROM gateways"
    " WHERE gateway IN (SELECT jsonb_array_elements_text($1::jsonb))",
)

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

_INSERT = (
    "INSERT INTO summaries (gateway, stream, hour, epoch, seq, kind, subject, made_ms, taken_ms, data)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING"
)

_KEEP = "UPDATE ledger SET kept = $4 WHERE gateway = $1 AND stream = $2 AND epoch = $3"

_CONTENT = Texts(
    sqlite="SELECT s.gateway, s.stream, s.epoch, s.seq, s.data FROM json_each($1) k JOIN summaries s"
    " ON s.gateway = json_extract(k.value, '$[0]') AND s.hour = json_extract(k.value, '$[1]')"
    " AND s.stream = json_extract(k.value, '$[2]') AND s.epoch = json_extract(k.value, '$[3]')"
    " AND s.seq = json_extract(k.value, '$[4]')",
    postgresql="SELECT s.gateway, s.stream, s.epoch, s.seq, s.data FROM jsonb_array_elements($1::jsonb) k"
    " JOIN summaries s ON s.gateway = k->>0 AND s.hour = (k->>1)::bigint"
    " AND s.stream = k->>2 AND s.epoch = (k->>3)::bigint AND s.seq = (k->>4)::bigint",
)

_SEEN = Texts(
    sqlite="UPDATE gateways SET seen_ms = $2"
    " WHERE gateway IN (SELECT value FROM json_each($1)) AND coalesce(seen_ms, 0) < $3",
    # Skipped where another worker is just doing the same: never worth a wait.
    postgresql="UPDATE gateways SET seen_ms = $2 WHERE gateway IN (SELECT gateway FROM gateways"
    " WHERE gateway IN (SELECT jsonb_array_elements_text($1::jsonb)) AND coalesce(seen_ms, 0) < $3"
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
    ledger = await _ledger(session, {_key(parcel) for parcel in own})
    batch = _sorted(own.values(), allowed, ledger)
    await _insert(session, batch.new, ledger, at)
    reused = await _reused(session, batch.known, horizon_s)
    await late(session, ((e.id.gateway, e.data.hour) for e in batch.new), at, horizon_s)
    await _see(session, {e.id.gateway for e in (*batch.new, *batch.known)}, at)
    refused = {**batch.refused, **dict.fromkeys(reused, "id_reused")}
    counts = Counter((p.gateway, key) for p, key in (*refused.items(), *batch.unsettled.items()))
    counts.update({(gateway, "other_home"): count for gateway, count in strangers.items()})
    await count_refusals(session, counts, allowed, at)
    kept = frozenset(e.id for e in (*batch.new, *batch.known)) - reused
    return Taken(kept=kept, refused=refused, unsettled=batch.unsettled, fresh=len(batch.new))


def _key(parcel: ParcelId) -> _Key:
    return parcel.gateway, parcel.stream.value, parcel.epoch


async def standing(session: Session, gateways: Iterable[str]) -> dict[str, bool]:
    """By enrolled gateway, whether it may speak."""
    rows = await session.fetch(_STANDING, json.dumps(sorted(gateways)))
    return {gateway: revoked_ms is None for gateway, revoked_ms in rows}


async def _ledger(session: Session, keys: Collection[_Key]) -> dict[_Key, Runs]:
    """Locked until the commit; only epochs that the current instance announced."""
    rows = await session.fetch(_LEDGER, json.dumps(sorted(keys)))
    return {(gateway, stream, epoch): Runs(kept) for gateway, stream, epoch, kept in rows}


def _sorted(envelopes: Iterable[Envelope], allowed: Mapping[str, bool], ledger: Mapping[_Key, Runs]) -> _Sorted:
    """Numbers of what is new are added to `ledger`."""
    new: list[Envelope] = []
    known: list[Envelope] = []
    refused: dict[ParcelId, str] = {}
    unsettled: dict[ParcelId, str] = {}
    for envelope in sorted(envelopes, key=lambda envelope: envelope.id):
        parcel = envelope.id
        runs = ledger.get(_key(parcel))
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


async def _insert(session: Session, new: Sequence[Envelope], ledger: Mapping[_Key, Runs], at: datetime) -> None:
    if not new:
        return
    taken_ms = ms(at)
    await session.execute_many(_INSERT, (_row(envelope, taken_ms) for envelope in new))
    grown = sorted({_key(envelope.id) for envelope in new})
    await session.execute_many(_KEEP, ((*key, ledger[key].text) for key in grown))


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
        _content(data),
    )


def _content(data: Summary) -> str:
    return data.model_dump_json(exclude_none=True)


async def _reused(session: Session, known: Sequence[Envelope], horizon_s: int) -> frozenset[ParcelId]:
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
        and there.get(e.id) != json.loads(_content(e.data))
    )


async def _see(session: Session, gateways: Collection[str], at: datetime) -> None:
    if gateways:
        await session.execute(_SEEN, json.dumps(sorted(gateways)), ms(at), ms(at) - _SEEN_EVERY_MS)


_SUBJECTS = ("room", "camera", "device", "model", "thing", "of", "stream")
"""The field that says what a summary is about; at most one of these is in any kind."""


def subject(data: Summary) -> str:
    """What it is about besides its kind and hour; "" is the gateway itself."""
    for name in _SUBJECTS:
        value = getattr(data, name, None)
        if value is not None:
            return str(value)
    return ""
