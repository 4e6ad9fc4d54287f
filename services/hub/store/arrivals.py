"""Who says hello: epochs are announced, and two gateways under one id are told apart."""

from datetime import datetime

from gateway.wire.summary import Stream
from gateway.wire.uplink import WIRE, Hello
from services.hub.store.contract import Verdict
from services.hub.store.database import Session, Texts
from services.hub.store.times import ms

SILENT_MS = 300_000
"""An instance that went offline is waited for so long: two under one client id throw each other off the broker, and
each would find the other one gone."""
LOST_MS = 2 * 3600 * 1000
"""A gateway sends its health every hour: one that is still marked online and has said nothing for two is gone."""
MOST_EPOCHS = 1000
"""An honest gateway begins an epoch where its outbox was lost; this bounds a hostile one."""

_CURRENT = Texts(
    sqlite="SELECT revoked_ms, instance, online, seen_ms FROM gateways WHERE gateway = $1",
    postgresql="SELECT revoked_ms, instance, online, seen_ms FROM gateways WHERE gateway = $1 FOR UPDATE",
)

_ANNOUNCE = (
    "INSERT INTO ledger (gateway, stream, epoch, instance) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (gateway, stream, epoch) DO UPDATE SET instance = excluded.instance"
    " WHERE ledger.instance <> excluded.instance"
)


async def hello(session: Session, gateway: str, message: Hello, at: datetime) -> Verdict:
    """Within the caller's transaction; see `Store.hello`. The row of the gateway is locked: of two newcomers that come
    at once, to two workers, the second finds the first."""
    rows = await session.fetch(_CURRENT, gateway)
    if not rows:
        return Verdict(key="unknown_gateway")
    revoked_ms, instance, online, seen_ms = rows[0]
    if revoked_ms is not None:
        return Verdict(key="revoked")
    if message.wire not in {WIRE - 1, WIRE}:
        return Verdict(key="wire_unknown")
    if not message.online:
        return await _leave(session, gateway, message, at)
    silence_ms = LOST_MS if online else SILENT_MS
    if instance not in {None, message.instance} and ms(at) - (seen_ms or 0) < silence_ms:
        await session.execute("UPDATE gateways SET duplicate_ms = $2 WHERE gateway = $1", gateway, ms(at))
        return Verdict(key="duplicate_id")
    return await _enter(session, gateway, message, at)


async def _leave(session: Session, gateway: str, message: Hello, at: datetime) -> Verdict:
    """A retained last will is read again at every start of a worker: it says nothing about when."""
    await session.execute(
        "UPDATE gateways SET online = false, seen_ms = $3 WHERE gateway = $1 AND instance = $2 AND online",
        gateway,
        message.instance,
        ms(at),
    )
    return Verdict()


async def _enter(session: Session, gateway: str, message: Hello, at: datetime) -> Verdict:
    others = await session.fetch(
        "SELECT count(DISTINCT epoch) FROM ledger WHERE gateway = $1 AND epoch <> $2", gateway, message.epoch
    )
    if others[0][0] >= MOST_EPOCHS:
        return Verdict(key="too_many_epochs")
    streams = sorted(stream.value for stream in Stream)
    await session.execute_many(_ANNOUNCE, [(gateway, stream, message.epoch, message.instance) for stream in streams])
    await session.execute(
        "UPDATE gateways SET online = true, seen_ms = $2, instance = $3, epoch = $4, version = $5, wire = $6"
        " WHERE gateway = $1",
        gateway,
        ms(at),
        message.instance,
        message.epoch,
        message.version,
        message.wire,
    )
    return Verdict()
