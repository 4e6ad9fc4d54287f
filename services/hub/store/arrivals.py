"""Who says hello: epochs are announced, and two gateways under one id are told apart."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.wire.summary import Stream
from gateway.wire.uplink import WIRE, Hello
from services.hub.store.database import Session, Texts
from services.hub.store.times import ms
from services.hub.store.words import Verdict

SILENT_MS = 300_000
"""An instance that went offline is waited for so long: two under one client id throw each other off the broker, and
each would find the other one gone."""
LOST_MS = 2 * 3600 * 1000
"""A gateway sends its health every hour: one that is still marked online and has said nothing for two is gone."""
SKEW_MS = 300_000
"""So far may the clocks of two workers be apart; what was heard later than that was so by a clock that was wrong."""
MOST_EPOCHS = 1000
"""An honest gateway begins an epoch where its outbox was lost; this bounds a hostile one."""

_STREAMS = json.dumps(sorted(stream.value for stream in Stream))

# `$1` is a list of [gateway, instance, epoch, version, wire] everywhere.
_CURRENT = Texts(
    sqlite="SELECT g.gateway, g.revoked_ms, g.instance, g.online, g.seen_ms, g.epoch,"
    " (SELECT count(DISTINCT l.epoch) FROM ledger l WHERE l.gateway = g.gateway"
    " AND l.epoch <> json_extract(k.value, '$[2]'))"
    " FROM json_each($1) k JOIN gateways g ON g.gateway = json_extract(k.value, '$[0]')",
    postgresql="SELECT g.gateway, g.revoked_ms, g.instance, g.online, g.seen_ms, g.epoch,"
    " (SELECT count(DISTINCT l.epoch) FROM ledger l WHERE l.gateway = g.gateway AND l.epoch <> (k->>2)::bigint)"
    " FROM jsonb_array_elements($1::jsonb) AS k JOIN gateways g ON g.gateway = k->>0"
    " ORDER BY g.gateway FOR UPDATE OF g",
)
_ANNOUNCE = Texts(
    sqlite="INSERT INTO ledger (gateway, stream, epoch, instance) SELECT json_extract(k.value, '$[0]'), s.value,"
    " json_extract(k.value, '$[2]'), json_extract(k.value, '$[1]') FROM json_each($1) k, json_each($2) s WHERE true"
    " ON CONFLICT (gateway, stream, epoch) DO UPDATE SET instance = excluded.instance"
    " WHERE ledger.instance <> excluded.instance",
    postgresql="INSERT INTO ledger (gateway, stream, epoch, instance) SELECT k->>0, s, (k->>2)::bigint, k->>1"
    " FROM jsonb_array_elements($1::jsonb) AS k, jsonb_array_elements_text($2::jsonb) AS s ORDER BY 1, 2, 3"
    " ON CONFLICT (gateway, stream, epoch) DO UPDATE SET instance = excluded.instance"
    " WHERE ledger.instance <> excluded.instance",
)
_ENTER = Texts(
    sqlite="UPDATE gateways SET online = true, seen_ms = $2, instance = json_extract(k.value, '$[1]'),"
    " epoch = json_extract(k.value, '$[2]'), version = json_extract(k.value, '$[3]'),"
    " wire = json_extract(k.value, '$[4]') FROM json_each($1) k"
    " WHERE gateways.gateway = json_extract(k.value, '$[0]')",
    postgresql="UPDATE gateways SET online = true, seen_ms = $2, instance = k->>1, epoch = (k->>2)::bigint,"
    " version = k->>3, wire = (k->>4)::integer FROM jsonb_array_elements($1::jsonb) AS k"
    " WHERE gateways.gateway = k->>0",
)
# A retained last will is read again at every start of a worker: it says nothing about when.
_LEAVE = Texts(
    sqlite="UPDATE gateways SET online = false, seen_ms = $2 FROM json_each($1) k"
    " WHERE gateways.gateway = json_extract(k.value, '$[0]')"
    " AND gateways.instance = json_extract(k.value, '$[1]') AND gateways.online",
    postgresql="UPDATE gateways SET online = false, seen_ms = $2 FROM jsonb_array_elements($1::jsonb) AS k"
    " WHERE gateways.gateway = k->>0 AND gateways.instance = k->>1 AND gateways.online",
)
_DUPLICATE = Texts(
    sqlite="UPDATE gateways SET duplicate_ms = $2 FROM json_each($1) k"
    " WHERE gateways.gateway = json_extract(k.value, '$[0]')",
    postgresql="UPDATE gateways SET duplicate_ms = $2 FROM jsonb_array_elements($1::jsonb) AS k"
    " WHERE gateways.gateway = k->>0",
)


@dataclass(frozen=True, slots=True)
class _Known:
    """What there was of a gateway. `others` counts the epochs it announced besides the one it announces now."""

    revoked_ms: int | None
    instance: str | None
    online: bool | int
    """SQLite has no truth values."""
    seen_ms: int | None
    epoch: int | None
    others: int


async def hellos(
    session: Session, said: Mapping[str, Hello], at: datetime, retained: Collection[str] = ()
) -> dict[str, Verdict]:
    """By gateway, within the caller's transaction; see `Store.hellos`. The rows of the gateways are locked, in the
    order of their ids: of two newcomers that come at once, to two workers, the second finds the first."""
    known = {gateway: _Known(*facts) for gateway, *facts in await session.fetch(_CURRENT, _list(said))}
    news = {
        gateway: hello
        for gateway, hello in said.items()
        if gateway not in retained or not hello.online or not _is_known(known.get(gateway), hello)
    }
    keys = {gateway: _judged(known.get(gateway), hello, ms(at)) for gateway, hello in news.items()}
    welcome = {gateway: hello for gateway, hello in news.items() if keys[gateway] is None}
    entering = {gateway: hello for gateway, hello in welcome.items() if hello.online}
    leaving = {gateway: hello for gateway, hello in welcome.items() if not hello.online}
    duplicate = {gateway: hello for gateway, hello in news.items() if keys[gateway] == "duplicate_id"}
    if entering:
        await session.execute(_ANNOUNCE, _list(entering), _STREAMS)
    for sql, some in ((_ENTER, entering), (_LEAVE, leaving), (_DUPLICATE, duplicate)):
        if some:
            await session.execute(sql, _list(some), ms(at))
    return {gateway: Verdict(key=keys.get(gateway)) for gateway in said}


def _is_known(known: _Known | None, hello: Hello) -> bool:
    return known is not None and (known.instance, known.epoch) == (hello.instance, hello.epoch)


def _judged(known: _Known | None, hello: Hello, at_ms: int) -> str | None:
    """What there is against it."""
    if known is None:
        return "unknown_gateway"
    if known.revoked_ms is not None:
        return "revoked"
    if hello.wire not in {WIRE - 1, WIRE}:
        return "wire_unknown"
    if not hello.online:
        return None
    silence_ms = LOST_MS if known.online else SILENT_MS
    heard_ago_ms = at_ms - (known.seen_ms or 0)
    if known.instance not in {None, hello.instance} and -SKEW_MS < heard_ago_ms < silence_ms:
        return "duplicate_id"
    return "too_many_epochs" if known.others >= MOST_EPOCHS else None


def _list(said: Mapping[str, Hello]) -> str:
    return json.dumps(
        [[gateway, hello.instance, hello.epoch, hello.version, hello.wire] for gateway, hello in sorted(said.items())]
    )
