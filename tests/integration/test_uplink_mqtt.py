"""The uplink against a real Mosquitto over TLS, and against networks and ends that let it down."""

import asyncio
import gc
import logging
import socket
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from gateway.config.secrets import Secret
from gateway.config.uplink import Tls
from gateway.errors import GatewayError, Refused, Transient
from gateway.flow.board import Counters
from gateway.flow.clock import SystemClock
from gateway.links.mqtt5 import Connection5
from gateway.seams import Parcel
from gateway.testing.conformance_transport import TransportCase, check_transport
from gateway.types import Level
from gateway.uplink.transports.mqtt import MqttTransport
from gateway.wire.uplink import Hello
from tests.integration.certificates import Authority
from tests.integration.mosquitto import PASSWORD, USER, free_port
from tests.integration.uplink_end import HUB, HUB_PASSWORD, DeafBroker, Hub, Proxy, TlsMosquitto
from tests.unit.uplink.support import Bench, devices, settings, until

pytestmark = pytest.mark.integration

CANARY = PASSWORD
INSTANCE = "0123456789abcdef" * 2


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "certificates")


@pytest.fixture
def broker(tmp_path: Path, authority: Authority) -> Iterator[TlsMosquitto]:
    with _broker(tmp_path, authority) as running:
        yield running


@asynccontextmanager
async def started(broker: TlsMosquitto) -> AsyncGenerator[TlsMosquitto, None]:
    await asyncio.to_thread(broker.start)
    try:
        yield broker
    finally:
        broker.kill()


def _broker(tmp_path: Path, authority: Authority, *, mutual: bool = False, **server: Any) -> TlsMosquitto:
    folder = tmp_path / "broker"
    folder.mkdir(exist_ok=True)
    return TlsMosquitto(folder, authority, authority.issue("server", **server), mutual=mutual)


class Home:
    """A gateway's drain and transport towards `port`."""

    def __init__(
        self,
        port: int,
        authority: Authority | None,
        *,
        password: str = CANARY,
        answer_s: float = 5.0,
        tls: dict[str, Any] | None = None,
        **changes: Any,
    ) -> None:
        files = {} if authority is None else {"ca_file": authority.ca}
        changes["tls"] = "off" if authority is None and tls is None else Tls(**(files | (tls or {})))
        changes = {"port": port, "batch_s": 0, **changes}
        self.left: list[tuple[str, bytes]] = []
        self.bench: Bench
        self.transport = MqttTransport(
            settings=settings(**changes),
            gateway="home",
            hello=lambda: Hello(online=True, instance=INSTANCE, epoch=1, version="1.0.0"),
            login=lambda: Secret(user=USER, password=password),
            clock=SystemClock(),
            counters=(counters := Counters()),
            left=lambda topic, payload: self.left.append((topic, payload)),
            answer_s=answer_s,
        )
        self.bench = Bench(self.transport, SystemClock(), **changes)
        self.counters = counters
        self.transport.on_notice(self.bench.drain.noticed)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Bench, None]:
        async with self.bench.running():
            yield self.bench

    async def opening(self) -> GatewayError:
        """What opening the connection raises."""
        try:
            async with asyncio.timeout(20):
                await self.transport.open()
        except GatewayError as error:
            return error
        await self.transport.close()
        raise AssertionError("it was let in")


async def test_everything_arrives_byte_by_byte_with_receipts(broker: TlsMosquitto, authority: Authority) -> None:
    home = Home(broker.port, authority)
    async with Hub(broker.plain).running() as hub, home.running() as bench:
        await bench.box.put(devices(250), None)
        await until(lambda: len(bench.box.kept) == 250, lambda: bench.keys)
        assert hub.bodies == [body for topic, body in home.left if "/s/" in topic]
        assert [hello.online for hello in hub.hellos] == [True]
        assert bench.state.key == "running"
    assert [id_.seq for id_ in hub.taken] == list(range(1, 251))
    assert bench.counters.get("uplink.resent") == 0


