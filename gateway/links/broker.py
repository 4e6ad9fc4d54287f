"""An MQTT 3.1.1 broker within the process, for homes that have none: on `amqtt` 0.12.

Nothing is kept over a restart, so it suits the demo and a first evening; an appliance runs Mosquitto
(`config/mosquitto.conf`). QoS 0 and 1, retained messages and last wills work; MQTT 5 does not. Faults of
amqtt that are worked around here and in `gateway.links.door`: a new client was sent the retained messages of
other clients' subscriptions; a plug-in check between two deliveries let a subscriber's arrival lose the
message being delivered; offline sessions collected messages without bound.
"""

import asyncio
import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig, ListenerConfig, ListenerType

from gateway.errors import Refused
from gateway.links.door import BoundedWriter, admit

_LOG = logging.getLogger(__name__)
_LISTENER = "default"
_STOP_S = 5.0


class EmbeddedBroker:
    """Listens while the context is open. `users` maps name to password; there is no anonymous access.

    `port` 0 takes a free one; `.port` tells which. Raises `Refused("broker_port")` when it cannot listen.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, users: Mapping[str, str]) -> None:
        self.port = port
        self._host = host
        self._users = dict(users)
        self._clients: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        for noisy in ("amqtt", "transitions"):
            logging.getLogger(noisy).setLevel(logging.CRITICAL)
        self._broker = _Broker(
            BrokerConfig(listeners={_LISTENER: ListenerConfig(type=ListenerType.EXTERNAL)}, plugins={})
        )
        try:
            self._server = await asyncio.start_server(self._serve, self._host, self.port)
        except OSError as error:
            raise Refused("broker_port", host=self._host, port=self.port, reason=error.strerror) from error
        self.port = self._server.sockets[0].getsockname()[1]
        await self._broker.start()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._server.close()
        await self._broker.shutdown()
        if self._clients:
            _, late = await asyncio.wait(self._clients, timeout=_STOP_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            admitted = await admit(reader, writer, self._users)
            if admitted is not None:
                await self._broker.external_connected(admitted, BoundedWriter(writer), _LISTENER)
        except Exception:  # noqa: BLE001 - what one client does to foreign code must not end the others' service
            _LOG.warning("a client was cut off", exc_info=True)
        finally:
            self._clients.discard(task)
            writer.close()


class _Broker(Broker):  # type: ignore[misc]  # amqtt is untyped
    """amqtt's broker behind our own door."""

    async def _authenticate(self, session: Any, _listener: Any) -> bool:
        """The door has checked. "Anonymous" makes amqtt keep nothing for a session that is offline."""
        session.is_anonymous = True
        return True

    async def _topic_filtering(self, *_args: Any, **_kwargs: Any) -> bool:
        """No access lists, and no suspension while a message is handed to its subscribers."""
        return True

    async def _publish_retained_messages_for_subscription(self, subscription: Any, session: Any) -> None:
        subscribed = self._subscriptions.get(subscription[0], ())
        if any(subscriber.client_id == session.client_id for subscriber, _qos in subscribed):
            await super()._publish_retained_messages_for_subscription(subscription, session)
