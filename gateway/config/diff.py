"""Which stages a change of the configuration touches."""

from collections.abc import Mapping

from gateway.config.settings import Settings

_WHOLE = (
    "gateway", "mqtt", "sensors", "devices", "rules", "climate", "uplink", "web", "retention", "models", "faces",
    "updates", "logging",
)  # fmt: skip


def diff(old: Settings, new: Settings) -> frozenset[str]:
    """Section names, and "cameras/<name>" for every camera that was added, removed or changed."""
    touched = {section for section in _WHOLE if getattr(old, section) != getattr(new, section)}
    before, after = _cameras(old), _cameras(new)
    touched |= {f"cameras/{name}" for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return frozenset(touched)


def _cameras(settings: Settings) -> Mapping[str, object]:
    return {camera.name: camera for camera in settings.cameras}
