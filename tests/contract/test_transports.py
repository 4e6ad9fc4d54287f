"""The fake transport keeps what every transport promises; MQTT is held to it in tests/integration/test_uplink_mqtt.py,
Kafka, as far as that goes without a Kafka, in tests/unit/uplink/transports/test_kafka.py."""

from collections.abc import Sequence

from gateway.seams import Parcel
from gateway.testing.conformance_transport import TransportCase, check_transport
from gateway.testing.outbox import MemoryOutbox
from gateway.testing.transport import MemoryTransport
from tests.unit.uplink.support import devices


async def test_the_fake() -> None:
    box, transport = MemoryOutbox(), MemoryTransport()

    async def parcels(count: int) -> Sequence[Parcel]:
        await box.settle({parcel.id for parcel in await box.next(1000, 10**6)}, {})
        await box.put(devices(count), None)
        return await box.next(count, 10**6)

    async def cut() -> None:
        transport.lose()

    def arrived() -> Sequence[bytes]:
        return [parcel.body for parcel in transport.arrived]

    await check_transport(TransportCase(transport=transport, parcels=parcels, arrived=arrived, cut=cut))
