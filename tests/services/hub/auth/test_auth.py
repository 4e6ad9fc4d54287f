"""The door of the pages: claim, login, sessions, tokens, and what is kept of them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.errors import Invalid, Refused
from services.hub.auth import tokens
from services.hub.auth.auth import LASTS, Auth, Visitor
from services.hub.auth.limits import ADDRESS
from services.hub.store import credentials
from services.hub.store import operators as people
from services.hub.store.credentials import ApiToken
from services.hub.store.hub import HubStore, database_at
from services.hub.store.operators import Rank
from tests.services.hub.web.site import NAME, PASSWORD, Time

HERE, THERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[HubStore]:
    async with HubStore(database_at(tmp_path / "hub.db")) as opened:
        yield opened


@pytest.fixture
async def auth(store: HubStore, time: Time) -> AsyncIterator[Auth]:
    async with Auth(store.database, time.now, monotonic=time.monotonic) as opened:
        yield opened


async def claim(auth: Auth, **changes: str) -> tuple[str, Visitor]:
    told = {"code": auth.claim_code or "", "name": NAME, "password": PASSWORD, **changes}
    return await auth.claim(told["code"], told["name"], told["password"], address=HERE)


async def test_the_code_claims_once_and_then_the_password_opens(auth: Auth, store: HubStore, time: Time) -> None:
    code = auth.claim_code
    assert code is not None
    _, visitor = await claim(auth, code=code.lower().replace("-", " "))
    assert (visitor.name, visitor.rank, auth.claim_code) == (NAME, Rank.ADMIN, None)
    with pytest.raises(Refused, match="already_claimed"):
        await claim(auth, code=code)
    async with Auth(store.database, time.now) as again:
        assert again.claim_code is None
        token, visitor = await again.login(NAME, PASSWORD, address=HERE)
        assert await again.by_session(token) == visitor


async def test_two_claims_at_once_make_one_admin(auth: Auth, store: HubStore) -> None:
    code = auth.claim_code or ""
    both = await asyncio.gather(claim(auth, code=code), claim(auth, code=code, name="otto"), return_exceptions=True)
    assert [one.key for one in both if isinstance(one, Refused)] == ["already_claimed"]
    async with store.database.transaction() as session:
        assert len(await people.operators(session)) == 1


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"code": "AAAA-AAAA-AAAA"}, "claim_code_wrong"),
        ({"code": ""}, "claim_code_wrong"),
        ({"name": ""}, "operator_name"),
        ({"name": "../audit"}, "operator_name"),
        ({"password": "ninechars"}, "password_short"),
        ({"password": "x" * 257}, "password_long"),
        ({"name": "Longenough1", "password": "longENOUGH1"}, "password_like_user"),
        ({"password": "aaaaaaaaaaaab"}, "password_simple"),
    ],
)
async def test_a_bad_claim_is_named_and_makes_nobody_admin(auth: Auth, changes: dict[str, str], key: str) -> None:
    with pytest.raises((Refused, Invalid)) as caught:
        await claim(auth, **changes)
    assert caught.value.key == key
    assert auth.claim_code is not None


async def test_a_wrong_password_and_an_unknown_name_are_told_alike(auth: Auth) -> None:
    await claim(auth)
    told = []
    for name in (NAME, "nobody"):
        with pytest.raises(Refused) as caught:
            await auth.login(name, "wrong password", address=HERE)
        told.append((caught.value.key, caught.value.status, caught.value.facts))
    assert told[0] == told[1] == ("login_wrong", 401, {})


async def test_an_address_that_guesses_is_locked_out_for_a_while(auth: Auth, time: Time) -> None:
    await claim(auth)
    for number in range(ADDRESS.burst - 1):  # the claim was one try
        with pytest.raises(Refused, match="login_wrong"):
            await auth.login(f"guess{number}", "wrong password", address=HERE)
    with pytest.raises(Refused, match="too_many_attempts"):
        await auth.login(NAME, PASSWORD, address=HERE)
    await auth.login(NAME, PASSWORD, address=THERE)
    time.pass_by(seconds=31)
    await auth.login(NAME, PASSWORD, address=HERE)


async def test_a_name_that_is_guessed_at_from_everywhere_is_locked(auth: Auth, time: Time) -> None:
    await claim(auth)
    for number in range(10):
        with pytest.raises(Refused, match="login_wrong"):
            await auth.login(NAME, "wrong password", address=f"192.0.2.{number + 10}")
    with pytest.raises(Refused, match="too_many_attempts"):
        await auth.login(NAME, PASSWORD, address=THERE)
    time.pass_by(minutes=1)
    await auth.login(NAME, PASSWORD, address=THERE)


async def test_who_is_right_every_time_is_never_locked_out(auth: Auth) -> None:
    await claim(auth)
    for _ in range(15):
        await auth.login(NAME, PASSWORD, address=HERE)


async def test_a_session_ends_in_time_and_by_signing_out(auth: Auth, time: Time) -> None:
    token, visitor = await claim(auth)
    other, _ = await auth.login(NAME, PASSWORD, address=HERE)
    await auth.logout(visitor)
    assert await auth.by_session(token) is None
    assert await auth.by_session(other) is not None
    time.at += LASTS
    assert await auth.by_session(other) is None


@pytest.mark.parametrize("token", [None, "", "guess", "é\udc80"])
async def test_a_guess_is_no_session(auth: Auth, token: str | None) -> None:
    await claim(auth)
    assert await auth.by_session(token) is None


async def test_a_changed_password_ends_every_session(auth: Auth) -> None:
    token, visitor = await claim(auth)
    with pytest.raises(Refused, match="login_wrong"):
        await auth.change_password(visitor, "not the password", "four other quiet words")
    with pytest.raises(Invalid, match="password_short"):
        await auth.change_password(visitor, PASSWORD, "short")
    await auth.change_password(visitor, PASSWORD, "four other quiet words")
    assert await auth.by_session(token) is None
    with pytest.raises(Refused, match="login_wrong"):
        await auth.login(NAME, PASSWORD, address=HERE)
    await auth.login(NAME, "four other quiet words", address=HERE)


async def test_a_program_is_known_by_its_token(auth: Auth, store: HubStore, time: Time) -> None:
    await claim(auth)
    token = tokens.fresh()
    made = ApiToken(
        id="t1", label="prom", rank=Rank.VIEWER, made_by=NAME, created=time.now(), digest=tokens.digest(token)
    )
    async with store.database.transaction() as session:
        await credentials.add_token(session, made)
    visitor = await auth.by_bearer(f"Bearer {token}", address=HERE)
    assert (visitor.name, visitor.rank, visitor.session) == ("token:prom", Rank.VIEWER, None)
    for header in (f"Basic {token}", f"Bearer {token}x", "Bearer", "é"):
        with pytest.raises(Refused, match="token_wrong"):
            await auth.by_bearer(header, address=HERE)


async def test_nothing_that_opens_the_door_is_kept(auth: Auth, tmp_path: Path) -> None:
    token, _ = await claim(auth)
    raw = b"".join(file.read_bytes() for file in tmp_path.glob("hub.db*"))
    assert PASSWORD.encode() not in raw
    assert token.encode() not in raw
    assert b"$argon2id$" in raw
