"""In PostgreSQL a home's session sees its own wishes and places, and changes none."""

import pytest

from gateway.errors import Refused
from services.hub.store.database import Role
from services.hub.store.hub import HubStore, database_at
from tests.services.hub.campaigns.town import Town, settings

pytestmark = pytest.mark.integration


async def filled(store: HubStore) -> None:
    town = Town(store)
    await town.settle("home-a", "home-b")
    await town.campaigns.begin(settings({"climate": {"boost": True}}), by="ada")
    await town.tick()


@pytest.mark.parametrize("table", ["twins", "campaign_homes"])
async def test_a_session_of_a_home_sees_its_own_rows_alone(dsn: str, table: str) -> None:
    async with HubStore(database_at(dsn)) as store:
        await filled(store)
        async with store.database.transaction(Role.HOME, gateway="home-a") as session:
            own = await session.fetch(f"SELECT gateway FROM {table}")
        async with store.database.transaction(Role.HOME) as session:
            nobodys = await session.fetch(f"SELECT gateway FROM {table}")
    assert [gateway for (gateway,) in own] == ["home-a"]
    assert nobodys == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE twins SET patch = '{}'",
        "UPDATE campaign_homes SET state = 'confirmed'",
        "SELECT * FROM campaigns",
        "SELECT * FROM hub_keys",
        "SELECT * FROM bundles",
    ],
)
async def test_a_session_of_a_home_gets_at_nothing_else(dsn: str, statement: str) -> None:
    async with HubStore(database_at(dsn)) as store:
        await filled(store)
        with pytest.raises(Refused, match="store_denied"):
            async with store.database.transaction(Role.HOME, gateway="home-a") as session:
                await session.execute(statement)
