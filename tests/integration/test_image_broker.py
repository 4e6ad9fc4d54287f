"""The image's broker: its configuration, the accounts and certificate of a real first start, a real Mosquitto."""

import asyncio
import getpass
import os
import re
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.flow.clock import SystemClock
from gateway.updates.accounts import BrokerAccounts
from gateway.wire.accounts import FOLDER
from services.updater.provision import boot, wishes
from services.updater.provision.machine import RealMachine, Verdict
from services.updater.provision.places import Owners, Places
from tests.integration.mosquitto import MOSQUITTO, PASSWD, free_port

OVERLAY = Path(__file__).parents[2] / "image-build" / "overlay" / "common"
ME = Owners(gateway=os.getuid(), gateway_group=os.getgid(), broker_group=os.getgid())
WORDS = {"lamp": "c4nary-lamp-word", "zigbee2mqtt": "c4nary-zigbee", "homeassistant": "c4nary-assistant"}

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(None in {MOSQUITTO, PASSWD}, reason="needs mosquitto (apt-get install mosquitto)"),
]


class Machine(RealMachine):
    """Real passwords; the name of the machine that runs the tests stays as it is."""

    def be_called(self, name: str) -> None:
        self.called = name

    def check_settings(self, file: Path) -> Verdict:
        return Verdict(valid=True, told="")


@dataclass(slots=True)
class Home:
    places: Places
    plain: int
    tls: int
    name: str
    broker: int
    """Its process."""
    stack: ExitStack = field(default_factory=ExitStack)

    def own(self) -> tuple[str, str]:
        user, _, password = (self.places.store / "hearthgate.broker").read_text().partition(":")
        return user, password

    def client(self, user: str | None, password: str | None = None) -> "Client":
        client = Client(self, user, password)
        self.stack.callback(client.stop)
        return client


class Client:
    """Connected over TLS, or told why not."""

    def __init__(self, home: Home, user: str | None, password: str | None) -> None:
        self.answer: object = None
        self.heard: list[str] = []
        self.granted = 0
        self.lost = False
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.tls_set_context(ssl.create_default_context(cafile=str(home.places.tls / "ca.crt")))
        if user is not None:
            self._client.username_pw_set(user, password)
        self._client.on_connect = lambda _client, _data, _flags, reason, _props: setattr(self, "answer", reason)
        self._client.on_disconnect = lambda *_: setattr(self, "lost", True)
        self._client.on_message = lambda _client, _data, message: self.heard.append(message.topic)
        self._client.on_subscribe = lambda *_: setattr(self, "granted", self.granted + 1)
        self._client.connect("localhost", home.tls)
        self._client.loop_start()
        _until(lambda: self.answer is not None)

    @property
    def admitted(self) -> bool:
        return self.answer == "Success"

    def subscribe(self, topic: str) -> None:
        before = self.granted
        self._client.subscribe(topic, qos=1)
        _until(lambda: self.granted > before)

    def publish(self, topic: str) -> None:
        self._client.publish(topic, "x", qos=1).wait_for_publish(10)

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def _until(true: Callable[[], bool], patience_s: float = 15) -> None:
    deadline = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    assert MOSQUITTO is not None
    places, machine = _first_start(tmp_path)
    plain, tls = free_port(), free_port()
    text = (OVERLAY / "etc/mosquitto/mosquitto.conf").read_text()
    text = text.replace("/etc/hearthgate", str(places.etc)).replace("/var/lib/mosquitto/", f"{tmp_path}/kept/")
    text = text.replace("listener 1883 ", f"listener {plain} ").replace("listener 8883", f"listener {tls}")
    (tmp_path / "kept").mkdir()
    (tmp_path / "mosquitto.conf").write_text(f"user {getpass.getuser()}\n{text}")
    with subprocess.Popen([MOSQUITTO, "-c", str(tmp_path / "mosquitto.conf")]) as process, ExitStack() as stack:
        stack.callback(process.terminate)
        for port in (plain, tls):
            _until(partial(_open, port))
        yield Home(places=places, plain=plain, tls=tls, name=machine.called, broker=process.pid, stack=stack)


def _first_start(root: Path) -> tuple[Places, Machine]:
    places, machine = Places(root=root), Machine(ME)
    for folder in (places.stick, places.share, places.imported.parent, root / "run"):
        folder.mkdir(parents=True)
    for file in (OVERLAY / "usr/share/hearthgate").iterdir():
        (places.share / file.name).write_bytes(file.read_bytes())
    accounts = "".join(f"  {name}: {word}\n" for name, word in WORDS.items())
    (places.stick / "hearthgate.yaml").write_text(f"mqtt_accounts:\n{accounts}cameras: []\n")
    assert boot.start(places, ME, machine) == []
    return places, machine


