"""The daemon wishes, and somebody with more rights grants: here a task that does what it is told to."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.errors import GatewayError
from gateway.testing.clock import FakeClock
from gateway.updates.accounts import BrokerAccounts, digest_of
from gateway.wire.accounts import WISH, Granted, Wish

Grant = Callable[[Granted, Wish], Granted]


def obedient(told: Granted, wish: Wish) -> Granted:
    others = set(told.names) - {wish.name}
    names = others | {wish.name} if wish.digest else others
    return Granted(names=tuple(sorted(names)), last=wish.id)


class Root:
    """`seen` are the wishes that it looked at."""

    def __init__(self, folder: Path, grant: Grant = obedient) -> None:
        self.folder, self.told, self.grant = folder / "accounts", folder / "accounts.json", grant
        self.seen: list[Wish] = []
        self.folder.mkdir()
        self.told.write_text(Granted().model_dump_json())

    @asynccontextmanager
    async def at_work(self) -> AsyncGenerator[BrokerAccounts]:
        work = asyncio.create_task(self._work())
        try:
            yield self.accounts()
        finally:
            work.cancel()
            await asyncio.wait({work})

    def accounts(self) -> BrokerAccounts:
        return BrokerAccounts(self.folder, FakeClock(auto=True), self.told)

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(0)
            if (self.folder / WISH).exists():
                wish = Wish.model_validate_json((self.folder / WISH).read_bytes())
                self.seen.append(wish)
                told = self.grant(Granted.model_validate_json(self.told.read_bytes()), wish)
                fresh = self.told.with_suffix(".new")
                fresh.write_text(told.model_dump_json(exclude_none=True))
                fresh.replace(self.told)
                (self.folder / WISH).unlink()


async def test_a_device_gets_a_password_and_loses_its_account(tmp_path: Path) -> None:
    root = Root(tmp_path)
    async with root.at_work() as accounts:
        made = await accounts.add("lamp")
        assert (made.name, list(await accounts.names())) == ("lamp", ["lamp"])
        again = await accounts.add("lamp")
        assert again.password != made.password
        await accounts.remove("lamp")
        assert list(await accounts.names()) == []
    assert [(wish.name, wish.digest is not None) for wish in root.seen] == [
        ("lamp", True),
        ("lamp", True),
        ("lamp", False),
    ]
    assert not any(made.password in wish.model_dump_json() for wish in root.seen), "only a digest is laid down"
    assert list(root.folder.iterdir()) == []


def test_the_digest_is_what_mosquitto_computes() -> None:
    """mosquitto_passwd(1): PBKDF2-SHA512 of the password, with 64 bytes."""
    _, form, rounds, salt, raw = digest_of("c4nary").split("$")
    expected = hashlib.pbkdf2_hmac("sha512", b"c4nary", base64.b64decode(salt), int(rounds), 64)
    assert (form, base64.b64decode(raw)) == ("7", expected)


async def key_of(doing: Callable[[], object]) -> str:
    with pytest.raises(GatewayError) as raised:
        await doing()  # type: ignore[misc]
    return raised.value.key


@pytest.mark.parametrize("name", ["", "hearthgate", "Lamp", "a b", "../x", "x" * 64, "-x", "lamp\n"])
async def test_names_that_are_none_never_leave(tmp_path: Path, name: str) -> None:
    root = Root(tmp_path)
    async with root.at_work() as accounts:
        assert await key_of(lambda: accounts.add(name)) == "account_name"
        assert await key_of(lambda: accounts.remove(name)) == "account_unknown"
    assert root.seen == []


async def test_what_root_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    root = Root(tmp_path, lambda told, wish: told.model_copy(update={"last": wish.id, "key": "account_many"}))
    async with root.at_work() as accounts:
        assert await key_of(lambda: accounts.add("lamp")) == "account_many"


async def test_a_wish_that_nobody_looks_at_does_not_come_true_later(tmp_path: Path) -> None:
    root = Root(tmp_path)
    assert await key_of(lambda: root.accounts().add("lamp")) == "account_pending"
    assert list(root.folder.iterdir()) == []


async def test_one_wish_at_a_time(tmp_path: Path) -> None:
    root = Root(tmp_path)
    other = Wish(id="0" * 16, name="heater")
    (root.folder / WISH).write_text(other.model_dump_json())
    assert await key_of(lambda: root.accounts().add("lamp")) == "account_pending"
    assert Wish.model_validate_json((root.folder / WISH).read_bytes()) == other


@pytest.mark.parametrize("missing", ["folder", "told", "sense"])
async def test_anywhere_else_there_are_no_accounts(tmp_path: Path, missing: str) -> None:
    root = Root(tmp_path)
    if missing == "folder":
        root.folder.rmdir()
    elif missing == "told":
        root.told.unlink()
    else:
        root.told.write_text("[{")
    accounts = root.accounts()
    for doing in (accounts.names, lambda: accounts.add("lamp"), lambda: accounts.remove("lamp")):
        assert await key_of(doing) == "accounts_absent"
