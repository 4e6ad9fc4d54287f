"""Who is expected, in either database."""

import asyncio
from datetime import timedelta

import pytest

from gateway.errors import Refused
from services.hub.store import invitations as kept
from services.hub.store.hub import HubStore
from services.hub.store.invitations import Invitation
from tests.services.hub.store.fleet import NOON, greeting, settle

DIGEST = "d" * 64


def expected(gateway: str = "home-a", **labels: str) -> Invitation:
    return Invitation(gateway=gateway, created=NOON, expires=NOON + timedelta(days=1), labels=labels)


async def come(store: HubStore, key: str, digest: str = DIGEST) -> None:
    async with store.database.transaction() as session:
        found = await kept.of_digest(session, digest)
        assert found is not None
        kept.check(found, NOON)
        await kept.let_in(session, found, key, NOON)


async def invite(store: HubStore, invitation: Invitation, digest: str = DIGEST) -> None:
    async with store.database.transaction() as session:
        await kept.invite(session, invitation, digest)


async def test_of_many_at_once_one_comes_in(store: HubStore) -> None:
    await invite(store, expected(ring="canary"))
    ends = await asyncio.gather(*(come(store, f"{number}" * 64) for number in range(4)), return_exceptions=True)
    assert [end.key for end in ends if isinstance(end, Refused)] == ["enrolment_used"] * 3
    home = await store.home("home-a")
    assert home is not None
    assert (home.enrolment.labels, home.enrolment.token_sha256) == ({"ring": "canary"}, None)


async def test_who_is_invited_again_comes_back_with_another_key_and_instance(store: HubStore) -> None:
    await settle(store, "home-a")
    await store.revoke("home-a", NOON)
    await invite(store, expected())
    await come(store, "a" * 64)
    home = await store.home_of_key("a" * 64)
    assert home is not None
    assert (home.gateway, home.revoked, home.enrolment.token_sha256) == ("home-a", None, None)
    assert (await store.hello("home-a", greeting(instance="c" * 32, epoch=9), NOON)).accepted


async def test_one_key_is_one_home(store: HubStore) -> None:
    await invite(store, expected())
    await come(store, "a" * 64)
    await invite(store, expected("home-b"), "e" * 64)
    with pytest.raises(Refused, match="key_known"):
        await come(store, "a" * 64, "e" * 64)
    await come(store, "b" * 64, "e" * 64)  # nothing was spent


async def test_what_was_used_is_not_taken_back(store: HubStore) -> None:
    await invite(store, expected())
    await come(store, "a" * 64)
    async with store.database.transaction() as session:
        with pytest.raises(Refused, match="invitation_unknown"):
            await kept.take_back(session, "home-a")
        (one,) = await kept.invitations(session)
    assert (one.gateway, one.used) == ("home-a", NOON)