async def test_the_hub_is_told_that_we_come_and_go(broker: TlsMosquitto, authority: Authority) -> None:
    async with Hub(broker.plain).running() as hub:
        async with Home(broker.port, authority).running() as bench:
            await until(lambda: bench.state.key == "running")
        await until(lambda: [hello.online for hello in hub.hellos] == [True, False])
        assert {hello.instance for hello in hub.hellos} == {INSTANCE}
        home = Home(broker.port, authority)
        await home.transport.open()
        assert home.transport._line is not None
        home.transport._line.cut()
        await until(lambda: [hello.online for hello in hub.hellos][2:] == [True, False])
        await home.transport.close()


async def test_the_real_transport_keeps_every_promise(broker: TlsMosquitto, authority: Authority) -> None:
    home = Home(broker.port, authority)
    async with Hub(broker.plain).running() as hub:

        async def parcels(count: int) -> tuple[Parcel, ...]:
            box = home.bench.box
            await box.settle({parcel.id for parcel in await box.next(1000, 10**6)}, {})
            await box.put(devices(count), None)
            return await box.next(count, 10**6)

        async def cut() -> None:
            broker.kill()
            await asyncio.to_thread(broker.start)
            await until(lambda: hub.link.connected)

        await check_transport(
            TransportCase(transport=home.transport, parcels=parcels, arrived=lambda: hub.bodies, cut=cut)
        )


async def test_a_killed_broker_costs_nothing_but_time(broker: TlsMosquitto, authority: Authority) -> None:
    home = Home(broker.port, authority, stalled_s=1.0)
    async with Hub(broker.plain).running() as hub, home.running() as bench:
        for round_ in range(3):
            await bench.box.put(devices(100, start=100 * round_), None)
            await until(lambda: len(hub.taken) > 100 * round_)  # noqa: B023 - it is over before the next round
            broker.kill()
            await bench.box.put(devices(20, start=1000), None)
            await until(lambda: bench.state.level is Level.DEGRADED)
            await asyncio.to_thread(broker.start)
            await until(lambda: not len(bench.box), lambda: bench.keys)
        await until(lambda: bench.state.key == "running")
    # Not in order: a broker that starts anew forwards nothing to a hub that comes back to it after the gateway has.
    assert sorted(id_.seq for id_ in hub.taken) == list(range(1, 361))


async def test_an_acknowledgement_without_a_receipt_deletes_nothing(broker: TlsMosquitto, authority: Authority) -> None:
    home = Home(broker.port, authority, stalled_s=0.3)
    hub = Hub(broker.plain)
    hub.answers = False
    async with hub.running(), home.running() as bench:
        await bench.box.put(devices(5), None)
        await until(lambda: "uplink_stalled" in bench.keys)
        assert len(bench.box) == 5
        hub.answers = True
        await until(lambda: not len(bench.box))
    assert len(hub.taken) == 5 < len(hub.bodies)


async def test_a_broker_without_a_hub_is_named_as_such(broker: TlsMosquitto, authority: Authority) -> None:
    async with Home(broker.port, authority, stalled_s=0.3).running() as bench:
        await bench.box.put(devices(1), None)
        await until(lambda: "uplink_no_hub" in bench.keys, lambda: bench.keys)
    assert len(bench.box) == 1


async def test_with_other_profiles_the_acknowledgement_counts(broker: TlsMosquitto, authority: Authority) -> None:
    async with Home(broker.port, authority, profile="generic").running() as bench:
        await bench.box.put(devices(150), None)
        await until(lambda: len(bench.box.kept) == 150)


async def test_what_is_published_says_what_it_is_and_when_it_is_stale(
    broker: TlsMosquitto, authority: Authority
) -> None:
    home = Home(broker.port, authority, profile="generic", streams={"devices": {"max_age_days": 2}})
    reader = aiomqtt.Client(
        "127.0.0.1", broker.plain, username=HUB, password=HUB_PASSWORD, protocol=aiomqtt.ProtocolVersion.V5
    )
    async with reader:
        await reader.subscribe("gw/v1/home/#", qos=1)
        async with home.running() as bench:
            await bench.box.put(devices(1), SystemClock().now().wall)
            messages = aiter(reader.messages)
            while "/s/" not in str((message := await anext(messages)).topic):
                pass
    await until(lambda: len(asyncio.all_tasks()) == 1)  # aiomqtt leaves a cancelled task behind
    assert str(message.topic) == "gw/v1/home/s/devices"
    assert message.properties is not None
    told: dict[str, Any] = vars(message.properties)
    assert told["ContentType"] == "application/cloudevents+json"
    assert 2 * 86_400 - 60 < told["MessageExpiryInterval"] <= 2 * 86_400


