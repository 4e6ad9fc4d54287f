"""What was found wrong with homes, and whether somebody was told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.hub.store.database import Session
from services.hub.store.times import ms, time_of, time_or_none

AlertLevel = Literal["warning", "critical"]

_NEWEST = 2**62
_ALERTS = "SELECT id, gateway, kind, subject, level, value, raised_ms, cleared_ms FROM alerts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert from when it was raised until it is cleared. `subject` is the room and fault, the stream or the key it
    is about, or "". `value` is what was measured when it was raised, in the unit of its kind."""

    id: int
    gateway: str
    kind: str
    subject: str
    level: AlertLevel
    value: float
    raised: datetime
    cleared: datetime | None = None


async def raise_alert(
    session: Session, *, gateway: str, kind: str, subject: str, level: AlertLevel, value: float, at: datetime
) -> None:
    """Nothing where it stands already."""
    await session.execute(
        "INSERT INTO alerts (gateway, kind, subject, level, value, raised_ms) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT DO NOTHING",
        gateway,
        kind,
        subject,
        level,
        value,
        ms(at),
    )


async def clear_alert(session: Session, alert: int, at: datetime) -> None:
    await session.execute("UPDATE alerts SET cleared_ms = $2 WHERE id = $1 AND cleared_ms IS NULL", alert, ms(at))


async def standing(session: Session) -> tuple[Alert, ...]:
    """All that are not cleared, oldest first."""
    return tuple(map(_alert, await session.fetch(f"{_ALERTS} WHERE cleared_ms IS NULL ORDER BY id")))


async def history(
    session: Session, *, limit: int, before: int | None = None, gateway: str | None = None
) -> tuple[Alert, ...]:
    """Newest first; the next page is what came `before` the last one's id."""
    last = _NEWEST if before is None else before
    if gateway is None:
        rows = await session.fetch(f"{_ALERTS} WHERE id < $1 ORDER BY id DESC LIMIT $2", last, limit)
    else:
        rows = await session.fetch(
            f"{_ALERTS} WHERE id < $1 AND gateway = $3 ORDER BY id DESC LIMIT $2", last, limit, gateway
        )
    return tuple(map(_alert, rows))


async def untold(session: Session, limit: int) -> tuple[Alert, ...]:
    """Whose raising or clearing nobody was told of, oldest first."""
    rows = await session.fetch(
        f"{_ALERTS} WHERE told = 0 OR (told = 1 AND cleared_ms IS NOT NULL) ORDER BY id LIMIT $1", limit
    )
    return tuple(map(_alert, rows))


async def told(session: Session, alert: Alert) -> None:
    """As it was given: one that has been cleared since is to be told of again."""
    await session.execute("UPDATE alerts SET told = $2 WHERE id = $1", alert.id, 1 if alert.cleared is None else 2)


def _alert(row: Sequence[Any]) -> Alert:
    number, gateway, kind, subject, level, value, raised, cleared = row
    return Alert(
        id=number,
        gateway=gateway,
        kind=kind,
        subject=subject,
        level=level,
        value=value,
        raised=time_of(raised),
        cleared=time_or_none(cleared),
    )
