"""Alerts and the last hours of many homes, in either database."""

from datetime import timedelta

from gateway.wire.summary import Stream, Summary
from services.hub.store import alerts
from services.hub.store.alerts import Alert
from services.hub.store.database import Session
from services.hub.store.hub import HubStore
from services.hub.store.recent import recent
from tests.services.hub.store.fleet import HOUR, NOON, delivery, device, energy, settle

SOON = NOON + timedelta(minutes=5)


async def put(session: Session, gateway: str = "home-a", subject: str = "") -> None:
    await alerts.raise_alert(
        session, gateway=gateway, kind="drops", subject=subject, level="warning", value=3.0, at=NOON
    )


async def test_an_alert_stands_once_until_it_is_cleared(store: HubStore) -> None:
    async with store.database.transaction() as session:
        await put(session)
        await put(session)
        (alert,) = await alerts.standing(session)
        await alerts.clear_alert(session, alert.id, SOON)
        assert await alerts.standing(session) == ()
        await put(session)
        (again,) = await alerts.standing(session)
        assert again.id > alert.id
        assert [one.cleared for one in await alerts.history(session, limit=9)] == [None, SOON]


async def test_the_history_is_read_backwards_in_pages_and_by_home(store: HubStore) -> None:
    async with store.database.transaction() as session:
        for number, gateway in enumerate(("home-a", "home-b", "home-a")):
            await put(session, gateway, str(number))
        newest = await alerts.history(session, limit=2)
        older = await alerts.history(session, limit=2, before=newest[-1].id)
        own = await alerts.history(session, limit=9, gateway="home-a")
    assert [one.subject for one in (*newest, *older)] == ["2", "1", "0"]
    assert [one.subject for one in own] == ["2", "0"]


async def _untold(session: Session) -> list[Alert]:
    return list(await alerts.untold(session, 9))


async def test_raising_and_clearing_are_each_told_once(store: HubStore) -> None:
    async with store.database.transaction() as session:
        await put(session)
        (raised,) = await _untold(session)
        await alerts.clear_alert(session, raised.id, SOON)
        await alerts.told(session, raised)  # what was told was that it stands
        (cleared,) = await _untold(session)
        assert cleared.cleared == SOON
        await alerts.told(session, cleared)
        assert await _untold(session) == []


async def test_of_many_homes_the_hours_and_kinds_that_were_asked_for(store: HubStore) -> None:
    hour_ago = HOUR - 3600
    await settle(store, "home-a", "home-b", "home-c")
    for gateway, kwh in (("home-a", 1.0), ("home-b", 2.0), ("home-c", 3.0)):
        rows: list[Summary] = [energy(kwh, hour=hour_ago), energy(9.0, hour=HOUR - 9 * 3600), device(1, hour=hour_ago)]
        await store.take([delivery(seq, data, gateway=gateway) for seq, data in enumerate(rows, 1)], NOON)
    async with store.database.transaction() as session:
        found = await recent(
            session, ["home-b", "home-a", "none"], ["energy"], since=NOON - timedelta(hours=3), until=NOON
        )
    assert found == {"home-a": [energy(1.0, hour=hour_ago)], "home-b": [energy(2.0, hour=hour_ago)]}
    assert len(await store.rows("home-a", Stream.ENERGY, since=NOON - timedelta(days=1), until=NOON)) == 2
