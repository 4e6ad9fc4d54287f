"""What the gateway looks like on MQTT: which topics carry what now, and which entities Home Assistant is told of.

Pure: messages come out as data; `homeassistant.py` sends them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.types import Event, Kind, Level, State
from gateway.wire import payloads
from gateway.wire.discovery import Device, Entity
from gateway.wire.topics import OFF, OFFLINE, ON, ONLINE, Topics, slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    topic: str
    payload: str
    retain: bool


class Contribution(Protocol):
    """What another part of the gateway adds: its entities and what it keeps retained."""

    @property
    def entities(self) -> tuple[Entity, ...]: ...

    def snapshot(self) -> tuple[Message, ...]:
        """Everything retained, as it is now."""
        ...

    def topics(self) -> tuple[str, ...]:
        """Every topic that may be retained: what to clear once it is gone."""
        ...


class Entities:
    """Turns events and states into messages and remembers what is retained, to send it again."""

    def __init__(self, topics: Topics, cameras: Sequence[str]) -> None:
        self._topics = topics
        self._cameras = tuple(cameras)
        self._states: dict[str, State] = {}
        self._retained: dict[str, str] = {}
        for name in cameras:
            self._retained[topics.camera(name, "available")] = OFFLINE
            self._retained[topics.camera(name, "motion")] = OFF

    def snapshot(self) -> tuple[Message, ...]:
        """Everything retained, as it is now."""
        return tuple(Message(topic=topic, payload=text, retain=True) for topic, text in self._retained.items())

    def topics(self) -> tuple[str, ...]:
        """Every topic that may be retained for the cameras: what to clear once a camera is gone."""
        return tuple(
            topic
            for name in self._cameras
            for topic in (
                *(self._topics.camera(name, what) for what in ("available", "motion", "person")),
                self._topics.health(f"camera/{name}"),
            )
        )

    def on_event(self, event: Event) -> tuple[Message, ...]:
        """Messages in the order of their urgency; nothing for sources that are not our cameras."""
        if event.source not in self._cameras:
            return ()
        return tuple(self._event_messages(event))

    def _event_messages(self, event: Event) -> Iterator[Message]:
        camera = event.source
        if event.kind is Kind.MOTION_BEGAN:
            yield self._keep(self._topics.camera(camera, "motion"), ON)
        elif event.kind is Kind.MOTION_ENDED:
            yield self._keep(self._topics.camera(camera, "motion"), OFF)
        elif event.kind in payloads.FACE_TYPES:
            yield Message(topic=self._topics.camera(camera, "face"), payload=payloads.face(event), retain=False)
            if event.kind is Kind.FACE_RECOGNISED and event.label:
                yield self._keep(self._topics.camera(camera, "person"), event.label)
        yield Message(topic=self._topics.camera(camera, "event"), payload=payloads.event(event), retain=False)

    def on_state(self, state: State) -> tuple[Message, ...]:
        """The part's health; a camera that is not well also becomes unavailable and stops showing motion."""
        self._states[state.part] = state
        return tuple(self._state_messages(state))

    def _state_messages(self, state: State) -> Iterator[Message]:
        yield self._keep(self._topics.health(state.part), payloads.state(state))
        kind, _, name = state.part.partition("/")
        if kind == "camera" and name in self._cameras:
            well = state.level is Level.OK
            if not well:
                yield self._keep(self._topics.camera(name, "motion"), OFF)
            yield self._keep(self._topics.camera(name, "available"), ONLINE if well else OFFLINE)
        yield self._keep(self._topics.problem, payloads.problem(self._states))

    def _keep(self, topic: str, text: str) -> Message:
        self._retained[topic] = text
        return Message(topic=topic, payload=text, retain=True)


def entities(topics: Topics, name: str, cameras: Sequence[str], version: str, page: str | None) -> tuple[Entity, ...]:
    """The gateway's entities and each camera's, `page` being the address of our own page."""
    gateway = gateway_device(topics, name, version, page)
    told = list(_gateway_entities(topics, gateway))
    for camera in cameras:
        device = Device(
            id=f"{gateway.id}_{slug(camera)}",
            name=f"{name} {camera}",
            model="Camera",
            sw_version=version,
            via=gateway.id,
        )
        told += _camera_entities(topics, camera, device)
    return tuple(told)


def gateway_device(topics: Topics, name: str, version: str, page: str | None = None) -> Device:
    return Device(
        id=f"hearthgate_{slug(topics.gateway)}",
        name=name,
        model="Edge gateway",
        sw_version=version,
        configuration_url=page,
    )


def _gateway_entities(topics: Topics, device: Device) -> Iterator[Entity]:
    yield Entity(
        component="binary_sensor",
        key="connection",
        device=device,
        config={
            "name": "Connection",
            "device_class": "connectivity",
            "entity_category": "diagnostic",
            "state_topic": topics.status,
            "payload_on": ONLINE,
            "payload_off": OFFLINE,
        },
    )
    yield Entity(
        component="binary_sensor",
        key="problem",
        device=device,
        config={
            "name": "Problem",
            "device_class": "problem",
            "entity_category": "diagnostic",
            "state_topic": topics.problem,
            "value_template": "{{ value_json.state }}",
            "json_attributes_topic": topics.problem,
            "availability": [{"topic": topics.status}],
        },
    )


def _camera_entities(topics: Topics, camera: str, device: Device) -> Iterator[Entity]:
    here = [{"topic": topics.status}]
    seeing = {"availability": [*here, {"topic": topics.camera(camera, "available")}], "availability_mode": "all"}
    health = topics.health(f"camera/{camera}")
    motion = {
        "name": "Motion",
        "device_class": "motion",
        "state_topic": topics.camera(camera, "motion"),
        "payload_on": ON,
        "payload_off": OFF,
        **seeing,
    }
    person = {
        "name": "Last person",
        "icon": "mdi:account",
        "state_topic": topics.camera(camera, "person"),
        "availability": here,
    }
    face = {
        "name": "Face",
        "icon": "mdi:face-recognition",
        "event_types": sorted(payloads.FACE_TYPES.values()),
        "state_topic": topics.camera(camera, "face"),
        **seeing,
    }
    connection = {
        "name": "Connection",
        "device_class": "connectivity",
        "entity_category": "diagnostic",
        "state_topic": health,
        "value_template": "{{ 'ON' if value_json.level == 'ok' else 'OFF' }}",
        "json_attributes_topic": health,
        "availability": here,
    }
    yield Entity(component="binary_sensor", key="motion", device=device, config=motion)
    yield Entity(component="sensor", key="person", device=device, config=person)
    yield Entity(component="event", key="face", device=device, config=face)
    yield Entity(component="binary_sensor", key="connection", device=device, config=connection)
