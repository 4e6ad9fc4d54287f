"""Workers that share a Mosquitto and a PostgreSQL, as processes."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from paho.mqtt.enums import MQTTProtocolVersion

from services.hub.app.bench.programs import mosquitto, mosquitto_program
from services.hub.app.enrolling import enrol, set_password, write_access_list
from services.hub.store.hub import HubStore, database_at
from tests.services.hub.app.processes import WAIT_S, Gateway, running_hub, summary
from tests.services.hub.door.house import Paho
from tests.services.hub.postgresql import Cluster, binaries, cluster

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(mosquitto_program() is None, reason="mosquitto is not installed"),
    pytest.mark.skipif(binaries() is None, reason="postgresql is not installed"),
]

TOGETHER = b"broker is well"
HOMES = ("home1", "home2")


@dataclass(frozen=True, kw_only=True)
class Site:
    config: Path
    port: int
    tokens: dict[str, str]


@pytest.fixture(scope="module")
def database() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


@pytest.fixture
async def site(tmp_path: Path, database: Cluster) -> AsyncGenerator[Site]:
    """A broker that knows two homes and the workers, and an empty database."""
    config, passwords, acl = tmp_path / "hub.yaml", tmp_path / "passwords", tmp_path / "acl"
    dsn = await asyncio.to_thread(database.fresh_database, "workers")
    async with HubStore(database_at(dsn)) as store:
        tokens = {home: await enrol(store, home, datetime.now(UTC)) for home in HOMES}
        await write_access_list(store, acl, hub="hub")
    for user, word in {**tokens, "hub": "workers-word"}.items():
        set_password(passwords, user, word)
    secret = tmp_path / "broker"
    secret.touch(mode=0o600)
    secret.write_text("hub:workers-word\n")
    listening = mosquitto(["allow_anonymous false", f"password_file {passwords}", f"acl_file {acl}"])
    port = await asyncio.to_thread(listening.__enter__)
    broker = f"broker:\n  host: 127.0.0.1\n  port: {port}\n  tls: off\n  credential: broker\n"
    config.write_text(f"database: {dsn}\nsecrets_dir: {tmp_path}\n{broker}")
    yield Site(config=config, port=port, tokens=tokens)
    await asyncio.to_thread(listening.__exit__, None, None, None)


async def test_two_workers_share_what_comes_and_one_may_die(site: Site) -> None:
    async with (
        running_hub(site.config, TOGETHER),
        running_hub(site.config, TOGETHER) as second,
        Gateway(site.port, "home1", site.tokens["home1"]) as gateway,
    ):
        await gateway.hello()
        await gateway.send(*range(1, 41))
        await gateway.until(kept=40)
        second.kill()
        await second.wait()
        await gateway.send(*range(41, 61))
        async with asyncio.timeout(WAIT_S):
            while len(gateway.kept) < 60:  # what the dead one was handed is forgotten: it is sent again
                await gateway.send(*(set(range(1, 61)) - gateway.kept))
                await gateway.until(kept=len(gateway.kept) + 1)
    assert gateway.kept == set(range(1, 61))
    assert not gateway.refused


async def test_messages_wait_while_the_database_is_away(site: Site, database: Cluster) -> None:
    async with (
        running_hub(site.config, TOGETHER),
        Gateway(site.port, "home1", site.tokens["home1"]) as gateway,
    ):
        await gateway.hello()
        await gateway.send(1)
        await gateway.until(kept=1)
        await asyncio.to_thread(database.kill)
        await gateway.send(*range(2, 30))
        await asyncio.to_thread(database.start)
        await gateway.until(kept=29)
    assert gateway.kept == set(range(1, 30))
    assert not gateway.refused


async def test_a_message_that_is_too_large_reaches_no_worker_and_disturbs_none(site: Site) -> None:
    """This broker takes it, for it was not told otherwise."""
    async with (
        running_hub(site.config, TOGETHER),
        Gateway(site.port, "home1", site.tokens["home1"]) as gateway,
    ):
        await gateway.hello()
        await gateway.publish("gw/v1/home1/s/presence", b"x" * 10_000_000)
        await gateway.send(*range(1, 11))
        await gateway.until(kept=10)
    assert not gateway.refused


async def test_both_of_two_gateways_under_one_id_are_told(site: Site) -> None:
    async with (
        running_hub(site.config, TOGETHER),
        Gateway(site.port, "home1", site.tokens["home1"]) as first,
        Gateway(site.port, "home1", site.tokens["home1"], instance="cd" * 16) as second,
    ):
        await first.hello()
        await first.send(1)
        await first.until(kept=1)
        await second.hello()
        await first.until(notices=1)
        await second.until(notices=1)
        assert first.notices == second.notices == ['{"key":"duplicate_id"}']
        await first.send(2)
        await first.until(kept=2)


async def test_a_hello_from_before_the_first_worker_counts(site: Site) -> None:
    async with Gateway(site.port, "home1", site.tokens["home1"]) as gateway:
        await gateway.hello()
        async with running_hub(site.config, TOGETHER):
            await gateway.send(1)
            await gateway.until(kept=1)
    assert gateway.kept == {1}


async def test_a_home_reaches_nothing_of_another_and_answers_nothing_itself(site: Site) -> None:
    async with (
        Paho(site.port, MQTTProtocolVersion.MQTTv5, "home1", site.tokens["home1"]) as one,
        asyncio.timeout(WAIT_S),
    ):
        for topic in ("gw/v1/home2/hello", "gw/v1/home2/s/presence", "gw/v1/home2/receipt", "gw/v1/home1/receipt"):
            one.client.publish(topic, b"{}", qos=1)
            assert await one.acknowledged.get() == 0x87
        one.client.publish("gw/v1/home1/s/presence", b"{}", qos=1)
        assert await one.acknowledged.get() < 0x80


@pytest.mark.parametrize("qos", [0, 1, 2])
async def test_whatever_a_home_sends_disturbs_no_worker(site: Site, database: Cluster, qos: int) -> None:
    """Also what stays with the broker and is read anew at every start of a worker."""
    base = "gw/v1/home2"
    harm = [
        (f"{base}/s/presence", b"\xff\x00 nonsense"),
        (f"{base}/s/presence", summary("home1", 9)),
        (f"{base}/s/presence", b"[" * 100_000),
        (f"{base}/hello", b'{"online": true, "wire": 99}'),
        (f"{base}/hello", b'{"online": true, "instance": NaN}'),
        (f"{base}/twin/reported", b'{"version": 9007199254740991, "sources": {}, "settings": {}}'),
        (f"{base}/twin/reported", b'{"version": 1, "sources": {}, "settings": {"a": "\\u0000"}}'),
        (f"{base}/campaign/progress", b'{"campaign": 1, "gateway": "home1", "state": "confirmed"}'),
    ]
    async with Paho(site.port, MQTTProtocolVersion.MQTTv5, "home2", site.tokens["home2"]) as bad:
        async with running_hub(site.config, TOGETHER), asyncio.timeout(WAIT_S):
            for topic, payload in harm:
                bad.client.publish(topic, payload, qos=qos, retain=True)
                await bad.acknowledged.get()
        async with running_hub(site.config, TOGETHER), Gateway(site.port, "home1", site.tokens["home1"]) as gateway:
            await gateway.hello()
            await gateway.send(1, 2)
            await gateway.until(kept=2)
    assert not gateway.refused
    counted = set(database.psql("SELECT DISTINCT key FROM refusals WHERE gateway = 'home2'", "workers").splitlines())
    expected = {"payload_not_json", "other_home", "wire_unknown", "message_invalid", "twin_version"}
    assert counted == expected if qos else counted <= expected, "what comes at QoS 0 nobody is promised"
    assert database.psql("SELECT gateway, count(*) FROM summaries GROUP BY 1", "workers") == "home1|2"
