"""Whether the rooms of climate control speak of sensors and devices that are there and can do what is asked of them."""

from collections.abc import Iterable, Iterator

from gateway.config.climate import Climate, Room
from gateway.config.devices import Device
from gateway.config.document import Document, Where
from gateway.config.settings import Settings
from gateway.types import Quantity

_ROOM: Where = ("climate", "rooms")


def check_climate(settings: Settings, document: Document) -> None:
    """Adds a problem per name that is not there, and per device that cannot do what its room needs."""
    checker = _Checker(settings, document)
    for number, room in enumerate(settings.climate.rooms):
        checker.room(room, (*_ROOM, number))
    checker.house(settings.climate)


class _Checker:
    def __init__(self, settings: Settings, document: Document) -> None:
        self._devices = {device.name: device for device in settings.devices}
        self._sensors = {(sensor.device, sensor.quantity) for sensor in settings.sensors}
        self._document = document
        self._taken: dict[str, str] = {}

    def room(self, room: Room, where: Where) -> None:
        for place, name, quantity in _heard(room):
            self._sensor(name, quantity, (*where, *place))
        for key in ("heater", "spare_heater", "cooler", "second_contactor"):
            self._device(getattr(room, key), (*where, key), room.name)
        heater = self._devices.get(room.heater or "")
        if heater is not None:
            self._drive(room, heater, (*where, "drive"))

    def house(self, climate: Climate) -> None:
        self._sensor(climate.outdoor, Quantity.TEMPERATURE, ("climate", "outdoor"))
        self._sensor(climate.solar_sensor, Quantity.POWER, ("climate", "solar_sensor"))
        for number, phone in enumerate(climate.phones):
            self._sensor(phone, Quantity.OCCUPANCY, ("climate", "phones", number))
        if climate.boiler is not None:
            for key in ("device", "pump"):
                self._device(getattr(climate.boiler, key), ("climate", "boiler", key), "the boiler")

    def _sensor(self, device: str | None, quantity: Quantity, where: Where) -> None:
        if device is None or (device, quantity) in self._sensors:
            return
        known = [name for name, measured in self._sensors if measured is quantity]
        self._add(where, f"no sensor measures the {quantity.value} of '{device}'", _known(known))

    def _device(self, name: str | None, where: Where, user: str) -> None:
        if name is None:
            return
        if name not in self._devices:
            self._add(where, f"names no device: '{name}'", _known(self._devices))
        elif name in self._taken:
            self._add(where, f"device '{name}' is driven by {self._taken[name]} already", "one of them only")
        else:
            self._taken[name] = user

    def _drive(self, room: Room, heater: Device, where: Where) -> None:
        if room.drive == "valve" and heater.level_command_topic is None:
            self._add(where, f"device '{heater.name}' takes no level", "give it a level_command_topic")
        if room.drive == "opentherm" and heater.temperature_command_topic is None:
            self._add(where, f"device '{heater.name}' takes no temperature", "give it a temperature_command_topic")

    def _add(self, where: Where, message: str, hint: str) -> None:
        self._document.add(where, message, hint)


def _heard(room: Room) -> Iterator[tuple[Where, str | None, Quantity]]:
    """Key, device and quantity of everything that the room listens to."""
    for key in ("sensor", "backup_sensor", "floor_sensor"):
        yield (key,), getattr(room, key), Quantity.TEMPERATURE
    yield ("power_sensor",), room.power_sensor, Quantity.POWER
    yield ("use_sensor",), room.use_sensor, Quantity.POWER
    lists = (("windows", Quantity.CONTACT), ("doors", Quantity.CONTACT), ("motion", Quantity.OCCUPANCY))
    for key, quantity in lists:
        for number, name in enumerate(getattr(room, key)):
            yield (key, number), name, quantity


def _known(names: Iterable[str]) -> str:
    return f"known: {', '.join(sorted(names)) or 'none'}"
