"""Enrolment."""

from datetime import timedelta

import pytest

from gateway.errors import Refused
from services.hub.store.contract import Store
from services.hub.store.words import Enrolment
from tests.services.hub.store.fleet import NOON, settle


async def test_an_id_and_a_key_are_enrolled_once(store: Store) -> None:
    await store.enrol(Enrolment(gateway="home-a", key_sha256="a" * 64), NOON)
    with pytest.raises(Refused, match="gateway_known") as known:
        await store.enrol(Enrolment(gateway="home-a", token_sha256="b" * 64), NOON)
    with pytest.raises(Refused, match="key_known"):
        await store.enrol(Enrolment(gateway="home-b", key_sha256="a" * 64), NOON)
    assert known.value.status == 409
    assert [home.gateway for home in await store.homes()] == ["home-a"]


async def test_a_home_is_found_by_its_key(store: Store) -> None:
    await store.enrol(Enrolment(gateway="home-a", key_sha256="a" * 64), NOON)
    found = await store.home_of_key("a" * 64)
    assert found is not None
    assert found.gateway == "home-a"
    assert await store.home_of_key("b" * 64) is None


async def test_homes_come_in_pages(store: Store) -> None:
    await settle(store, "home-c", "home-a", "home-b")
    first = await store.homes(limit=2)
    rest = await store.homes(after=first[-1].gateway, limit=2)
    assert [home.gateway for home in (*first, *rest)] == ["home-a", "home-b", "home-c"]


async def test_the_first_revocation_counts(store: Store) -> None:
    await settle(store, "home-a")
    await store.revoke("home-a", NOON)
    await store.revoke("home-a", NOON + timedelta(days=1))
    home = await store.home("home-a")
    assert home is not None
    assert (home.revoked, home.online) == (NOON, False)


async def test_labels_are_replaced(store: Store) -> None:
    await store.enrol(Enrolment(gateway="home-a", labels={"ring": "canary", "city": "Ulm"}), NOON)
    await store.label("home-a", {"ring": "stable"})
    home = await store.home("home-a")
    assert home is not None
    assert home.enrolment.labels == {"ring": "stable"}


async def test_who_is_not_enrolled_cannot_be_changed(store: Store) -> None:
    for change in (store.revoke("home-x", NOON), store.label("home-x", {}), store.release("home-x")):
        with pytest.raises(Refused, match="unknown_gateway") as unknown:
            await change
        assert unknown.value.status == 404
    assert await store.home("home-x") is None
