"""The MQTT link: to somebody's broker, or to the embedded one."""

import asyncio
import logging
import os
import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from gateway.app.build.base import Base, Beat
from gateway.config.secrets import Secret, read_credential
from gateway.config.settings import Mqtt, Settings
from gateway.errors import Refused
from gateway.links.mqtt import MqttLink, Will
from gateway.types import Level, State
from gateway.wire.topics import OFFLINE, Topics

PART = "broker"
MACHINES = "broker"
"""The credential with which an image hands over the account at the broker that it brings, on the usual port."""
CLOSE_S = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """A link that is not `usable` never connects: the state of part "broker" says what a person must put right."""

    link: MqttLink
    usable: bool

    async def stay_connected(self, beat: Beat) -> None:
        """A service: when it is cancelled, the link says goodbye before it goes."""
        if not self.usable:
            return
        running = asyncio.ensure_future(self.link.run(beat))
        try:
            await asyncio.shield(running)
        finally:
            await self.link.close()
            await asyncio.wait({running}, timeout=CLOSE_S)
            running.cancel()


async def open_broker(stack: AsyncExitStack, settings: Settings, base: Base) -> Broker:
    """Never raises for a port that is taken or a credential that cannot be read: the house goes on without."""
    mqtt = settings.mqtt
    try:
        if mqtt.embedded and (own := _of_the_machine(settings)) is not None:
            return Broker(link=_link(settings, base, mqtt.port, own), usable=True)
        if mqtt.embedded:
            return await _embedded(stack, settings, base)
        login = read_credential(mqtt.credential, settings.gateway.secrets_dir) if mqtt.credential else None
    except Refused as error:
        log.error("no broker: %s", error)
        base.board.report(State(part=PART, level=Level.DOWN, key=error.key, detail=str(error)))
        return Broker(link=_link(settings, base, mqtt.port, None), usable=False)
    return Broker(link=_link(settings, base, mqtt.port, login), usable=True)


def _of_the_machine(settings: Settings) -> Secret | None:
    """None where this machine brings no broker, or another address than its own was chosen for the embedded one. Two
    brokers on one port would take it from each other, whichever is up first."""
    handed, usual = os.environ.get("CREDENTIALS_DIRECTORY"), Mqtt()
    chosen = (settings.mqtt.listen, settings.mqtt.port) != (usual.listen, usual.port)
    if chosen or handed is None or not (Path(handed) / MACHINES).exists():
        return None
    if settings.mqtt.users:
        log.warning("mqtt: users: is for the embedded broker; this machine has one with accounts of its own")
    return read_credential(MACHINES, settings.gateway.secrets_dir)


async def _embedded(stack: AsyncExitStack, settings: Settings, base: Base) -> Broker:
    # Whoever has a broker, as every image does, starts sooner without another one.
    from gateway.links.broker import EmbeddedBroker

    mqtt = settings.mqtt
    own = Secret(user=f"hearthgate-{secrets.token_hex(4)}", password=secrets.token_urlsafe(24))
    devices = [read_credential(name, settings.gateway.secrets_dir) for name in mqtt.users]
    users = {one.user: one.password for one in [own, *devices]}
    broker = await stack.enter_async_context(EmbeddedBroker(host=mqtt.listen, port=mqtt.port, users=users))
    return Broker(link=_link(settings, base, broker.port, own), usable=True)


def _link(settings: Settings, base: Base, port: int, login: Secret | None) -> MqttLink:
    mqtt, gateway = settings.mqtt, settings.gateway
    return MqttLink(
        host=mqtt.host or mqtt.listen,
        port=port,
        identity=f"hearthgate-{gateway.id}",
        will=Will(topic=Topics(gateway=gateway.id).status, payload=OFFLINE),
        username=login.user if login else None,
        password=login.password if login else None,
        tls=mqtt.tls,
        clock=base.clock,
        report=base.board.report,
        counters=base.counters,
    )
