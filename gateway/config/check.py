"""What no part can see alone: names given twice, and rules that speak of what is not there."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import partial

from gateway.config.cameras import Camera
from gateway.config.check_climate import check_climate
from gateway.config.document import Document, Where
from gateway.config.rules import Act, RuleSpec, Trigger
from gateway.config.settings import Settings
from gateway.types import Kind

Place = tuple[Document, Where]
"""A document and a place in it."""

NOTIFIERS = frozenset({"notify"})
_ROOMS = frozenset({Kind.CLIMATE_ALARM, Kind.CLIMATE_DECIDED})
_FACES = frozenset({Kind.FACE_RECOGNISED, Kind.FACE_UNKNOWN})


def check(settings: Settings, document: Document, rule_places: list[Place]) -> None:
    """Adds a problem per contradiction to the documents; `rule_places` has one place per rule."""
    _twice([camera.name for camera in settings.cameras], lambda i: (document, ("cameras", i, "name")))
    _twice([device.name for device in settings.devices], lambda i: (document, ("devices", i, "name")))
    _twice([(s.device, s.quantity) for s in settings.sensors], lambda i: (document, ("sensors", i, "device")))
    _twice([rule.name for rule in settings.rules], lambda i: _inside(rule_places[i], "name"))
    _zones(settings, document)
    _gateway(settings, document)
    _twice([room.name for room in settings.climate.rooms], lambda i: (document, ("climate", "rooms", i, "name")))
    check_climate(settings, document)
    for rule, (where_document, where) in zip(settings.rules, rule_places, strict=True):
        _Names(settings, where_document, where).check(rule)


def _inside(place: Place, *more: str | int) -> Place:
    return place[0], (*place[1], *more)


def _twice(names: Iterable[Hashable], place: Callable[[int], Place]) -> None:
    seen: set[Hashable] = set()
    for number, name in enumerate(names):
        if name in seen:
            document, where = place(number)
            document.add(where, "is given to two of them", "choose another name")
        seen.add(name)


def _zones(settings: Settings, document: Document) -> None:
    for number, camera in enumerate(settings.cameras):
        where: Where = ("cameras", number, "zones")
        _twice([zone.name for zone in camera.zones], partial(_at, (document, where)))


def _at(place: Place, number: int) -> Place:
    return _inside(place, number, "name")


def _gateway(settings: Settings, document: Document) -> None:
    gateway = settings.gateway
    if gateway.key_file.is_relative_to(gateway.data_dir):
        document.add(
            ("gateway", "key_file"), "lies in the data directory", "a stolen copy of the data must not hold its key"
        )
    if settings.mqtt.embedded and settings.mqtt.port == settings.web.port:
        document.add(("web", "port"), "is also the port of the embedded broker", "give one of them another port")


class _Names:
    """Checks the names in one rule against what is configured."""

    def __init__(self, settings: Settings, document: Document, where: Where) -> None:
        self._cameras = {camera.name: camera for camera in settings.cameras}
        self._devices = {device.name: device for device in settings.devices}
        self._sensors = {(sensor.device, sensor.quantity) for sensor in settings.sensors}
        self._driven = settings.climate.driven
        self._rooms = {room.name for room in settings.climate.rooms}
        self._document = document
        self._where = where

    def check(self, rule: RuleSpec) -> None:
        self._trigger(rule.when, "when")
        if rule.until is not None:
            self._trigger(rule.until, "until")
        for key, conditions in (("if", rule.all_of), ("unless", rule.none_of)):
            for number, condition in enumerate(conditions):
                if condition.reading is not None:
                    reading = condition.reading
                    self._sensor((reading.device, reading.quantity), (key, number, "reading", "device"))
        for act, where in _acts(rule):
            self._act(act, where)

    def _trigger(self, trigger: Trigger, key: str) -> None:
        if trigger.reading is not None:
            self._sensor((trigger.device, trigger.reading), (key, "device"))
        if trigger.source is None:
            return
        if trigger.event in _ROOMS:
            if trigger.source not in self._rooms:
                self._unknown("room", trigger.source, self._rooms, (key, "source"))
            return
        camera = self._cameras.get(trigger.source)
        if camera is not None:
            self._camera(camera, trigger, key)
        elif trigger.source not in self._devices:
            self._unknown("camera or device", trigger.source, {*self._cameras, *self._devices}, (key, "source"))

    def _act(self, act: Act, where: Where) -> None:
        if act.notify is not None:
            if act.notify.target not in NOTIFIERS:
                self._unknown("way to tell somebody", act.notify.target, NOTIFIERS, (*where, "notify", "target"))
            return
        key = next(key for key in ("switch", "set_level", "set_temperature") if getattr(act, key) is not None)
        target, place = getattr(act, key).target, (*where, key, "target")
        device = self._devices.get(target)
        if device is None:
            self._unknown("device", target, self._devices, place)
        elif target in self._driven:
            self._add(place, f"device '{target}' is driven by climate control", "change what its room wants instead")
        elif key == "set_level" and device.level_command_topic is None:
            self._add(place, f"device '{target}' takes no level", "give it a level_command_topic")
        elif key == "set_temperature" and device.temperature_command_topic is None:
            self._add(place, f"device '{target}' takes no temperature", "give it a temperature_command_topic")

    def _camera(self, camera: Camera, trigger: Trigger, key: str) -> None:
        zones = {zone.name for zone in camera.zones}
        if trigger.zone is not None and trigger.zone not in zones:
            self._unknown("zone of this camera", trigger.zone, zones, (key, "zone"))
        if trigger.event in _FACES and not camera.faces:
            self._add(
                (key, "event"), f"never happens: camera '{camera.name}' does not look at faces", "set faces: true"
            )

    def _sensor(self, wanted: tuple[str | None, str], where: Where) -> None:
        if wanted not in self._sensors:
            known = {f"{device} {quantity}" for device, quantity in self._sensors}
            self._unknown("sensor", f"{wanted[0]} {wanted[1]}", known, where)

    def _unknown(self, what: str, name: str, known: Iterable[str], where: Where) -> None:
        self._add(where, f"names no {what}: '{name}'", f"known: {', '.join(sorted(known)) or 'none'}")

    def _add(self, where: Where, message: str, hint: str) -> None:
        self._document.add((*self._where, *where), message, hint)


def _acts(rule: RuleSpec) -> Iterator[tuple[Act, Where]]:
    undo = rule.until.then if rule.until is not None else ()
    for prefix, acts in ((("then",), rule.then), (("until", "then"), undo)):
        for number, act in enumerate(acts):
            yield act, (*prefix, number)
