"""Home Assistant's MQTT discovery, in the two forms it knows.

The single-component form is understood by every version; the device form from 2024.12 on. Unknown keys vanish
at the top level but refuse the whole entity within `device` and `origin`, so only known ones are written; a
test holds every announcement against the lists of 2024.3 to 2026.2. Source: the discovery schemas of
homeassistant/components/mqtt, measured with real releases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from gateway.wire.payloads import dump

PREFIX = "homeassistant"
MANUFACTURER = "Hearthgate"

Components = Mapping[str, Mapping[str, str]]
"""Topic of a device announcement -> key of a component -> its platform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A thing of Home Assistant's device list. `id` is unique in the world; `via` is the id of its gateway."""

    id: str
    name: str
    model: str
    sw_version: str
    via: str | None = None
    configuration_url: str | None = None

    def block(self) -> dict[str, Any]:
        block: dict[str, Any] = {
            "identifiers": [self.id],
            "name": self.name,
            "manufacturer": MANUFACTURER,
            "model": self.model,
            "sw_version": self.sw_version,
        }
        if self.via is not None:
            block["via_device"] = self.via
        if self.configuration_url is not None and _is_url(self.configuration_url):
            block["configuration_url"] = self.configuration_url
        return block


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One entity of `device`. `key` is unique within the device; `config` holds the keys of its `component`."""

    component: str
    key: str
    device: Device
    config: Mapping[str, Any]

    def body(self) -> dict[str, Any]:
        """All keys but `device` and `origin`. `object_id` is for versions before 2025.10, `default_entity_id`
        for those after; together they are quiet everywhere."""
        name = f"{self.device.id}_{self.key}"
        return {
            "unique_id": name,
            "object_id": name,
            "default_entity_id": f"{self.component}.{name.lower().replace('-', '_')}",
            **self.config,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """A retained message; `components` maps key to platform in the device form and is empty otherwise."""

    topic: str
    payload: str
    components: Mapping[str, str] = field(default_factory=dict)


def single(entities: Sequence[Entity], version: str, prefix: str = PREFIX) -> tuple[Announcement, ...]:
    """One message per entity: `<prefix>/<component>/<device>/<key>/config`."""
    return tuple(
        Announcement(
            topic=f"{prefix}/{entity.component}/{entity.device.id}/{entity.key}/config",
            payload=dump(entity.body() | {"device": entity.device.block(), "origin": _origin(version)}),
        )
        for entity in entities
    )


def by_device(
    entities: Sequence[Entity],
    version: str,
    prefix: str = PREFIX,
    before: Components | None = None,
) -> tuple[Announcement, ...]:
    """One message per device: `<prefix>/device/<device>/config`.

    A component announced `before` that is no longer there is sent once more, reduced to its platform, which
    is how Home Assistant is told to drop it.
    """
    return tuple(
        _device_form(device, [e for e in entities if e.device == device], version, prefix, before or {})
        for device in dict.fromkeys(entity.device for entity in entities)
    )


def _device_form(
    device: Device,
    entities: Sequence[Entity],
    version: str,
    prefix: str,
    before: Components,
) -> Announcement:
    topic = f"{prefix}/device/{device.id}/config"
    present = {entity.key: entity.component for entity in entities}
    dropped = {key: {"platform": platform} for key, platform in before.get(topic, {}).items() if key not in present}
    components = {entity.key: {"platform": entity.component, **entity.body()} for entity in entities}
    body = {"device": device.block(), "origin": _origin(version), "components": components | dropped}
    return Announcement(topic=topic, payload=dump(body), components=present)


def _origin(version: str) -> dict[str, str]:
    return {"name": "hearthgate", "sw_version": version}


def _is_url(text: str) -> bool:
    """Whether Home Assistant takes it: http or https with a host."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
