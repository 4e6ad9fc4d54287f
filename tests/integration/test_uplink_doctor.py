"""The doctor names what keeps summaries from leaving, before anything has to wait."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.config.settings import Settings
from gateway.health import reach
from gateway.health.finding import Finding, Grade
from gateway.health.uplink import check_uplink
from tests.integration.certificates import Authority
from tests.integration.mosquitto import PASSWORD, USER, free_port
from tests.integration.uplink_end import DeafBroker, TlsMosquitto

pytestmark = pytest.mark.integration


class House:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = Authority(folder / "certificates")
        (folder / "secrets").mkdir()
        self.credential(PASSWORD)

    def credential(self, password: str) -> None:
        file = self.folder / "secrets" / "hub"
        file.touch(mode=0o600)
        file.write_text(f"{USER}:{password}")

    @asynccontextmanager
    async def broker(self, *, mutual: bool = False, **server: Any) -> AsyncGenerator[TlsMosquitto, None]:
        folder = self.folder / "broker"
        folder.mkdir()
        broker = TlsMosquitto(folder, self.authority, self.authority.issue("server", **server), mutual=mutual)
        await asyncio.to_thread(broker.start)
        try:
            yield broker
        finally:
            broker.kill()

    async def asked(self, port: int, tls: dict[str, Any] | str | None = None, **uplink: Any) -> list[Finding]:
        files = {"ca_file": str(self.authority.ca)} if tls is None else tls
        given = {"host": "localhost", "port": port, "tls": files, "credential": "hub", **uplink}
        gateway = {"secrets_dir": str(self.folder / "secrets")}
        return await check_uplink(Settings.model_validate({"gateway": gateway, "uplink": given}))


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    return House(tmp_path)


def keys(found: list[Finding]) -> list[str]:
    assert not [one for one in found if one.level is not Grade.OK and not one.hint]
    return [one.key for one in found]


async def test_without_a_hub_nothing_is_asked() -> None:
    (found,) = await check_uplink(Settings())
    assert (found.level, found.message) == (Grade.OK, "off: nothing leaves this home")


async def test_a_broker_that_lets_us_in_is_well(house: House) -> None:
    async with house.broker() as broker:
        assert keys(await house.asked(broker.port)) == ["ok"]
        house.credential("wrong")
        found = await house.asked(broker.port)
    assert keys(found) == ["uplink_refused"]
    assert "wrong" not in repr(found)


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ({"begins_d": -9, "ends_d": -1}, ["uplink_certificate_expired"]),
        ({"begins_d": 1}, ["uplink_clock"]),
        ({"host": "elsewhere.example"}, ["uplink_tls"]),
        ({"ends_d": 3}, ["uplink_certificate_ends", "ok"]),
    ],
)
async def test_the_broker_s_certificate_is_looked_at(house: House, server: Any, expected: list[str]) -> None:
    async with house.broker(**server) as broker:
        assert keys(await house.asked(broker.port)) == expected


@pytest.mark.parametrize(
    ("ends_d", "expected"),
    [(30, ["ok"]), (3, ["uplink_own_certificate_ends", "ok"]), (-1, ["uplink_own_certificate", "uplink_hung_up"])],
)
async def test_our_own_certificate_is_looked_at(house: House, ends_d: float, expected: list[str]) -> None:
    ours = house.authority.issue("ours", begins_d=-9, ends_d=ends_d)
    tls = {"ca_file": str(house.authority.ca), "cert_file": str(ours.cert), "key_file": str(ours.key)}
    async with house.broker(mutual=True) as broker:
        assert keys(await house.asked(broker.port, tls)) == expected


async def test_the_way_there_is_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert keys(await house.asked(free_port())) == ["uplink_unreachable"]
    assert keys(await house.asked(1, host="no-such-host.invalid")) == ["uplink_dns"]
    monkeypatch.setattr(reach, "PATIENCE_S", 0.3)
    async with DeafBroker().running() as broker:
        assert keys(await house.asked(broker.port, "off")) == ["ok"]
        assert keys(await house.asked(broker.port, "off", profile="aws")) == ["ok"]
        assert broker.connections == 2


async def test_files_and_credentials_are_looked_at_first(house: House) -> None:
    gone = {"ca_file": str(house.folder / "gone.pem")}
    assert keys(await house.asked(1, gone)) == ["tls_file_missing"]
    assert keys(await house.asked(1, credential="gone")) == ["credential_missing"]


async def test_kafka_needs_its_extra(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    kafka = {"brokers": ["kafka.example:9092"]}
    assert keys(await house.asked(1, "off", kafka=kafka)) == ["ok"]
    monkeypatch.setitem(sys.modules, "aiokafka", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert keys(await house.asked(1, "off", kafka=kafka)) == ["kafka_missing"]
