"""The door: claim, login, sessions, and what is kept of them."""

import asyncio
import json
from datetime import timedelta

import pytest

from gateway.errors import Invalid, Refused
from gateway.testing.clock import FakeClock
from gateway.web.auth import Auth
from gateway.web.auth.passwords import Passwords
from tests.unit.web.conftest import PASSWORD, USER
from tests.unit.web.fakes import MemoryKeyValue

HERE = "192.0.2.1"


async def claim(auth: Auth, **changes: str) -> str:
    told = {"code": auth.claim_code() or "", "user": USER, "password": PASSWORD, **changes}
    token, _session = await auth.claim(told["code"], told["user"], told["password"], address=HERE)
    return token


async def test_the_code_claims_once_and_then_the_password_opens(clock: FakeClock) -> None:
    store = MemoryKeyValue()
    async with Auth(store, clock) as auth:
        code = auth.claim_code()
        assert code is not None
        await claim(auth, code=code.lower().replace("-", " "))
        assert auth.claimed
        assert auth.claim_code() is None
        with pytest.raises(Refused, match="already_claimed"):
            await claim(auth, code=code)
    async with Auth(store, clock) as again:
        assert again.claim_code() is None
        token, session = await again.login(USER, PASSWORD, address=HERE)
        assert again.session(token) == session


async def test_a_code_is_made_anew_at_every_start(clock: FakeClock) -> None:
    async with Auth(MemoryKeyValue(), clock) as one, Auth(MemoryKeyValue(), clock) as other:
        assert one.claim_code() != other.claim_code()


async def test_a_code_that_was_given_claims_and_the_owner_is_noted(clock: FakeClock) -> None:
    store, noted = MemoryKeyValue(), []
    async with Auth(store, clock, code="hearth-2345-gate", owned=lambda: noted.append("claimed")) as auth:
        assert not noted
        with pytest.raises(Refused, match="claim_code_wrong"):
            await claim(auth, code="AAAA-AAAA-AAAA")
        await claim(auth, code="HEARTH 2345 GATE")
        assert noted == ["claimed"]
    async with Auth(store, clock, code="hearth-2345-gate", owned=lambda: noted.append("at the start")) as again:
        assert noted == ["claimed", "at the start"]
        with pytest.raises(Refused, match="already_claimed"):
            await claim(again, code="HEARTH 2345 GATE")


@pytest.mark.parametrize("given", ["", "12345", "----", "0000-1111-0000"])
async def test_a_code_that_anybody_could_guess_is_not_taken(clock: FakeClock, given: str) -> None:
    async with Auth(MemoryKeyValue(), clock, code=given) as auth:
        with pytest.raises(Refused, match="claim_code_wrong"):
            await claim(auth, code=given)
        assert len(auth.claim_code() or "") == len("AAAA-AAAA-AAAA")


async def test_two_claims_at_once_make_one_owner(clock: FakeClock) -> None:
    async with Auth(MemoryKeyValue(), clock) as auth:
        code = auth.claim_code() or ""
        both = await asyncio.gather(claim(auth, code=code), claim(auth, code=code, user="otto"), return_exceptions=True)
        assert [one.key for one in both if isinstance(one, Refused)] == ["already_claimed"]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"code": "AAAA-AAAA-AAAA"}, "claim_code_wrong"),
        ({"code": ""}, "claim_code_wrong"),
        ({"user": "  "}, "user_invalid"),
        ({"user": "a\nb"}, "user_invalid"),
        ({"password": "ninechars"}, "password_short"),
        ({"password": "x" * 257}, "password_long"),
        ({"user": "Longenough1", "password": "longENOUGH1"}, "password_like_user"),
        ({"password": "aaaaaaaaaaaab"}, "password_simple"),
    ],
)
async def test_a_bad_claim_is_named_and_leaves_the_gateway_unclaimed(
    clock: FakeClock, changes: dict[str, str], key: str
) -> None:
    async with Auth(MemoryKeyValue(), clock) as auth:
        with pytest.raises((Refused, Invalid)) as caught:
            await claim(auth, **changes)
        assert caught.value.key == key
        assert not auth.claimed


async def test_a_wrong_password_and_an_unknown_user_are_told_alike(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Auth(MemoryKeyValue(), clock) as auth:
        await claim(auth)
        verified: list[str] = []
        verify = Passwords._verify

        def counted(self: Passwords, hashed: str | None, given: str) -> bool:
            verified.append(given)
            return verify(self, hashed, given)

        monkeypatch.setattr(Passwords, "_verify", counted)
        told = []
        for user in (USER, "nobody"):
            with pytest.raises(Refused) as caught:
                await auth.login(user, "wrong password", address=HERE)
            told.append((caught.value.key, caught.value.status, caught.value.facts))
        assert told[0] == told[1] == ("login_wrong", 401, {})
        assert verified == ["wrong password"] * 2  # the same work for a user who is not there


async def test_nothing_that_opens_the_door_is_kept(clock: FakeClock) -> None:
    store = MemoryKeyValue()
    async with Auth(store, clock) as auth:
        token = await claim(auth)
    kept = json.dumps(store.values)
    assert PASSWORD not in kept
    assert token not in kept
    assert "$argon2id$" in kept


async def test_a_session_survives_a_restart_and_ends_in_time(clock: FakeClock) -> None:
    store = MemoryKeyValue()
    async with Auth(store, clock, session_lasts=timedelta(hours=1)) as auth:
        token = await claim(auth)
    async with Auth(store, clock) as again:
        session = again.session(token)
        assert session is not None
        assert again.seconds_left(session) == 3600
        await clock.advance(3600)
        assert again.session(token) is None


async def test_logout_ends_one_session_only(clock: FakeClock) -> None:
    async with Auth(MemoryKeyValue(), clock) as auth:
        first = await claim(auth)
        second, session = await auth.login(USER, PASSWORD, address=HERE)
        await auth.logout(session)
        assert auth.session(second) is None
        assert auth.seconds_left(session) == 0
        assert auth.session(first) is not None


async def test_the_oldest_session_leaves_when_there_are_too_many(clock: FakeClock) -> None:
    async with Auth(MemoryKeyValue(), clock) as auth:
        first = await claim(auth)
        tokens = [(await auth._sessions.open(USER))[0] for _ in range(32)]
        assert auth.session(first) is None
        assert all(auth.session(token) for token in tokens)


@pytest.mark.parametrize("token", [None, "", "guess", "é"])
async def test_a_guess_is_no_session(clock: FakeClock, token: str | None) -> None:
    async with Auth(MemoryKeyValue(), clock) as auth:
        await claim(auth)
        assert auth.session(token) is None


async def test_guessing_is_slowed_down_even_with_the_right_password(clock: FakeClock) -> None:
    async with Auth(MemoryKeyValue(), clock) as auth:
        await claim(auth)
        for _ in range(4):
            with pytest.raises(Refused, match="login_wrong"):
                await auth.login(USER, "wrong password", address=HERE)
        with pytest.raises(Refused, match="too_many_attempts"):
            await auth.login(USER, PASSWORD, address=HERE)
        await clock.advance(30)
        await auth.login(USER, PASSWORD, address=HERE)
