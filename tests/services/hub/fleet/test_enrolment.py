"""How a home comes in, and what else is tried."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.errors import Refused
from services.hub.door.contract import Claim
from services.hub.door.gatekeeper import Enrolled
from services.hub.fleet.authority import Authority, Certified, open_authority
from services.hub.fleet.enrolment import VALID, enrol, invite
from services.hub.store import audit
from services.hub.store.hub import HubStore, database_at
from tests.services.hub.fleet.requests import fresh_key, request_of
from tests.services.hub.store.fleet import NOON


class Desk:
    """A hub that expects homes."""

    def __init__(self, store: HubStore, authority: Authority) -> None:
        self.store, self.authority = store, authority

    async def expect(self, gateway: str = "home1", **labels: str) -> str:
        return await invite(self.store.database, gateway, labels, by="ida", at=NOON)

    async def come(
        self, token: str, key: ec.EllipticCurvePrivateKey, gateway: str = "home1", *, at: datetime = NOON
    ) -> Certified:
        request = request_of(key, gateway)
        home, certified = await enrol(self.store.database, self.authority, token=token, request=request, at=at)
        assert home == gateway
        return certified

    async def done(self) -> list[tuple[str, str]]:
        async with self.store.database.transaction() as session:
            return [(deed.who, deed.what) for deed in reversed(await audit.deeds(session, limit=99))]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with HubStore(database_at(tmp_path / "hub.db")) as store:
        yield Desk(store, open_authority(tmp_path / "authority", NOON))


def shown(certified: Certified) -> Claim:
    der = x509.load_pem_x509_certificate(certified.pem.encode()).public_bytes(Encoding.DER)
    return Claim(user=None, password=None, certificate=der)


async def test_the_door_lets_in_who_was_enrolled_until_it_is_revoked(desk: Desk) -> None:
    certified = await desk.come(await desk.expect(ring="canary"), fresh_key())
    home = await desk.store.home("home1")
    assert home is not None
    assert (home.enrolment.labels, home.enrolment.token_sha256) == ({"ring": "canary"}, None)
    assert await Enrolled(desk.store).admit(shown(certified)) == "home1"
    await desk.store.revoke("home1", NOON)
    with pytest.raises(Refused, match="revoked"):
        await Enrolled(desk.store).admit(shown(certified))


async def test_a_second_use_is_refused_and_written_down(desk: Desk) -> None:
    token = await desk.expect()
    certified = await desk.come(token, fresh_key())
    with pytest.raises(Refused, match="enrolment_used"):
        await desk.come(token, fresh_key())
    assert await Enrolled(desk.store).admit(shown(certified)) == "home1"
    assert await desk.done() == [
        ("ida", "home_invited"),
        ("home1", "home_enrolled"),
        ("stranger", "enrolment_reused"),
    ]


async def test_of_two_at_once_one_comes_in(desk: Desk) -> None:
    token = await desk.expect()
    ends = await asyncio.gather(*(desk.come(token, fresh_key()) for _ in range(4)), return_exceptions=True)
    assert [end.key for end in ends if isinstance(end, Refused)] == ["enrolment_used"] * 3


async def test_an_answer_that_was_lost_is_given_again_to_the_same_key(desk: Desk) -> None:
    token, key = await desk.expect(), fresh_key()
    first, again = await desk.come(token, key), await desk.come(token, key)
    assert first.key_sha256 == again.key_sha256
    await desk.store.revoke("home1", NOON)
    with pytest.raises(Refused, match="enrolment_used"):
        await desk.come(token, key)


async def test_a_token_lasts_a_day(desk: Desk) -> None:
    token, key = await desk.expect(), fresh_key()
    with pytest.raises(Refused, match="enrolment_expired"):
        await desk.come(token, key, at=NOON + VALID)
    await desk.come(token, key, at=NOON + VALID - timedelta(seconds=1))
    with pytest.raises(Refused, match="enrolment_used"):
        await desk.come(token, key, at=NOON + VALID)


async def test_a_guess_is_no_token(desk: Desk) -> None:
    await desk.expect()
    with pytest.raises(Refused, match="enrolment_wrong"):
        await desk.come("guess", fresh_key())


async def test_a_token_is_for_one_home_and_is_not_spent_on_another(desk: Desk) -> None:
    token = await desk.expect()
    with pytest.raises(Refused, match="enrolment_other_home"):
        await desk.come(token, fresh_key(), "home2")
    await desk.come(token, fresh_key())


async def test_a_newer_invitation_ends_the_one_before(desk: Desk) -> None:
    old, new = await desk.expect(), await desk.expect()
    with pytest.raises(Refused, match="enrolment_wrong"):
        await desk.come(old, fresh_key())
    await desk.come(new, fresh_key())


async def test_a_home_that_is_invited_again_has_its_new_key_alone(desk: Desk) -> None:
    old = await desk.come(await desk.expect(), fresh_key())
    again = await desk.expect()
    assert await Enrolled(desk.store).admit(shown(old)) == "home1"  # until the new one comes
    await desk.store.revoke("home1", NOON)
    new = await desk.come(again, fresh_key())
    assert await Enrolled(desk.store).admit(shown(new)) == "home1"
    with pytest.raises(Refused, match="credentials_wrong"):
        await Enrolled(desk.store).admit(shown(old))


async def test_one_key_is_one_home(desk: Desk) -> None:
    key = fresh_key()
    await desk.come(await desk.expect(), key)
    with pytest.raises(Refused, match="key_known"):
        await desk.come(await desk.expect("home2"), key, "home2")


async def test_no_token_is_kept(desk: Desk, tmp_path: Path) -> None:
    token = await desk.expect()
    assert len(token) >= 43  # 32 random bytes
    for file in tmp_path.glob("hub.db*"):
        assert token.encode() not in file.read_bytes()
