"""Accounts of devices over the API: for who is signed in, and a password leaves once."""

import pytest

from gateway.testing.clock import FakeClock
from tests.unit.web.conftest import house
from tests.unit.web.fakes import FakeAccounts

PLACE = "/api/v1/accounts"


async def test_a_device_gets_a_password_once(clock: FakeClock) -> None:
    accounts = FakeAccounts("heater")
    async with house(clock, accounts=accounts) as page:
        answer = await page.post(PLACE, json={"name": "lamp"})
        assert (answer.status, answer.headers["Cache-Control"]) == (201, "no-store")
        assert await answer.json() == {"name": "lamp", "password": "secret of lamp"}
        told = await (await page.get(PLACE)).json()
        assert told == {"accounts": ["heater", "lamp"]}
        assert (await page.send("DELETE", f"{PLACE}/heater")).status == 204
        assert (await (await page.get(PLACE)).json())["accounts"] == ["lamp"]


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"name": "No Name"}, "account_name"),
        ({"name": "x" * 65}, "body_invalid"),
        ({"name": "lamp", "password": "mine"}, "body_invalid"),
    ],
)
async def test_what_cannot_be_is_refused(clock: FakeClock, body: object, key: str) -> None:
    accounts = FakeAccounts("heater")
    async with house(clock, accounts=accounts) as page:
        answer = await page.post(PLACE, json=body)
        assert (answer.status, (await answer.json())["key"]) == (400, key)
        answer = await page.send("DELETE", f"{PLACE}/nobody")
        assert (answer.status, (await answer.json())["key"]) == (404, "account_unknown")
    assert accounts.held == ["heater"]


async def test_nobody_else_is_let_in(clock: FakeClock) -> None:
    accounts = FakeAccounts("heater")
    async with house(clock, claimed=False, accounts=accounts) as page:
        assert (await page.get(PLACE)).status == 401
        assert (await page.post(PLACE, json={"name": "lamp"})).status == 401
    assert accounts.held == ["heater"]
    async with house(clock) as page:
        assert (await (await page.get(PLACE)).json())["key"] == "part_off"