def _open(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def test_the_gateway_and_everybody_with_an_account_come_in(home: Home) -> None:
    assert home.client(*home.own()).admitted
    for name, word in WORDS.items():
        assert home.client(name, word).admitted


@pytest.mark.parametrize(
    ("user", "password"), [(None, None), ("lamp", "wrong"), ("lamp", None), ("stranger", "c4nary-lamp-word"), ("", "")]
)
def test_nobody_else_does(home: Home, user: str | None, password: str | None) -> None:
    assert not home.client(user, password).admitted


def test_this_machine_too_is_asked_for_a_password(home: Home) -> None:
    """CONNECT without one, and the CONNACK (MQTT 3.1.1, 3.2.2.3: 5 is "not authorised")."""
    with socket.create_connection(("127.0.0.1", home.plain), timeout=10) as sock:
        sock.sendall(b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01x")
        assert sock.recv(4) == b"\x20\x02\x00\x05"


def test_the_house_is_spoken_to_over_tls_alone(home: Home) -> None:
    with socket.create_connection(("127.0.0.1", home.tls), timeout=10) as sock:
        sock.sendall(b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01x")
        assert _received(sock) != b"\x20"


def _received(sock: socket.socket) -> bytes:
    """Nothing where the other end hangs up."""
    try:
        return sock.recv(1)
    except ConnectionResetError:
        return b""


async def test_an_account_that_was_wished_for_on_the_page_is_one(home: Home) -> None:
    """As the gateway wishes and root grants it; Mosquitto is told as its unit does. Without it nobody stays."""
    folder = home.places.data_of_gateway / FOLDER
    folder.mkdir(parents=True)
    wished = BrokerAccounts(folder, SystemClock(), home.places.granted)

    async def root() -> None:
        while not await asyncio.to_thread(wishes.grant, home.places, ME, Machine(ME)):  # noqa: ASYNC110 - as a path unit
            await asyncio.sleep(0.01)
        os.kill(home.broker, signal.SIGHUP)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(root())
        made = tasks.create_task(wished.add("kettle"))
    password = made.result().password
    async with asyncio.timeout(30):
        while not (kettle := await asyncio.to_thread(home.client, "kettle", password)).admitted:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert not (await asyncio.to_thread(home.client, "kettle", f"{password}x")).admitted
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(root())
        tasks.create_task(wished.remove("kettle"))
    await asyncio.to_thread(_until, lambda: kettle.lost)
    assert not (await asyncio.to_thread(home.client, "kettle", password)).admitted
    assert (await asyncio.to_thread(home.client, "lamp", WORDS["lamp"])).admitted


def test_a_device_is_heard_under_its_own_name_only(home: Home) -> None:
    gateway, lamp = home.client(*home.own()), home.client("lamp", WORDS["lamp"])
    gateway.subscribe("#")
    ours = [
        "lamp/state",
        "stat/lamp/POWER",
        "tele/lamp/SENSOR",
        "shellies/lamp/relay/0",
        "homeassistant/light/lamp/config",
    ]
    for topic in (
        "heater/state",
        "cmnd/heater/POWER",
        "hearthgate/x/status",
        "homeassistant/light/heater/config",
        *ours,
    ):
        lamp.publish(topic)
    _until(lambda: ours[-1] in gateway.heard)
    assert gateway.heard == ours


def test_a_device_hears_what_is_meant_for_it_only(home: Home) -> None:
    gateway, lamp = home.client(*home.own()), home.client("lamp", WORDS["lamp"])
    for topic in ("#", "cmnd/lamp/#", "lamp/#"):
        lamp.subscribe(topic)
    for topic in ("hearthgate/x/camera/door/person", "cmnd/heater/POWER", "cmnd/lamp/POWER"):
        gateway.publish(topic)
    _until(lambda: "cmnd/lamp/POWER" in lamp.heard)
    assert set(lamp.heard) == {"cmnd/lamp/POWER"}


def test_home_assistant_commands_everything_but_says_nothing_in_the_gateways_name(home: Home) -> None:
    gateway, assistant = home.client(*home.own()), home.client("homeassistant", WORDS["homeassistant"])
    gateway.subscribe("#")
    for topic in (
        "hearthgate/x/status",
        "hearthgate/x/health/broker",
        "hearthgate/x/climate/hall/mode/set",
        "lamp/set",
    ):
        assistant.publish(topic)
    _until(lambda: "lamp/set" in gateway.heard)
    assert gateway.heard == ["hearthgate/x/climate/hall/mode/set", "lamp/set"]


def test_only_this_machine_reaches_the_listener_without_tls() -> None:
    text = (OVERLAY / "etc/mosquitto/mosquitto.conf").read_text()
    listeners = re.findall(r"^listener (.*)$", text, re.MULTILINE)
    assert listeners == ["1883 127.0.0.1", "8883"]
    assert "\nallow_anonymous false\n" in text
