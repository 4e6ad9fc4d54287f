"""Would heat end by itself if we fell silent? Every heater needs a lease of a kind that its drive obeys."""

from collections.abc import Iterator

from gateway.config.settings import Settings
from gateway.health.finding import Finding, ok, warn

WORRY = "climate"

_OBEYED = {
    "relay": {"topic", "tasmota_pulsetime", "zigbee_on_time"},
    "valve": {"topic"},
    "opentherm": {"topic", "otgw"},
}


async def check_climate(settings: Settings) -> list[Finding]:
    """Nothing where no room is kept warm."""
    rooms = settings.climate.rooms
    if not rooms:
        return []
    leases = {device.name: device.lease for device in settings.devices}
    found = [
        warn(
            f"{WORRY}/{user}",
            "no_lease",
            f"silence keeps the last state of '{name}': heat would go on when gateway, broker or radio fail",
            "give the device a lease that fits, see docs/config.md",
        )
        for user, name, drive in _heaters(settings)
        if (lease := leases.get(name)) is None or lease.kind not in _OBEYED[drive]
    ]
    return found or [ok(WORRY, f"{len(rooms)} rooms, heat ends by itself where nobody renews it")]


def _heaters(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Room or boiler, device, drive. A spare heater and a cooler are relays."""
    for room in settings.climate.rooms:
        if room.heater is not None:
            yield room.name, room.heater, room.drive
        for name in (room.spare_heater, room.cooler):
            if name is not None:
                yield room.name, name, "relay"
    if settings.climate.boiler is not None:
        yield "boiler", settings.climate.boiler.device, "relay"