async def test_half_open_tcp_is_noticed_by_the_missing_receipt(broker: TlsMosquitto, authority: Authority) -> None:
    async with Proxy(broker.port).running() as proxy, Hub(broker.plain).running() as hub:
        async with Home(proxy.port, authority, stalled_s=0.5, answer_s=0.5).running() as bench:
            await until(lambda: bench.state.key == "running")
            proxy.freeze()
            await bench.box.put(devices(5), None)
            await until(lambda: "uplink_stalled" in bench.keys)
            await until(lambda: not len(bench.box))
            assert proxy.connections >= 2
        assert len(hub.taken) == 5


async def test_a_broker_that_never_acknowledges_loses_us_nothing() -> None:
    async with DeafBroker(acknowledges=1).running() as broker:
        async with Home(broker.port, None, stalled_s=0.3, answer_s=0.5).running() as bench:
            await bench.box.put(devices(5), None)
            await until(lambda: broker.connections >= 2, lambda: bench.keys)
            assert "uplink_stalled" in bench.keys
            assert len(bench.box) == 5
        assert broker.published >= 6


async def test_a_connection_that_is_cut_in_the_middle_of_a_word_leaves_nothing_behind() -> None:
    async with DeafBroker().running() as broker, Proxy(broker.port).running() as proxy:
        connection = Connection5(
            receive=lambda *_message: None,
            host="127.0.0.1",
            port=proxy.port,
            identity="home",
            will=None,
            username=None,
            password=None,
            tls=None,
            keepalive_s=60,
            most_in_flight=1000,
        )
        await connection.__aenter__()
        proxy.freeze()
        for _ in range(300):
            connection.send("gw/v1/home/s/devices", bytes(100_000))
        assert connection._client.want_write()
        await asyncio.sleep(0)
        connection.cut()
        await asyncio.sleep(0)
        del connection
        gc.collect()


async def test_no_more_is_under_way_than_the_broker_takes() -> None:
    two = b"\x21\x00\x02"  # Receive Maximum, section 3.2.2.3.3
    async with DeafBroker(acknowledges=1, properties=two).running() as broker:
        home = Home(broker.port, None, stalled_s=0.5)
        await home.transport.open()
        await home.bench.box.put(devices(10), None)
        with pytest.raises(Transient, match="uplink_stalled"):
            await home.transport.send(await home.bench.box.next(10, 10**6))
        await home.transport.close()
    assert broker.published == 1 + 2, "the hello, and two summaries"


async def test_what_a_broker_would_never_take_is_refused_before_it_is_sent() -> None:
    small = b"\x27" + (400).to_bytes(4, "big")  # Maximum Packet Size, section 3.2.2.3.6
    async with DeafBroker(acknowledges=1, properties=small).running() as broker:
        home = Home(broker.port, None)
        await home.transport.open()
        (id_,) = await home.bench.box.put(devices(1), None)
        assert id_ is not None
        receipts = await home.transport.send(await home.bench.box.next(1, 1))
        assert receipts.refused == {id_: "packet_too_large"}
        await home.transport.close()


@pytest.mark.parametrize("acknowledges", [0, -1])
async def test_a_broker_that_lets_us_in_and_goes_silent_is_given_up(acknowledges: int) -> None:
    broker = DeafBroker(greets=acknowledges == 0)
    async with broker.running():
        error = await Home(broker.port, None, answer_s=0.3).opening()
    assert (type(error), error.key) == (Transient, "uplink_stalled")


async def test_without_a_name_server_it_goes_on_trying(authority: Authority) -> None:
    error = await Home(1, authority, host="no-such-host.invalid").opening()
    assert (type(error), error.key) == (Transient, "uplink_dns")


async def test_a_name_server_that_is_away_for_a_while_costs_nothing_but_time(
    broker: TlsMosquitto, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = socket.getaddrinfo

    def away(host: str, *more: Any) -> Any:
        if host == "localhost":
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return found(host, *more)

    home = Home(broker.port, authority)
    async with Hub(broker.plain).running() as hub, home.running() as bench:
        await until(lambda: bench.state.key == "running")
        with monkeypatch.context() as patched:
            patched.setattr(socket, "getaddrinfo", away)
            assert home.transport._line is not None
            home.transport._line.cut()
            await bench.box.put(devices(5), None)
            await until(lambda: bench.keys.count("uplink_dns"), lambda: bench.keys)
        await until(lambda: not len(bench.box), lambda: bench.keys)
    assert len(hub.taken) == 5


async def test_where_nobody_listens_it_goes_on_trying(authority: Authority) -> None:
    error = await Home(free_port(), authority).opening()
    assert (type(error), error.key) == (Transient, "uplink_unreachable")
    assert error.facts["reason"] == "Connection refused"


@pytest.mark.parametrize(
    ("server", "kind", "key"),
    [
        ({"begins_d": -9, "ends_d": -1}, Refused, "uplink_certificate_expired"),
        ({"begins_d": 1}, Transient, "uplink_clock"),
        ({"host": "elsewhere.example"}, Refused, "uplink_certificate"),
    ],
)
async def test_a_bad_certificate_of_the_broker_is_named(
    tmp_path: Path, authority: Authority, server: dict[str, Any], kind: type[GatewayError], key: str
) -> None:
    async with started(_broker(tmp_path, authority, **server)) as broker:
        error = await Home(broker.port, authority).opening()
    assert (type(error), error.key) == (kind, key)


async def test_an_authority_we_do_not_know_is_not_believed(tmp_path: Path, broker: TlsMosquitto) -> None:
    error = await Home(broker.port, Authority(tmp_path / "other", "other")).opening()
    assert (type(error), error.key) == (Refused, "uplink_certificate")


async def test_a_port_that_speaks_no_tls_is_named(broker: TlsMosquitto, authority: Authority) -> None:
    error = await Home(broker.plain, authority).opening()
    assert error.key in {"uplink_tls", "uplink_unreachable"}


async def test_mutual_tls_lets_us_in_by_our_certificate(tmp_path: Path, authority: Authority) -> None:
    ours = authority.issue("home")
    async with started(_broker(tmp_path, authority, mutual=True)) as broker:
        home = Home(broker.port, authority, tls={"cert_file": ours.cert, "key_file": ours.key})
        async with Hub(broker.plain).running(), home.running() as bench:
            await bench.box.put(devices(3), None)
            await until(lambda: len(bench.box.kept) == 3, lambda: bench.keys)


@pytest.mark.parametrize("which", ["none", "expired"])
async def test_without_a_good_certificate_mutual_tls_says_whose_fault_it_is(
    tmp_path: Path, authority: Authority, which: str
) -> None:
    old = authority.issue("old", begins_d=-9, ends_d=-1)
    tls = {"cert_file": old.cert, "key_file": old.key} if which == "expired" else {}
    async with started(_broker(tmp_path, authority, mutual=True)) as broker:
        error = await Home(broker.port, authority, tls=tls).opening()
    assert (type(error), error.key) == (Refused, "uplink_own_certificate")


async def test_a_wrong_password_is_named_and_nowhere_to_be_read(
    broker: TlsMosquitto, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "wrong-canary-9a3e"
    with caplog.at_level(logging.DEBUG):
        home = Home(broker.port, authority, password=wrong)
        async with home.running() as bench:
            await until(lambda: "uplink_refused" in bench.keys)
            assert bench.board.all()["uplink"].level is Level.DOWN
        async with Home(broker.port, authority).running() as good:
            await until(lambda: good.state.key == "running")
            broker.kill()
            await until(lambda: good.state.level is Level.DEGRADED)
        error = await home.opening()
    told = caplog.text + repr(
        (bench.states, good.states, error, error.__context__, home.transport, vars(home.transport))
    )
    assert wrong not in told
    assert PASSWORD not in told


async def test_a_topic_we_may_not_write_to_is_named(tmp_path: Path, authority: Authority) -> None:
    broker = _broker(tmp_path, authority)
    broker.rights(f"user {USER}\ntopic read gw/v1/home/#\ntopic write gw/v1/home/hello\n")
    async with started(broker):
        async with Home(broker.port, authority).running() as bench:
            await bench.box.put(devices(2), None)
            await until(lambda: "uplink_not_authorised" in bench.keys, lambda: bench.keys)
        assert len(bench.box) == 2


@pytest.mark.parametrize(
    ("goodbye", "kind", "key"),
    [
        (0x8E, Refused, "uplink_duplicate"),
        (0x87, Refused, "uplink_not_authorised"),
        (0x9D, Refused, "uplink_moved"),
        (0x89, Transient, "uplink_busy"),
        (0x82, Transient, "uplink_unreachable"),
    ],
)
async def test_what_a_broker_says_when_it_shuts_the_door_is_told(
    goodbye: int, kind: type[GatewayError], key: str
) -> None:
    async with DeafBroker(acknowledges=1, goodbye=goodbye).running() as broker:
        home = Home(broker.port, None)
        await home.transport.open()
        await home.bench.box.put(devices(1), None)
        with pytest.raises(kind, match=key):
            await home.transport.send(await home.bench.box.next(1, 1))
        await home.transport.close()


async def test_the_hub_tells_both_of_two_gateways_under_one_id(broker: TlsMosquitto, authority: Authority) -> None:
    home = Home(broker.port, authority, stalled_s=0.5)
    async with Hub(broker.plain).running() as hub, home.running() as bench:
        await until(lambda: bench.state.key == "running")
        await hub.notice("duplicate_id")
        await until(lambda: bench.state.key == "uplink_duplicate")
        await bench.box.put(devices(2), None)
        await until(lambda: not len(bench.box))
        assert bench.state.level is Level.DEGRADED, "the rightful one is told, and goes on"
        hub.answers = False
        await bench.box.put(devices(2), None)
        await until(lambda: bench.state.level is Level.DOWN)
        assert bench.state.key == "uplink_duplicate", "the other one is told, and waits"


@pytest.mark.parametrize(("notice", "key"), [("revoked", "uplink_revoked"), ("wire_unknown", "uplink_version")])
async def test_a_hub_that_will_not_have_us_is_obeyed(
    broker: TlsMosquitto, authority: Authority, notice: str, key: str
) -> None:
    async with Hub(broker.plain).running() as hub, Home(broker.port, authority).running() as bench:
        await until(lambda: bench.state.key == "running")
        await hub.notice(notice)
        await until(lambda: key in bench.keys)


async def test_others_share_the_connection(broker: TlsMosquitto, authority: Authority) -> None:
    home, heard, greeted = Home(broker.port, authority), list[bytes](), list[str]()

    async def hook() -> None:
        greeted.append("again")
        await home.transport.publish("twin/reported", b'{"version":1}')

    home.transport.on_connected(hook)
    home.transport.on_message("twin/desired", heard.append)
    async with Hub(broker.plain).running() as hub:
        await hub.link.publish("gw/v1/home/twin/desired", b"retained", retain=True)
        reported = hub.link.subscribe("gw/v1/+/twin/reported")
        async with home.running() as bench:
            await until(lambda: heard == [b"retained"])
            assert (await anext(reported)).payload == b'{"version":1}'
            await hub.link.publish("gw/v1/home/twin/desired", b"live")
            await until(lambda: heard == [b"retained", b"live"])
            await hub.link.publish("gw/v1/home/receipt", b"\xff nonsense")
            await hub.link.publish("gw/v1/home/notice", b"{}")
            await until(lambda: home.counters.get("uplink.invalid") == 2)
            assert bench.state.key == "running"
            broker.kill()
            await until(lambda: bench.state.level is Level.DEGRADED)
            with pytest.raises(Transient, match="uplink_unreachable"):
                await home.transport.publish("twin/reported", b"{}")
            await asyncio.to_thread(broker.start)
            await until(lambda: len(greeted) == 2)
